"""Pages of other origins may call the data plane, and nothing else of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from functions.farebox.errors import BadConfig
from functions.farebox.storage import Store
from tests.support.money.customers import Customer, open_customer
from tests.support.product.in_process import running
from tests.support.product.runtime import config_with

PAGE = "https://app.example.com"
OTHER = "https://other.example.com"
MESSAGES = [{"role": "user", "content": "Hello"}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "echo", "messages": MESSAGES},
    "/v1/embeddings": {"model": "echo", "input": "Hello"},
    "/v1/messages": {"model": "echo", "messages": MESSAGES, "max_tokens": 20},
    "/v1/responses": {"model": "echo", "input": "Hello"},
}
ASKS = {
    "origin": PAGE,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,x-stainless-lang",
}


@asynccontextmanager
async def client_over(store: Store, cors: str | None = None) -> AsyncIterator[tuple[httpx.AsyncClient, Customer]]:
    set_to = running(store) if cors is None else running(store, FAREBOX_DATA_PLANE_CORS=cors)
    async with set_to as instance:
        await instance.runtime.data_plane()
        yield instance.client, await open_customer(store, "1")


def cors_of(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("path", ASKED)
async def test_a_page_of_any_origin_reads_answers_and_all_that_they_say(
    sqlite_store: Store, path: str, stream: bool
) -> None:
    async with client_over(sqlite_store) as (client, customer):
        body = ASKED[path] if path == "/v1/embeddings" else {**ASKED[path], "stream": stream}
        answer = await client.post(path, json=body, headers={**customer.bearer, "origin": PAGE})
        assert answer.status_code == 200, answer.text
        assert cors_of(answer) == {"access-control-allow-origin": "*", "access-control-expose-headers": "*"}
        assert cors_of(await client.post(path, json=body, headers=customer.bearer)) == {}, "nobody asked"


@pytest.mark.parametrize("path", [*ASKED, "/v1/messages/count_tokens", "/v1/models", "/v1/models/x", "/v1/receipts/x"])
async def test_a_browser_is_told_what_it_may_send_without_any_key(sqlite_store: Store, path: str) -> None:
    async with client_over(sqlite_store) as (client, _):
        answer = await client.options(path, headers=ASKS)
        assert (answer.status_code, answer.content) == (204, b"")
        assert cors_of(answer) == {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET, POST",
            "access-control-allow-headers": ASKS["access-control-request-headers"],
            "access-control-max-age": "7200",
            "access-control-expose-headers": "*",
        }
        assert answer.headers["x-request-id"]
        assert (await client.options(path)).status_code in (405, 404), "it is no such question without an origin"


async def test_refusals_can_be_read_by_a_page(sqlite_store: Store) -> None:
    async with client_over(sqlite_store) as (client, customer):
        nobody, known = {"origin": PAGE}, {**customer.bearer, "origin": PAGE}
        answers = [
            await client.post("/v1/chat/completions", json={}, headers=nobody),
            await client.post("/v1/messages", json={}, headers=nobody),
            await client.post("/v1/chat/completions", json={}, headers=known),
            await client.get("/v1/nowhere", headers=known),
            await client.get("/v1/chat/completions", headers=known),
            await client.post("/v1/chat/completions", content=b"x" * 40_000_000, headers=known),
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 400, 404, 405, 413]
        assert {answer.headers.get("access-control-allow-origin") for answer in answers} == {"*"}


async def test_named_origins_are_let_in_and_no_others(sqlite_store: Store) -> None:
    async with client_over(sqlite_store, f"{PAGE}, http://localhost:3000") as (
        client,
        customer,
    ):
        for origin, allowed in ((PAGE, PAGE), ("http://localhost:3000",) * 2, (OTHER, None), ("null", None)):
            asked = await client.options("/v1/responses", headers={**ASKS, "origin": origin})
            answer = await client.get("/v1/models", headers={**customer.bearer, "origin": origin})
            for each in (asked, answer):
                assert each.headers.get("access-control-allow-origin") == allowed
                assert "origin" in each.headers["vary"], "a cache between is not to give one page's answer to another"
            assert ("access-control-allow-headers" in asked.headers) is (allowed is not None)


async def test_it_can_be_turned_off(sqlite_store: Store) -> None:
    async with client_over(sqlite_store, "off") as (client, customer):
        answer = await client.get("/v1/models", headers={**customer.bearer, "origin": PAGE})
        assert (answer.status_code, cors_of(answer)) == (200, {})
        assert (await client.options("/v1/models", headers=ASKS)).status_code == 405


async def test_management_lets_no_page_in_that_is_not_named(sqlite_store: Store) -> None:
    async with client_over(sqlite_store) as (client, _):
        for path in ("/api/auth/login", "/api/keys", "/healthz"):
            assert cors_of(await client.options(path, headers=ASKS)) == {}
            assert cors_of(await client.get(path, headers={"origin": PAGE})) == {}


@pytest.mark.parametrize("text", ["app.example.com", "https://*.example.com", "*, https://a.example", "https://a.b/c"])
def test_what_is_no_origin_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(BadConfig, match="FAREBOX_DATA_PLANE_CORS"):
        config_with({"FAREBOX_DATA_PLANE_CORS": text})
