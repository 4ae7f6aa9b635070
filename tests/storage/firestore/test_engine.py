"""What only Firestore must show: its statuses mean what `Engine` promises, and no commit is sent twice."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import NoReturn

import google.auth
import grpc.aio
import pytest
from google.api_core import exceptions
from google.auth.exceptions import DefaultCredentialsError
from google.protobuf.timestamp_pb2 import Timestamp

from functions.farebox.storage import Check, Contended, Create, Query, Refused, Set, Store, Unreachable, Update, Write
from functions.farebox.storage.connect import open_engine
from functions.farebox.storage.firestore import calls
from functions.farebox.storage.firestore.engine import STREAM_TRIES, FirestoreEngine
from functions.farebox.storage.firestore.protocol.firestore_pb2 import RunQueryRequest, RunQueryResponse, Value
from functions.farebox.storage.firestore.values import decode, set_update_time, version_of


class FailingServer:
    """A server that answers every request with one status, and counts them by method."""

    def __init__(self) -> None:
        self.status = grpc.StatusCode.UNAVAILABLE
        self.details = "as told"
        self.requests: list[str] = []

    async def start(self) -> str:
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((_Handlers(self),))
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        return f"127.0.0.1:{port}"

    async def stop(self) -> None:
        await self._server.stop(None)


class _Handlers(grpc.GenericRpcHandler):
    def __init__(self, server: FailingServer) -> None:
        self._server = server

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        async def answer(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> None:
            self._server.requests.append(details.method.rpartition("/")[2])
            await context.abort(self._server.status, self._server.details)

        return grpc.unary_unary_rpc_method_handler(answer)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FailingServer]:
    server = FailingServer()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", await server.start())
    yield server
    await server.stop()


@pytest.fixture
async def failing(server: FailingServer) -> AsyncIterator[Store]:
    store = Store(FirestoreEngine("test"))
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (grpc.StatusCode.UNAVAILABLE, Unreachable),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Unreachable),
        (grpc.StatusCode.CANCELLED, Unreachable),
        (grpc.StatusCode.INTERNAL, Unreachable),
        (grpc.StatusCode.UNKNOWN, Unreachable),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Unreachable),
        (grpc.StatusCode.ABORTED, Contended),
        (grpc.StatusCode.FAILED_PRECONDITION, Contended),
        (grpc.StatusCode.PERMISSION_DENIED, Refused),
        (grpc.StatusCode.UNAUTHENTICATED, Refused),
        (grpc.StatusCode.INVALID_ARGUMENT, exceptions.InvalidArgument),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_a_failed_commit_is_named_and_never_sent_again(
    server: FailingServer, failing: Store, status: grpc.StatusCode, error: type[Exception]
) -> None:
    server.status = status

    with pytest.raises(error):
        await failing.write(Set("things/a", {"n": 1}))

    assert server.requests == ["Commit"]


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ("Received message larger than max (7200000 vs. 4194304)", exceptions.ResourceExhausted),
        ("grpc: received message larger than max (7200000 vs. 4194304)", exceptions.ResourceExhausted),
        ("gRPC message exceeds maximum size 4194304: 7200000", exceptions.ResourceExhausted),
        ("Quota exceeded.", Unreachable),
    ],
)
async def test_of_what_was_too_large_to_be_read_it_is_known_that_nothing_was_done(
    server: FailingServer, failing: Store, details: str, error: type[Exception]
) -> None:
    server.status, server.details = grpc.StatusCode.RESOURCE_EXHAUSTED, details

    with pytest.raises(error):
        await failing.write(Set("things/a", {"n": 1}))

    assert server.requests == ["Commit"]


@pytest.mark.parametrize("status", ["PERMISSION_DENIED", "UNAUTHENTICATED", "NOT_FOUND", "FAILED_PRECONDITION"])
async def test_a_read_that_is_turned_away_is_the_operators_to_mend_and_asked_once(
    server: FailingServer, failing: Store, status: str
) -> None:
    server.status, server.details = grpc.StatusCode[status], "in Google's words"
    for ask in (failing.get("things/a"), failing.query(Query("things")), failing.count("things")):
        with pytest.raises(Refused, match=f"{status}: in Google's words"):
            await ask
    with pytest.raises(Refused):
        await anext(failing.walk(Query("things")))
    assert len(server.requests) == 4


@pytest.mark.parametrize("status", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL])
async def test_a_failed_read_is_tried_again_and_given_up_in_time(
    server: FailingServer, monkeypatch: pytest.MonkeyPatch, failing: Store, status: grpc.StatusCode
) -> None:
    server.status = status
    monkeypatch.setattr(calls, "TIMEOUT_S", 0.5)

    with pytest.raises(Unreachable):
        await failing.get("things/a")
    with pytest.raises(Unreachable):
        await failing.query(Query("things"))
    with pytest.raises(Unreachable):
        await failing.count("things")

    for method in ("BatchGetDocuments", "RunQuery", "RunAggregationQuery"):
        assert server.requests.count(method) > 1


async def test_what_the_operator_must_mend_is_not_called_unreachable(server: FailingServer, failing: Store) -> None:
    server.status = grpc.StatusCode.FAILED_PRECONDITION  # Firestore's word for a missing index

    with pytest.raises(Refused):
        await failing.query(Query("things"))

    assert server.requests == ["RunQuery"]


async def test_a_server_that_does_not_answer_is_unreachable_when_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setattr(calls, "TIMEOUT_S", 0.3)
    store = Store(FirestoreEngine("test"))

    with pytest.raises(Unreachable):
        await store.write(Set("things/a", {"n": 1}))

    await store.close()


async def test_checks_neither_make_nor_touch_a_document(firestore_url: str) -> None:
    store = Store(FirestoreEngine(firestore_url.removeprefix("firestore://")))
    await store.write(Create("things/a", {"n": 1, "map": {"k": "v"}}))
    before = await store.get("things/a")
    assert before is not None

    for _ in range(3):
        await store.write(Check("things/a", before.version), Check("things/none", None))

    assert await store.get_many("things/a", "things/none") == [before, None]
    await store.close()


async def test_versions_keep_every_digit() -> None:
    for version in ("1795245161.559702000", "0.000000001", "1795245161.000000999"):
        set_update_time(version, stamp := Timestamp())
        assert version_of(stamp) == version


async def test_a_value_that_is_not_ours_is_named() -> None:
    with pytest.raises(TypeError, match="bytes_value"):
        decode(Value(bytes_value=b"x"))


async def test_two_engines_lose_nothing(firestore_url: str) -> None:
    project = firestore_url.removeprefix("firestore://")
    one, other = Store(FirestoreEngine(project)), Store(FirestoreEngine(project))
    await one.write(Create("things/a", {"n": 1}))
    seen = await other.get("things/a")
    assert seen is not None
    await one.write(Update("things/a", {"n": 2}))

    late: list[Write] = [Set("things/a", {"n": 3}, if_version=seen.version)]
    with pytest.raises(Contended):
        await other.write(*late)

    document = await one.get("things/a")
    assert document is not None
    assert document.data == {"n": 2}
    await one.close()
    await other.close()


async def test_a_stream_that_breaks_off_goes_on_from_where_it_was(
    firestore_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(open_engine(firestore_url))
    await store.write(*(Create(f"wallets/w{n % 3}/leases/l{n}", {"user": f"u{n % 2}"}) for n in range(12)))
    monkeypatch.setattr("functions.farebox.storage.firestore.engine.STREAM_PAUSE_S", 0)
    whole, begun = calls.Calls.stream_query, 0

    async def breaking(self: calls.Calls, request: RunQueryRequest) -> AsyncGenerator[RunQueryResponse]:
        nonlocal begun
        begun += 1
        async with aclosing(whole(self, request)) as responses:
            left = 5
            async for response in responses:
                if not left:
                    raise Unreachable("broken off")
                left -= 1
                yield response

    monkeypatch.setattr(calls.Calls, "stream_query", breaking)
    for query in (Query("leases", group=True), Query("leases", order_by="user", group=True)):
        begun = 0
        walked = [each.path async for each in store.walk(query)]
        assert walked == [each.path async for each in store.scan(query)]
        assert (len(walked), begun) == (12, 3)
    await store.close()


@pytest.mark.parametrize(("page", "requests"), [(5, 3), (6, 3), (13, 1)])
async def test_a_stream_is_of_as_many_requests_as_it_takes(
    firestore_url: str, monkeypatch: pytest.MonkeyPatch, page: int, requests: int
) -> None:
    store = Store(open_engine(firestore_url))
    await store.write(*(Create(f"wallets/w{n % 3}/leases/l{n}", {"user": f"u{n % 2}"}) for n in range(12)))
    monkeypatch.setattr("functions.farebox.storage.firestore.engine.STREAM_PAGE", page)
    whole, begun = calls.Calls.stream_query, 0

    def counted(self: calls.Calls, request: RunQueryRequest) -> AsyncGenerator[RunQueryResponse]:
        nonlocal begun
        begun += 1
        return whole(self, request)

    monkeypatch.setattr(calls.Calls, "stream_query", counted)
    for query in (Query("leases", group=True), Query("leases", order_by="user", group=True)):
        begun = 0
        walked = [each.path async for each in store.walk(query)]
        assert walked == [each.path async for each in store.scan(query)]
        assert (len(walked), begun) == (12, requests)
    await store.close()


async def test_a_stream_of_which_nothing_comes_is_given_up(
    server: FailingServer, failing: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.farebox.storage.firestore.engine.STREAM_PAUSE_S", 0)
    with pytest.raises(Unreachable):
        await anext(failing.walk(Query("wallets")))
    assert server.requests == ["RunQuery"] * STREAM_TRIES


async def test_who_has_no_credentials_is_told_how_to_have_some(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_none(**_: object) -> NoReturn:
        raise DefaultCredentialsError

    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setattr(google.auth, "default", find_none)  # looking for them is remembered for a whole process
    store = Store(FirestoreEngine("test"))
    with pytest.raises(Unreachable, match="gcloud auth application-default login"):
        await store.get("users/u1")
    await store.close()
