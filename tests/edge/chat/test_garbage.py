"""What a request was served with goes as it ends: nothing of it waits for the garbage collector, and nothing is kept of
each one for good, so that memory is flat however long an instance lives."""

import gc
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Any
from weakref import ref

import pytest

from functions.edge.asgi.incoming_body import IncomingBody
from functions.edge.asgi.light_request import LightRequest
from functions.farebox.observability.request_context import RequestContext
from functions.farebox.storage import Store
from tests.support.money.customers import open_customer
from tests.support.product.in_process import Instance, running

MESSAGES = [{"role": "user", "content": "Hello"}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": MESSAGES},
    "/v1/embeddings": {"input": "Hello"},
    "/v1/messages": {"messages": MESSAGES, "max_tokens": 20},
    "/v1/responses": {"input": "Hello"},
}
CASES = [(path, stream) for path in ASKED for stream in (False, True) if not (stream and path == "/v1/embeddings")]


@pytest.fixture
async def instance(sqlite_store: Store) -> AsyncIterator[Instance]:
    async with running(sqlite_store, pricing={"echo": {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}}) as instance:
        yield instance


@pytest.mark.parametrize(("path", "stream"), CASES)
async def test_nothing_of_a_request_is_garbage_when_it_has_been_answered(
    sqlite_store: Store, instance: Instance, path: str, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    customer = await open_customer(sqlite_store, "1")
    body = {"model": "echo", **ASKED[path], **({"stream": True} if stream else {})}
    caplog.set_level(logging.ERROR, "farebox.access")  # its lines are kept here, and have the request
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(2):
            answer = await instance.client.post(path, json=body, headers=customer.bearer)
            assert answer.status_code == 200, answer.text
        gc.collect()
        assert [each for each in gc.garbage if isinstance(each, RequestContext | IncomingBody | LightRequest)] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


Container = dict[Any, Any] | list[Any] | set[Any] | deque[Any]
MANY = 15


def containers() -> list[Container]:
    """All that can grow; but for what the database's own library keeps of statements, which it clears now and then."""
    found = [each for each in gc.get_objects() if isinstance(each, dict | list | set | deque)]
    return [each for each in found if not (each and all(type(item) is ref for item in each))]


async def test_nothing_keeps_a_part_of_each_request_for_good(sqlite_store: Store, instance: Instance) -> None:
    customer = await open_customer(sqlite_store, "1")

    async def ask(path: str, **fields: Any) -> None:
        body = {"model": "echo", **ASKED[path], **fields}
        answer = await instance.client.post(path, json=body, headers=customer.bearer)
        assert answer.status_code == 200, answer.text

    async def ask_many() -> None:
        for _ in range(MANY):
            for path in ("/v1/chat/completions", "/v1/messages"):  # of Responses some are kept, as many as fit
                await ask(path)
                await ask(path, stream=True)

    logging.disable(logging.CRITICAL)  # else every line is kept for the test's report
    try:
        await ask_many()  # so that all is there that is made once
        gc.collect()
        before = [(each, len(each)) for each in containers()]
        await ask_many()
        assert [each for each, size in before if len(each) - size >= MANY] == []
    finally:
        logging.disable(logging.NOTSET)
