"""Bodies that clients packed are read in every route that takes one, and are no way around a bound."""

import gzip
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import orjson
import pytest

from functions.chat import MAX_BODY_BYTES
from functions.edge.asgi.content_encoding import ZSTDS_WINDOW_LOG
from functions.edge.asgi.incoming_body import COPIES, SMALL_BYTES
from functions.farebox.kit.memory_budget import MemoryBudget
from functions.farebox.storage import Store
from tests.support.clients.asgi import error_of
from tests.support.money.customers import Customer, open_customer
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn, embedding

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MESSAGES = [{"role": "user", "content": "Hello"}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "test-model", "messages": MESSAGES},
    "/v1/completions": {"model": "test-model", "prompt": "Hello"},
    "/v1/embeddings": {"model": "test-model", "input": "Hello"},
    "/v1/messages": {"model": "test-model", "messages": MESSAGES, "max_tokens": 20},
    "/v1/messages/count_tokens": {"model": "test-model", "messages": MESSAGES},
    "/v1/responses": {"model": "test-model", "input": "Hello"},
}
PRICE = {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without its head": ("deflate", _raw_deflate),
    "zstd": ("zstd", zstd.compress),
    "identity": ("identity", bytes),
}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    async with running(sqlite_store, pricing={"test-model": PRICE}, upstream=upstream) as instance:
        await instance.runtime.data_plane()
        yield instance


@pytest.fixture
async def customer(sqlite_store: Store, instance: Instance) -> Customer:
    return await open_customer(sqlite_store, "1")


async def post(
    instance: Instance, customer: Customer, content: bytes, coding: str, path: str = "/v1/chat/completions"
) -> httpx.Response:
    headers = {**customer.bearer, "content-encoding": coding}
    return await instance.client.post(path, headers=headers, content=content)


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("packing", PACKED)
async def test_a_packed_body_is_served_as_a_plain_one(
    instance: Instance, customer: Customer, upstream: StandIn, packing: str, path: str
) -> None:
    if path == "/v1/embeddings":
        upstream.default = embedding()
    coding, pack = PACKED[packing]
    plain = await instance.client.post(path, headers=customer.bearer, json=ASKED[path])
    answer = await post(instance, customer, pack(orjson.dumps(ASKED[path])), coding, path)
    assert (answer.status_code, answer.headers.get("x-farebox-cost-usd")) == (
        plain.status_code,
        plain.headers.get("x-farebox-cost-usd"),
    )
    assert answer.status_code == 200
    if len(upstream.requests) == 2:
        assert upstream.requests[0].body == upstream.requests[1].body


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("coding", ["br", "zstd, gzip", "gzip, gzip", "x" * 5000])
async def test_what_cannot_be_unpacked_is_refused_by_name(
    instance: Instance, customer: Customer, path: str, coding: str
) -> None:
    answer = await post(instance, customer, b"?", coding, path)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "gzip, deflate, zstd")
    assert answer.json()["error"]["code"] == "unsupported_encoding"
    assert coding[:40] in answer.json()["error"]["message"]
    assert len(answer.content) < 500


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        gzip.compress(b"{}")[:-1],
        gzip.compress(b"{}")[:4],
        gzip.compress(b"{}") + b"x",
        gzip.compress(b"{}") * 2,
        gzip.compress(b"x" * 1000)[:30] + b"\0" * 30,
    ],
    ids=["nothing", "plain", "no end", "a head alone", "more behind it", "twice", "another's end"],
)
async def test_what_is_not_packed_as_it_says_is_refused(instance: Instance, customer: Customer, content: bytes) -> None:
    answer = await post(instance, customer, content, "gzip")
    assert (answer.status_code, error_of(answer)["code"]) == (400, "malformed_encoding")


def _with_window(window_log: int) -> bytes:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: window_log})
    return packer.compress(b"{}") + packer.flush()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        zstd.compress(b"{}")[:-1],
        zstd.compress(b"{}")[:4],
        zstd.compress(b"{}") + b"x",
        zstd.compress(b"{}") * 2,
        _with_window(ZSTDS_WINDOW_LOG + 1),
    ],
    ids=["nothing", "plain", "no end", "a head alone", "more behind it", "twice", "a window that takes much memory"],
)
async def test_what_is_not_zstd_as_content_has_it_is_refused(
    instance: Instance, customer: Customer, content: bytes
) -> None:
    answer = await post(instance, customer, content, "zstd")
    assert (answer.status_code, error_of(answer)["code"]) == (400, "malformed_encoding")


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
async def test_a_bomb_is_refused_before_it_has_unpacked(
    instance: Instance, customer: Customer, upstream: StandIn, packing: str
) -> None:
    coding, pack = PACKED[packing]
    bomb = pack(b" " * (MAX_BODY_BYTES + 1))
    assert len(bomb) < SMALL_BYTES
    answer = await post(instance, customer, bomb, coding)
    assert (answer.status_code, error_of(answer)["code"]) == (413, "request_too_large")
    assert upstream.requests == []


async def test_what_unpacks_to_much_takes_as_much_memory_as_what_comes_so(
    instance: Instance, customer: Customer
) -> None:
    memory = instance.runtime.body_memory = MemoryBudget(2 * SMALL_BYTES * COPIES)
    asked = {"model": "test-model", "messages": [{"role": "user", "content": "word " * SMALL_BYTES}]}
    answer = await post(instance, customer, gzip.compress(orjson.dumps(asked)), "gzip")
    assert (answer.status_code, error_of(answer)["code"]) == (503, "server_busy")
    assert memory.taken_bytes == 0


async def test_who_can_pay_nothing_has_nothing_large_unpacked(sqlite_store: Store, instance: Instance) -> None:
    poor = await open_customer(sqlite_store, "0")
    bomb = gzip.compress(b" " * MAX_BODY_BYTES)
    answer = await post(instance, poor, bomb, "gzip")
    assert (answer.status_code, error_of(answer)["code"]) == (402, "credit_balance_exhausted")


async def test_a_key_of_one_call_knows_a_body_however_it_is_packed(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    body = orjson.dumps(ASKED["/v1/chat/completions"])
    headers = {**customer.bearer, "idempotency-key": "k"}
    await instance.client.post("/v1/chat/completions", headers=headers, content=body)
    packed = {**headers, "content-encoding": "gzip"}
    again = await instance.client.post("/v1/chat/completions", headers=packed, content=gzip.compress(body))
    assert (again.headers["x-farebox-idempotent-replay"], len(upstream.requests)) == ("true", 1)
