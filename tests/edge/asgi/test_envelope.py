import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from functions.edge.asgi.app import edge_app
from functions.edge.asgi.deployables import make_edge
from functions.edge.asgi.envelope import Envelope, request_id
from functions.farebox import errors
from functions.farebox.errors import BadConfig, FareboxError
from functions.farebox.storage import Refused, Unreachable
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of, error_of, refused

LIMIT = 1000


def client_for(runtime: Runtime, endpoint: Callable[[Request], Awaitable[Response]]) -> httpx.AsyncClient:
    return client_of(edge_app(runtime, [Route("/", endpoint, methods=["GET", "POST"])], max_body_bytes=LIMIT))


async def echo(request: Request) -> Response:
    return JSONResponse({"id": request_id(request.scope), "length": len(await request.body())})


@pytest.mark.parametrize("given", ["a", "A-z_0.9", "x" * 128])
async def test_a_clients_request_id_is_kept(runtime: Runtime, given: str) -> None:
    async with client_for(runtime, echo) as client:
        answer = await client.get("/", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given == answer.json()["id"]


@pytest.mark.parametrize("given", [None, "", "x" * 129, "with space", "semi;colon", "tab\t", "per%cent"])
async def test_any_other_request_gets_an_id(runtime: Runtime, given: str | None) -> None:
    async with client_for(runtime, echo) as client:
        answers = [await client.get("/", headers={"x-request-id": given} if given is not None else {}) for _ in "ab"]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2
    assert all(re.fullmatch("req_[0-9a-f]{24}", each) for each in ids)


async def test_what_is_not_there_and_what_is_not_taken_are_told_in_the_same_form(runtime: Runtime) -> None:
    async with client_for(runtime, echo) as client:
        refused(await client.get("/nowhere"), 404, "not_found")
        answer = await client.delete("/")
    refused(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_a_fault_of_ours_is_logged_and_tells_nothing(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_request: Request) -> Response:
        raise RuntimeError("the password is hunter2")

    async with client_for(runtime, fail) as client:
        answer = await client.get("/", headers={"x-request-id": "my-id"})
    refused(answer, 500, "internal_error")
    assert answer.headers["x-request-id"] == "my-id"
    assert "hunter2" not in answer.text
    [record] = [record for record in caplog.records if record.name == "farebox.edge"]
    assert record.levelno == logging.ERROR
    assert "my-id" in record.getMessage()
    assert "hunter2" in caplog.text


async def test_an_answer_that_breaks_after_its_first_byte_is_not_ended_cleanly(runtime: Runtime) -> None:
    async def break_off(_request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"first"
            raise RuntimeError("broken")

        return StreamingResponse(pieces())

    async with client_for(runtime, break_off) as client:
        with pytest.raises(RuntimeError, match="broken"):
            await client.get("/")


@pytest.mark.parametrize("moment", ["before its body has come", "after its answer has begun", "as nobody takes it"])
async def test_a_client_that_goes_is_no_failure(
    runtime: Runtime, caplog: pytest.LogCaptureFixture, moment: str
) -> None:
    sent: list[str] = []

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if moment != "before its body has come":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        if moment != "as nobody takes it":
            await Request(scope, receive).body()
        await send({"type": "http.response.body", "body": b"x"})

    async def has_gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise OSError("the client has gone")
        sent.append(message["type"])

    envelope = Envelope(serve, max_body_bytes=LIMIT)
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    await envelope(scope, has_gone, send)
    assert sent == ([] if moment == "before its body has come" else ["http.response.start"])
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []  # but the line of every request


async def test_an_operating_systems_error_of_our_own_is_a_fault_of_ours(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_request: Request) -> Response:
        raise FileNotFoundError("a file of ours")

    async with client_for(runtime, fail) as client:
        refused(await client.get("/"), 500, "internal_error")
    assert "a file of ours" in caplog.text


async def pieces_of(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 100):
        yield b"x" * 100


async def test_a_body_up_to_the_limit_is_taken_and_one_beyond_is_not(runtime: Runtime) -> None:
    async with client_for(runtime, echo) as client:
        assert (await client.post("/", content=b"x" * LIMIT)).json()["length"] == LIMIT
        assert (await client.post("/", content=pieces_of(LIMIT))).json()["length"] == LIMIT
        refused(await client.post("/", content=b"x" * (LIMIT + 1)), 413, "request_too_large")
        refused(await client.post("/", content=pieces_of(LIMIT + 100)), 413, "request_too_large")


async def test_a_body_that_is_larger_than_it_says_is_refused_too(runtime: Runtime) -> None:
    async with client_for(runtime, echo) as client:
        answer = await client.post("/", content=pieces_of(LIMIT * 2), headers={"content-length": "10"})
    refused(answer, 413, "request_too_large")


async def test_every_answer_bears_safe_headers(runtime: Runtime) -> None:
    async with client_for(runtime, echo) as client:
        for answer in (await client.get("/"), await client.get("/nowhere")):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-frame-options"] == "DENY"
            assert "access-control-allow-origin" not in answer.headers


CASES: list[tuple[FareboxError, int, str, str]] = [
    (errors.InvalidRequest("No.", code="malformed_json"), 400, "invalid_request_error", "malformed_json"),
    (errors.RequestTooLarge("No."), 413, "invalid_request_error", "request_too_large"),
    (errors.RequestTooSlow("No."), 408, "invalid_request_error", "request_timeout"),
    (errors.UnsupportedEncoding("No."), 415, "invalid_request_error", "unsupported_encoding"),
    (errors.IdempotencyMismatch("No."), 422, "invalid_request_error", "idempotency_mismatch"),
    (errors.Unauthenticated("No."), 401, "authentication_error", "invalid_api_key"),
    (errors.OutOfMoney("No."), 402, "insufficient_quota", "credit_balance_exhausted"),
    (errors.Forbidden("No.", code="model_not_allowed"), 403, "permission_error", "model_not_allowed"),
    (errors.NotFound("No.", code="model_not_found"), 404, "invalid_request_error", "model_not_found"),
    (errors.Conflict("No.", code="in_progress"), 409, "conflict_error", "in_progress"),
    (errors.RateLimited("No.", retry_after_s=1.2), 429, "rate_limit_error", "rate_limit_exceeded"),
    (errors.UpstreamFailed("No."), 502, "upstream_error", "upstream_error"),
    (errors.UpstreamUnavailable("No."), 503, "upstream_error", "upstream_unavailable"),
    (errors.UpstreamTimeout("No."), 504, "upstream_error", "upstream_timeout"),
    (errors.ModelUnknown("No."), 404, "invalid_request_error", "model_not_found"),
    (errors.StoreUnavailable("No."), 503, "server_error", "store_unavailable"),
    (errors.ServerBusy("No."), 503, "server_error", "server_busy"),
]


@pytest.mark.parametrize(("error", "status", "kind", "code"), CASES, ids=[type(case[0]).__name__ for case in CASES])
async def test_each_refusal_has_its_status_type_and_headers(
    runtime: Runtime, error: FareboxError, status: int, kind: str, code: str
) -> None:
    async def refuse(_request: Request) -> Response:
        raise error

    async with client_for(runtime, refuse) as client:
        answer = await client.get("/")
    assert answer.status_code == status
    assert error_of(answer) == {"message": "No.", "type": kind, "param": None, "code": code}
    assert answer.headers.get("x-should-retry") == ("false" if status in (401, 402) else None)
    assert answer.headers.get("www-authenticate") == ('Bearer realm="farebox"' if status == 401 else None)
    assert answer.headers.get("retry-after") == {429: "2", 503: answer.headers.get("retry-after")}.get(status)


def test_every_error_of_the_library_is_in_the_table() -> None:
    tested = {type(case[0]) for case in CASES}
    defined = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, FareboxError)}
    assert tested == defined - {FareboxError}


@pytest.mark.parametrize("name", ["chat", "wallet", "stripe_webhook", "scheduled"])
async def test_programs_find_health_at_the_root_of_each_function(runtime: Runtime, name: str) -> None:
    async with client_of(make_edge(name, runtime)) as client:
        answer = await client.get("/", headers={"accept": "application/json"})
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        for accept in ("text/html,application/json;q=0.9", "text/html", "image/png"):
            assert (await client.get("/", headers={"accept": accept})).status_code == 404


async def test_health_is_ill_without_the_store_and_well_with_it(runtime: Runtime) -> None:
    async with client_for(runtime, echo) as client:
        for path in ("/healthz", "/health"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        store = await runtime.store()
        store.engine = _DeadEngine()  # type: ignore[assignment]
        refused(await client.get("/healthz"), 503, "store_unavailable")


async def test_a_store_that_turns_the_server_away_is_the_operators_to_mend_and_no_fault_of_ours(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    store = await runtime.store()
    store.engine = _RefusingEngine()  # type: ignore[assignment]

    async def ask(_request: Request) -> Response:
        await store.get("a/b")
        raise AssertionError("it was refused")

    async with client_for(runtime, ask) as client:
        for path in ("/health", "/"):
            refused(await client.get(path), 503, "store_unavailable")
    told = "the configuration is wrong: FAREBOX_STORE: the database refuses: PERMISSION_DENIED: Missing permissions."
    assert caplog.messages.count(told) == 2
    assert "unhandled" not in caplog.text


async def test_a_configuration_that_turns_out_to_be_wrong_is_told_as_one(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask(_request: Request) -> Response:
        raise BadConfig("FAREBOX_SECRET_KEY", "it is another one")

    async with client_for(runtime, ask) as client:
        assert (await client.get("/")).status_code == 500
    assert "the configuration is wrong: FAREBOX_SECRET_KEY: it is another one" in caplog.messages
    assert "unhandled" not in caplog.text


class _RefusingEngine:
    async def read(self, _paths: object) -> None:
        raise Refused("PERMISSION_DENIED: Missing permissions.")

    async def close(self) -> None:
        return None


class _DeadEngine:
    async def read(self, _paths: object) -> None:
        raise Unreachable

    async def close(self) -> None:
        return None
