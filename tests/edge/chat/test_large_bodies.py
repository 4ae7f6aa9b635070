"""Large bodies are read for who could pay for something, and nobody takes all of their memory from others."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import orjson
import pytest

from functions.chat import MAX_BODY_BYTES
from functions.edge.asgi.incoming_body import COPIES, NOBODY, SMALL_BYTES
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import LARGEST_BODY_BYTES
from tests.support.clients.asgi import client_of
from tests.support.money.customers import Customer, keys_of, open_customer
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn

LONG = "word " * (2 * SMALL_BYTES // 5)
MESSAGES = [{"role": "user", "content": LONG}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "test-model", "messages": MESSAGES},
    "/v1/completions": {"model": "test-model", "prompt": LONG},
    "/v1/embeddings": {"model": "test-model", "input": LONG},
    "/v1/messages": {"model": "test-model", "messages": MESSAGES, "max_tokens": 20},
    "/v1/responses": {"model": "test-model", "input": LONG},
}
PRICE = {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}
FREE = {"input_usd_per_1m": "0", "output_usd_per_1m": "0"}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    async with running(sqlite_store, pricing={"test-model": PRICE}, upstream=upstream) as instance:
        await instance.runtime.data_plane()
        yield instance


class Body:
    """A request's body that knows whether anybody has read it."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.content = orjson.dumps(body)
        self.read_bytes = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.content), 16 * 1024):
            piece = self.content[start : start + 16 * 1024]
            self.read_bytes += len(piece)
            yield piece


async def post(
    instance: Instance, customer: Customer, path: str, body: Body, *, chunked: bool = False, **headers: str
) -> httpx.Response:
    length = {} if chunked else {"content-length": str(len(body.content))}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await instance.client.post(path, content=body.pieces(), headers={**customer.bearer, **length, **named})


def code_of(answer: httpx.Response) -> str:
    code: str = answer.json()["error"]["code"]
    return code


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "in chunks"])
@pytest.mark.parametrize("path", ASKED)
async def test_who_has_nothing_is_refused_before_a_large_body_is_read(
    sqlite_store: Store, instance: Instance, path: str, chunked: bool
) -> None:
    customer, body = await open_customer(sqlite_store, "0"), Body(ASKED[path])
    answer = await post(instance, customer, path, body, chunked=chunked)
    assert (answer.status_code, code_of(answer)) == (402, "credit_balance_exhausted"), answer.text
    assert answer.headers["x-should-retry"] == "false"
    assert body.read_bytes <= (SMALL_BYTES + 16 * 1024 if chunked else 0)
    assert instance.runtime.body_memory.taken_bytes == 0


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"budget": 0}, "user_budget_exceeded"),
        ({"monthly_budget": 0}, "key_budget_exceeded"),
        ({"total_budget": 0}, "key_budget_exceeded"),
    ],
    ids=["the account's", "the key's", "the key's total"],
)
async def test_a_budget_that_lets_nothing_through_counts_as_well(
    sqlite_store: Store, instance: Instance, terms: dict[str, Any], code: str
) -> None:
    customer, body = await open_customer(sqlite_store, "1", **terms), Body(ASKED["/v1/chat/completions"])
    answer = await post(instance, customer, "/v1/chat/completions", body)
    assert (answer.status_code, code_of(answer), body.read_bytes) == (402, code, 0), answer.text


@pytest.mark.parametrize("path", ASKED)
async def test_who_has_money_is_served(sqlite_store: Store, instance: Instance, path: str) -> None:
    customer = await open_customer(sqlite_store, "100")
    for _ in range(2):
        answer = await post(instance, customer, path, Body(ASKED[path]))
        assert answer.status_code == 200, answer.text


async def test_a_lease_in_hand_is_asked_instead_of_the_store(sqlite_store: Store, instance: Instance) -> None:
    customer = await open_customer(sqlite_store, "100")
    path = "/v1/chat/completions"
    assert (await post(instance, customer, path, Body(ASKED[path]))).status_code == 200
    plane = await instance.runtime.data_plane()
    caller = await plane.callers.authenticate(customer.key, str)
    plane.solvency._store = NoStore()  # type: ignore[assignment]
    await plane.solvency.check(caller)


class NoStore:
    """Nobody is to ask it anything."""


async def test_a_free_model_is_for_who_has_nothing_too(sqlite_store: Store, upstream: StandIn) -> None:
    async with running(sqlite_store, pricing={"test-model": FREE}, upstream=upstream) as instance:
        await instance.runtime.data_plane()
        customer = await open_customer(sqlite_store, "0")
        path = "/v1/chat/completions"
        assert (await post(instance, customer, path, Body(ASKED[path]))).status_code == 200


async def test_an_answer_that_was_kept_is_given_again_to_who_has_nothing_any_more(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    path = "/v1/chat/completions"
    cheap = {**ASKED[path], "max_tokens": 20}
    customer = await open_customer(sqlite_store, "100", monthly_budget=10**9)
    first = await post(instance, customer, path, Body(cheap), idempotency_key="once")
    assert first.status_code == 200, first.text
    await instance.stop()
    await keys_of(sqlite_store).change(customer.uid, customer.key_id, {"monthly_budget": 0})
    async with running(sqlite_store, upstream=upstream) as another:
        again = await post(another, customer, path, Body(cheap), idempotency_key="once")
        assert again.headers["x-farebox-idempotent-replay"] == "true", again.text
        other = Body(cheap)
        answer = await post(another, customer, path, other, idempotency_key="twice")
        assert (answer.status_code, code_of(answer), other.read_bytes) == (402, "key_budget_exceeded", 0)


async def test_one_account_takes_no_more_than_its_part_with_however_many_keys(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    memory, path = instance.runtime.body_memory, "/v1/chat/completions"
    one, other = [await open_customer(sqlite_store, "100") for _ in "ab"]
    assert memory.take(LARGEST_BODY_BYTES - 1, one.uid), "of what it has in flight"
    refused = await post(instance, one, path, Body(ASKED[path]))
    assert (refused.status_code, code_of(refused)) == (503, "server_busy")
    assert int(refused.headers["retry-after"]) > 0
    assert (await post(instance, other, path, Body(ASKED[path]))).status_code == 200
    memory.give_back(LARGEST_BODY_BYTES - 1, one.uid)
    assert (await post(instance, one, path, Body(ASKED[path]))).status_code == 200
    assert memory.taken_bytes == 0


async def test_who_is_not_known_takes_nothing_from_those_who_are(sqlite_store: Store, instance: Instance) -> None:
    """The bodies of the management API are read before anybody knows whose they are."""
    memory, path = instance.runtime.body_memory, "/v1/chat/completions"
    assert memory.take(LARGEST_BODY_BYTES, NOBODY)
    from functions.accounts import make_app

    async with client_of(make_app(instance.runtime)) as nobody:
        answer = await nobody.post("/api/auth/login", json={"email": "a@b.com", "password": "x" * SMALL_BYTES})
    assert (answer.status_code, code_of(answer)) == (503, "server_busy")
    customer = await open_customer(sqlite_store, "100")
    assert (await post(instance, customer, path, Body(ASKED[path]))).status_code == 200


def test_the_part_of_an_account_has_room_for_the_largest_body() -> None:
    assert LARGEST_BODY_BYTES == MAX_BODY_BYTES * COPIES


async def test_counting_costs_nothing_but_what_is_large_takes_memory_from_others(
    sqlite_store: Store, instance: Instance
) -> None:
    """Three accounts without a cent could keep everybody else's large requests out."""
    customer = await open_customer(sqlite_store, "0")
    small = {"model": "test-model", "messages": [{"role": "user", "content": "Hello"}]}
    path = "/v1/messages/count_tokens"
    answer = await instance.client.post(path, json=small, headers=customer.bearer)
    assert answer.status_code == 200, answer.text
    answer = await post(instance, customer, path, Body(ASKED["/v1/messages"]))
    assert answer.status_code == 402
    assert "Nothing of your balance is free" in answer.text
