"""The hook against Farebox itself, driven as LiteLLM's documented interface drives a `CustomLogger`."""

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
    return module


@pytest.fixture
async def world(sqlite_store: Store, sqlite_url: str, module: ModuleType) -> AsyncIterator[World]:
    runtime = runtime_over(sqlite_store, sqlite_url, Clock(), **DOORS)
    app = surface_over(runtime)
    async with client_of(app) as client:
        uid, _ = await register(client)
        yield World(app, client, uid, module)
    await runtime.close()


async def before(hook: Any, user_id: str | None, call_id: str = "c1", **metadata: str) -> dict[str, Any]:
    key = SimpleNamespace(user_id=user_id, metadata=metadata)
    data = {"model": "gpt-x", "litellm_call_id": call_id, "metadata": {"farebox": {"user": "forged"}}, "user": "forged"}
    changed: dict[str, Any] = await hook.async_pre_call_hook(key, None, data, "completion")
    return changed


async def after(hook: Any, data: dict[str, Any], *, fails: bool = False) -> None:
    kwargs = {
        "litellm_call_id": data["litellm_call_id"],
        "litellm_params": {"metadata": data["metadata"]},
        "standard_logging_object": CALL,
        "model": "gpt-x",
    }
    event = hook.async_log_failure_event if fails else hook.async_log_success_event
    await event(kwargs, None, START, START + timedelta(seconds=1))


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


async def test_a_failed_call_lets_go_of_its_hold(world: World) -> None:
    hook = world.hook(FAREBOX_HOLD_USD="0.10")
    data = await before(hook, world.uid)
    await after(hook, data, fails=True)
    assert await world.balance() == ("1.00", "0.00")


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
    await after(hook, {"litellm_call_id": "c1", "metadata": {"farebox": {"user": "u", "model": "m"}}})
    assert [request.url.path for request in told] == ["/api/log-usage"] * 3
    assert len({request.content for request in told}) == 1
    answers[:] = [httpx.ConnectError("down")]
    with pytest.raises(HTTPException) as refused:
        await before(hook, world.uid)
    assert refused.value.status_code == 503
