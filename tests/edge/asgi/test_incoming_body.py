"""Memory and time that bodies may take, over all requests of a process."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Scope

from functions.edge.asgi import incoming_body
from functions.edge.asgi.app import edge_app
from functions.edge.asgi.envelope import Envelope
from functions.edge.asgi.incoming_body import COPIES, SMALL_BYTES
from functions.farebox.kit.memory_budget import MemoryBudget
from functions.farebox.observability.request_context import current_request
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of, error_of, refused

LARGE = SMALL_BYTES + 1
ROOM_FOR = 10 * LARGE
PATIENCE_S = 30


@pytest.fixture
def memory(runtime: Runtime) -> MemoryBudget:
    runtime.body_memory = MemoryBudget(ROOM_FOR * COPIES)
    return runtime.body_memory


@pytest.fixture
async def held() -> asyncio.Event:
    """Requests are served until this is set."""
    return asyncio.Event()


@pytest.fixture
async def waiting(runtime: Runtime, memory: MemoryBudget, held: asyncio.Event) -> AsyncIterator[httpx.AsyncClient]:
    async def serve(request: Request) -> Response:
        length = len(await request.body())
        await held.wait()
        return JSONResponse({"length": length})

    async def refuse(_request: Request) -> Response:
        return JSONResponse({}, 401)

    routes = [Route("/", serve, methods=["POST"]), Route("/refuse", refuse, methods=["POST"])]
    async with client_of(edge_app(runtime, routes, max_body_bytes=20 * LARGE)) as client:
        yield client


async def until_taken(memory: MemoryBudget, count_bytes: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while memory.taken_bytes != count_bytes:
            await asyncio.sleep(0)


async def in_pieces(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 1000):
        yield b"x" * 1000
    yield b"x" * (total % 1000)


async def test_large_bodies_count_until_they_are_served_and_beyond_the_budget_are_refused(
    waiting: httpx.AsyncClient, memory: MemoryBudget, held: asyncio.Event
) -> None:
    async with asyncio.TaskGroup() as together:
        served = [together.create_task(waiting.post("/", content=b"x" * LARGE)) for _ in range(10)]
        await until_taken(memory, ROOM_FOR * COPIES)
        for content in (b"x" * LARGE, in_pieces(LARGE)):
            answer = await waiting.post("/", content=content)
            refused(answer, 503, "server_busy")
            assert int(answer.headers["retry-after"]) > 0
        held.set()
    assert {task.result().status_code for task in served} == {200}
    assert memory.taken_bytes == 0
    assert (await waiting.post("/", content=b"x" * LARGE)).json() == {"length": LARGE}


async def test_small_bodies_are_served_whatever_is_in_flight(
    waiting: httpx.AsyncClient, memory: MemoryBudget, held: asyncio.Event
) -> None:
    assert memory.take(ROOM_FOR * COPIES)
    held.set()
    for content in (b"x" * SMALL_BYTES, in_pieces(SMALL_BYTES)):
        assert (await waiting.post("/", content=content)).json() == {"length": SMALL_BYTES}


async def test_a_body_that_nobody_asks_for_takes_nothing(waiting: httpx.AsyncClient, memory: MemoryBudget) -> None:
    memory.take(ROOM_FOR * COPIES)
    assert (await waiting.post("/refuse", content=b"x" * LARGE)).status_code == 401


async def test_one_that_is_too_large_takes_nothing_and_what_came_of_one_is_given_back(
    waiting: httpx.AsyncClient, memory: MemoryBudget, held: asyncio.Event
) -> None:
    refused(await waiting.post("/", content=b"x" * 21 * LARGE), 413, "request_too_large")
    refused(await waiting.post("/", content=in_pieces(11 * LARGE)), 503, "server_busy")
    assert memory.taken_bytes == 0
    held.set()
    assert (await waiting.post("/", content=in_pieces(10 * LARGE))).json() == {"length": 10 * LARGE}
    assert memory.taken_bytes == 0


async def test_work_that_goes_on_without_its_client_keeps_its_memory() -> None:
    memory, done = MemoryBudget(LARGE * COPIES), asyncio.get_running_loop().create_future()

    async def hands_over(_scope: Scope, receive: object, _send: object) -> None:
        assert callable(receive)
        await receive()
        context = current_request.get()
        assert context is not None
        context.work = done

    await Envelope(hands_over, max_body_bytes=LARGE, memory=memory)(scope_of(LARGE), receive_whole, send_nothing)
    assert memory.taken_bytes == LARGE * COPIES
    done.set_result(None)
    await asyncio.sleep(0)
    assert memory.taken_bytes == 0


async def test_a_client_that_goes_before_its_body_has_come_is_no_failure_and_gives_its_memory_back(
    runtime: Runtime, memory: MemoryBudget, caplog: pytest.LogCaptureFixture
) -> None:
    async def serve(request: Request) -> Response:
        await request.body()
        raise AssertionError

    async def goes() -> Message:
        return {"type": "http.disconnect"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    app = edge_app(runtime, [Route("/", serve, methods=["POST"])])
    await app(scope_of(LARGE), goes, send)
    assert sent == []
    assert memory.taken_bytes == 0
    assert not [record for record in caplog.records if record.name == "farebox.edge"]


async def test_a_large_body_that_stops_coming_is_refused_and_gives_its_memory_back(
    waiting: httpx.AsyncClient, memory: MemoryBudget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming_body, "PAUSE_S", 0.1)

    async def stops() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(3600)

    answer = await waiting.post("/", content=stops(), headers={"content-length": str(LARGE)})
    refused(answer, 408, "request_timeout")
    assert memory.taken_bytes == 0


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/embeddings", "/v1/messages", "/v1/responses"])
async def test_every_dialect_says_that_the_server_is_busy(
    signed_in: httpx.AsyncClient, runtime: Runtime, path: str
) -> None:
    key = (await signed_in.post("/api/keys", json={"name": "x"})).json()["key"]
    runtime.body_memory.take(256 * 1024 * 1024)
    answer = await signed_in.post(path, content=b"x" * LARGE, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "server_busy"
    assert int(answer.headers["retry-after"]) > 0
    nobodys = await signed_in.post(path, content=b"x" * LARGE, headers={"authorization": "Bearer fb-live-x-y"})
    assert nobodys.status_code == 401, "who it is comes before what they send"


async def test_management_says_that_the_server_is_busy(runtime: Runtime) -> None:
    from functions.keys import make_app

    runtime.body_memory = MemoryBudget(0)
    async with client_of(make_app(runtime)) as client:
        answer = await client.post("/api/keys", content=b"x" * LARGE)
    refused(answer, 503, "server_busy")
    assert error_of(answer)["type"] == "server_error"


def scope_of(length: int) -> Scope:
    headers = [(b"content-length", b"%d" % length)]
    return {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}


async def receive_whole() -> Message:
    return {"type": "http.request", "body": b"x" * LARGE, "more_body": False}


async def send_nothing(_message: Message) -> None:
    return None
