"""The hook against Farebox itself, driven as LiteLLM's documented interface drives a `CustomLogger`. LiteLLM is not
installed for it; `tests/interop` has the real one."""

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import HTTPException
from starlette.types import ASGIApp

from functions.farebox.storage import Store
from tests.support.clients.asgi import client_of
from tests.support.clients.management import AS_ADMIN, BILLING_KEY, DOORS, done, register
from tests.support.money.wallet_books import clean_audit
from tests.support.processes import ROOT
from tests.support.product.app import surface_over
from tests.support.product.runtime import Clock, runtime_over

START = datetime(2026, 11, 21, tzinfo=UTC)
CALL = {"prompt_tokens": 10, "completion_tokens": 5, "response_cost": 1.25e-05, "model_group": "gpt-x"}


class World:
    def __init__(self, app: ASGIApp, client: httpx.AsyncClient, uid: str, module: ModuleType) -> None:
        self.client, self.uid = client, uid
        self.posts: list[str] = []
        self._app, self._module = app, module

    def hook(self, **variables: str) -> Any:
        environment = {"FAREBOX_URL": "http://farebox.test", "FAREBOX_BILLING_KEY": BILLING_KEY, **variables}

        async def note(request: httpx.Request) -> httpx.Response:
            self.posts.append(request.url.path)
            return await inner.handle_async_request(request)

        inner = httpx.ASGITransport(self._app)
        return self._module.FareboxHook(environment, httpx.MockTransport(note))

    async def balance(self) -> tuple[str, str]:
        user = await done(self.client.get(f"/api/admin/users/{self.uid}", headers=AS_ADMIN))
        return user["balance_usd"], user["reserved_usd"]

    async def set_balance(self, usd: str) -> None:
        body = {"user_id": self.uid, "balance_usd": usd, "reason": "test"}
        await done(self.client.post("/api/admin/credits/set", json=body, headers=AS_ADMIN))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The hook, with a stand-in for the one class that it takes from LiteLLM."""
    stand_in: Any = ModuleType("litellm.integrations.custom_logger")
    stand_in.CustomLogger = type("CustomLogger", (), {})
    for name in ("litellm", "litellm.integrations"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    spec = importlib.util.spec_from_file_location("farebox_hook", ROOT / "integrations/litellm/farebox_hook.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(module, "VOID_AFTER_S", 0.001)
    return module


@pytest.fixture
async def world(sqlite_store: Store, sqlite_url: str, module: ModuleType) -> AsyncIterator[World]:
    runtime = runtime_over(sqlite_store, sqlite_url, Clock(), **DOORS)
    app = surface_over(runtime)
    async with client_of(app) as client:
        uid, _ = await register(client)
        yield World(app, client, uid, module)
    await runtime.close()


async def before(
    hook: Any,
    user_id: str | None,
    call_id: str = "c1",
    call_type: str = "acompletion",
    sent: dict[str, Any] | None = None,
    **metadata: str,
) -> dict[str, Any]:
    """What LiteLLM would call with. It names the call as the client does, and keeps a copy of what that sent."""
    key = SimpleNamespace(user_id=user_id, metadata=metadata)
    forged = {"farebox": {"user": "forged", "model": "m", "id": "forged"}, "mine": "kept"}
    body = {"model": "gpt-x", "user": "forged", "metadata": forged, **(sent or {})}
    data = {**body, "litellm_call_id": call_id, "proxy_server_request": {"body": dict(body), "headers": {}}}
    changed: dict[str, Any] = await hook.async_pre_call_hook(key, None, data, call_type)
    return changed


def told_of(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What LiteLLM tells of a call."""
    metadata = {name: data[name] for name in ("metadata", "litellm_metadata") if name in data}
    call_id = changes.pop("call_id", data["litellm_call_id"])
    call = {**CALL, **changes}
    return {"litellm_call_id": call_id, "litellm_params": metadata, "standard_logging_object": call, "model": "gpt-x"}


async def after(hook: Any, data: dict[str, Any], *, fails: bool = False, **changes: Any) -> None:
    event = hook.async_log_failure_event if fails else hook.async_log_success_event
    await event(told_of(data, **changes), None, START, START + timedelta(seconds=1))


async def give_up(hook: Any, data: dict[str, Any]) -> None:
    """A call has failed for good."""
    await hook.async_post_call_failure_hook(data, RuntimeError(), None)
    await asyncio.gather(*hook._voids)


@pytest.mark.parametrize("variables", [{}, {"FAREBOX_HOLD_USD": "0.10"}])
async def test_an_empty_wallet_is_refused_before_the_call(world: World, variables: dict[str, str]) -> None:
    await world.set_balance("0")
    with pytest.raises(HTTPException) as refused:
        await before(world.hook(**variables), world.uid)
    assert refused.value.status_code == 402
    assert refused.value.detail["error"]["code"] == "credit_balance_exhausted"  # type: ignore[index]


@pytest.mark.parametrize("variables", [{}, {"FAREBOX_HOLD_USD": "0.10"}])
async def test_a_call_is_charged_once_though_its_callback_comes_three_times(
    world: World, variables: dict[str, str], sqlite_store: Store
) -> None:
    hook = world.hook(**variables)
    data = await before(hook, world.uid)
    assert (await world.balance())[1] == ("0.10" if variables else "0.00")
    await asyncio.gather(*(after(hook, data) for _ in range(3)))
    assert await world.balance() == ("0.9999875", "0.00")
    await clean_audit(sqlite_store)


async def test_users_are_mapped_and_what_clients_claim_is_not_believed(world: World) -> None:
    mapped = world.hook(FAREBOX_USERS=f'{{"litellm-7": "{world.uid}"}}')
    assert (await before(mapped, "litellm-7"))["metadata"]["farebox"]["user"] == world.uid
    by_key = await before(world.hook(), "somebody", farebox_user=world.uid)
    assert by_key["metadata"]["farebox"]["user"] == world.uid
    for user_id in (None, "nobody"):
        with pytest.raises(HTTPException) as refused:
            await before(world.hook(), user_id)
        assert refused.value.status_code == 403


async def test_a_call_that_failed_for_good_lets_go_of_its_hold_and_one_that_is_tried_again_keeps_it(
    world: World, sqlite_store: Store
) -> None:
    hook = world.hook(FAREBOX_HOLD_USD="0.10")
    data = await before(hook, world.uid)
    await after(hook, data, fails=True, response_cost=0)
    assert await world.balance() == ("1.00", "0.10")
    await give_up(hook, data)
    assert await world.balance() == ("1.00", "0.00")
    data = await before(hook, world.uid)
    await after(hook, data, fails=True, response_cost=0.02)  # a stream that broke off, and its retry
    await after(hook, data, response_cost=0.05)
    await give_up(hook, data)  # as of an answer that something refused afterwards
    assert await world.balance() == ("0.93", "0.00")
    await clean_audit(sqlite_store)


@pytest.mark.parametrize("variables", [{}, {"FAREBOX_HOLD_USD": "0.10"}])
async def test_each_call_is_charged_whatever_its_client_calls_it(
    world: World, variables: dict[str, str], sqlite_store: Store
) -> None:
    hook = world.hook(**variables)
    for cost in (0.0001, 0.05, 0.05):
        await after(hook, await before(hook, world.uid, "the same"), response_cost=cost)
    assert await world.balance() == ("0.8999", "0.00")
    data = await before(hook, world.uid, "the same")
    for call_id in ("the same", "made for it", "made for it"):
        await after(hook, data, call_id=call_id, response_cost=0.01)
    assert await world.balance() == ("0.8799", "0.00")
    await clean_audit(sqlite_store)


STEERING: dict[str, Any] = {
    "no-log": True,
    "has_logged_async_success": True,
    "async_complete_streaming_response": False,
    "litellm_params": {"no-log": True},
    "litellm_disabled_callbacks": ["farebox"],
    "cache_hit": True,
    "response_cost": 1e-9,
    "input_cost_per_token": 0,
    "base_model": "cheap",
    "custom_llm_provider": "ollama",
    "mock_response": "x",
    "litellm_call_id": "x",
    "fallbacks": [{"model": "m", "no-log": True}],
    "extra_body": {"no-log": True},
    "background": True,
    "service_tier": "flex",
}


@pytest.mark.parametrize(
    "call_type", ["acompletion", "atext_completion", "aembedding", "anthropic_messages", "aresponses"]
)
async def test_what_steers_the_proxy_is_refused_by_name_before_anybody_is_asked(
    module: ModuleType, call_type: str
) -> None:
    environment = {"FAREBOX_URL": "http://farebox.test", "FAREBOX_BILLING_KEY": "k"}
    hook = module.FareboxHook(environment, httpx.MockTransport(lambda request: httpx.Response(500)))
    for field, value in STEERING.items():
        with pytest.raises(HTTPException) as refused:
            await before(hook, "u", call_type=call_type, sent={field: value})
        detail: Any = refused.value.detail
        assert (refused.value.status_code, detail["error"]["param"]) == (400, field)
        assert detail["error"]["code"] == "unsupported_parameter"


async def test_what_the_apis_know_passes_and_so_does_what_the_operator_names(world: World) -> None:
    known = {"stream": True, "temperature": 1, "tools": [], "background": False, "service_tier": "auto"}
    data = await before(world.hook(), world.uid, sent={**known, "timeout": 0.1, "num_retries": 99})
    assert known.items() <= data.items()
    assert not {"timeout", "num_retries"} & set(data)
    hook = world.hook(FAREBOX_PASS_FIELDS="timeout, service_tier, mirostat")
    more = {"timeout": 9, "service_tier": "flex", "mirostat": 2}
    assert more.items() <= (await before(hook, world.uid, sent=more)).items()


async def test_a_header_that_silences_callbacks_and_calls_that_cannot_be_billed_are_refused(world: World) -> None:
    hook, key = world.hook(), SimpleNamespace(user_id=world.uid, metadata={})
    request = {"body": {"model": "m"}, "headers": {"X-LiteLLM-Disable-Callbacks": "farebox"}}
    with pytest.raises(HTTPException) as silenced:
        await hook.async_pre_call_hook(key, None, {"model": "m", "proxy_server_request": request}, "acompletion")
    assert silenced.value.status_code == 400
    for call_type in ("acreate_batch", "_arealtime", "pass_through_endpoint", "aget_responses"):
        with pytest.raises(HTTPException) as refused:
            await before(hook, world.uid, call_type=call_type)
        assert refused.value.status_code == 403
    assert world.posts == []


@pytest.mark.parametrize("call_type", ["anthropic_messages", "aresponses", "acompletion"])
async def test_the_note_is_kept_where_neither_client_nor_vendor_finds_it(world: World, call_type: str) -> None:
    forged = {"farebox": {"user": "forged"}, "model_info": {"input_cost_per_token": 0}}
    data = await before(world.hook(), world.uid, call_type=call_type, sent={"litellm_metadata": forged})
    own = "metadata" if call_type == "acompletion" else "litellm_metadata"
    assert data[own]["farebox"]["user"] == world.uid
    others = {key for name in ("metadata", "litellm_metadata") if name != own for key in data[name]}
    assert others <= {"mine"}
    assert "model_info" not in data["litellm_metadata"]


async def test_a_model_without_a_price_costs_its_hold_or_is_a_loss_and_is_refused_from_then_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for variables in ({"FAREBOX_HOLD_USD": "0.10"}, {}):
        hook = world.hook(**variables)
        await after(hook, await before(hook, world.uid), response_cost=0, prompt_tokens=0, completion_tokens=0)
        await after(hook, await before(hook, world.uid), response_cost=None)
        with pytest.raises(HTTPException) as refused:
            await before(hook, world.uid)
        assert refused.value.status_code == 404
    assert await world.balance() == ("0.80", "0.00")
    assert caplog.text.count("A loss: a call was not charged, LiteLLM knows no price of it") == 2
    free = world.hook(FAREBOX_FREE_MODELS="other,gpt-x")
    for _ in range(2):
        await after(free, await before(free, world.uid), response_cost=0)
    assert await world.balance() == ("0.80", "0.00")


async def test_what_could_not_be_charged_is_told_as_a_loss(
    world: World, module: ModuleType, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = world.hook()
    data = await before(hook, world.uid)
    await after(hook, data, response_cost=-1)
    assert "A loss: a call was not charged, Farebox refused it: 400" in caplog.text
    monkeypatch.setattr(module, "TOLD_WITHIN_S", 0.0)
    await before(hook, world.uid, "c2")
    await before(hook, world.uid, "c3")
    assert caplog.text.count("LiteLLM told nothing of it") == 1
    assert '"call": "c2"' in caplog.text


async def test_holds_keep_many_at_once_within_the_wallet(world: World) -> None:
    hook = world.hook(FAREBOX_HOLD_USD="0.30")
    found = await asyncio.gather(
        *(before(hook, world.uid, f"c{number}") for number in range(6)), return_exceptions=True
    )
    assert sum(not isinstance(each, HTTPException) for each in found) == 3


async def test_nothing_is_served_while_farebox_does_not_answer_and_charges_are_told_again(
    world: World, module: ModuleType
) -> None:
    well = httpx.Response(200, json={})
    answers: list[httpx.Response | Exception] = [httpx.ConnectError("down"), httpx.Response(503), well]
    told: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        told.append(request)
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    environment = {"FAREBOX_URL": "http://farebox.test", "FAREBOX_BILLING_KEY": "k"}
    hook = module.FareboxHook(environment, httpx.MockTransport(answer))
    note = {"user": "u", "model": "m", "kind": "completion", "id": "i", "call": "c1"}
    await after(hook, {"litellm_call_id": "c1", "metadata": {"farebox": note}})
    assert [request.url.path for request in told] == ["/api/log-usage"] * 3
    assert len({request.content for request in told}) == 1
    answers[:] = [httpx.ConnectError("down")]
    with pytest.raises(HTTPException) as refused:
        await before(hook, world.uid)
    assert refused.value.status_code == 503
