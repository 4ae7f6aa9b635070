"""Log lines as Cloud Logging and people read them."""

import asyncio
import json
import logging
import logging.config
import time
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.edge.asgi.app import edge_app
from functions.farebox.config import read_log_settings
from functions.farebox.errors import BadConfig
from functions.farebox.observability.logs import Access, LogSettings, log_access, set_up_logs
from functions.farebox.observability.redaction import HIDDEN, redact
from functions.farebox.observability.request_context import RequestContext, TraceContext, note, parse_trace
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of
from tests.support.product.runtime import Clock, config_with, runtime_over

TRACE = "0af7651916cd43dd8448eb211c80319c"
CLOUD = LogSettings(as_json=True, project="project", level=logging.INFO)
LOCAL = LogSettings(as_json=False, project=None, level=logging.INFO)


pytestmark = pytest.mark.usefixtures("logs_as_they_were")


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str) -> Runtime:
    return runtime_over(sqlite_store, sqlite_url, Clock())


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


async def show(request: Request) -> Response:
    note(uid="user_1", key="key_1")
    if request.path_params["id"] == "broken":
        raise ValueError("a prompt that nobody may read")
    if request.path_params["id"] == "warned":
        logging.getLogger("farebox.tests").warning("mind this")
    return JSONResponse({}, 201)


def client_for(runtime: Runtime) -> httpx.AsyncClient:
    return client_of(edge_app(runtime, [Route("/things/{id}", show, methods=["GET"])]))


async def test_a_request_is_one_line_that_cloud_logging_shows_with_its_trace(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(CLOUD)
    headers = {"x-request-id": "mine", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    async with client_for(runtime) as client:
        await client.get("/things/ada@example.com?email=ada@example.com", headers=headers)
    [line] = lines(capsys)
    assert line.pop("time").endswith("+00:00")
    assert float(line["httpRequest"].pop("latency").removesuffix("s")) >= 0
    assert line == {
        "severity": "INFO",
        "message": "GET /things/{id} 201",
        "logger": "farebox.access",
        "request_id": "mine",
        "logging.googleapis.com/trace": f"projects/project/traces/{TRACE}",
        "logging.googleapis.com/spanId": "b7ad6b7169203331",
        "logging.googleapis.com/trace_sampled": True,
        "httpRequest": {"requestMethod": "GET", "requestUrl": "/things/{id}", "status": 201},
        "uid": "user_1",
        "key": "key_1",
    }


def access_records(monkeypatch: pytest.MonkeyPatch) -> tuple[logging.LogRecord, logging.LogRecord]:
    """The record of a request's line, and what `logging` makes of the same."""
    access = Access("GET", "/things/{id}", 201, 0.25, RequestContext("mine"))
    logger = logging.getLogger("farebox.access")
    handled: list[logging.LogRecord] = []
    monkeypatch.setattr(logger, "handle", handled.append)
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.9997)
    log_access(logger, access)
    logger.info("%s %s %d", access.method, access.route, access.status, extra={"access": access})
    [made, usual] = handled
    return made, usual


def test_the_record_of_a_request_is_as_logging_would_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_logs(LOCAL)
    made, usual = access_records(monkeypatch)
    made_ms, usual_ms = made.__dict__.pop("relativeCreated"), usual.__dict__.pop("relativeCreated")
    assert made_ms == pytest.approx(usual_ms)
    assert vars(made) == vars(usual)


def test_a_factory_of_records_makes_those_of_requests_too(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = logging.getLogRecordFactory()

    def with_span(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = usual(*args, **kwargs)
        record.__dict__["span"] = "s1"
        return record

    set_up_logs(LOCAL)
    logging.setLogRecordFactory(with_span)
    try:
        made, _ = access_records(monkeypatch)
    finally:
        logging.setLogRecordFactory(usual)
    assert (made.__dict__["span"], made.getMessage()) == ("s1", "GET /things/{id} 201")


async def test_what_is_logged_on_the_way_bears_the_same_request_and_trace(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(CLOUD)
    async with client_for(runtime) as client:
        await client.get("/things/warned", headers={"x-cloud-trace-context": f"{TRACE}/26;o=1"})
    warning, access = lines(capsys)
    assert (warning["severity"], warning["message"]) == ("WARNING", "mind this")
    assert warning["request_id"] == access["request_id"]
    assert warning["logging.googleapis.com/spanId"] == "000000000000001a"
    assert "httpRequest" not in warning


async def test_a_fault_is_logged_with_its_place_and_class_and_without_its_words(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(CLOUD)
    async with client_for(runtime) as client:
        await client.get("/things/broken")
    fault, access = lines(capsys)
    assert fault["severity"] == "ERROR"
    assert fault["message"].startswith("unhandled exception: GET /things/{id}, request ")
    assert "test_logs.py" in fault["stack_trace"]
    assert fault["stack_trace"].endswith(f"builtins.ValueError: {HIDDEN}\n")
    assert access["httpRequest"]["status"] == 500


async def test_for_people_a_request_is_a_line_they_can_read(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(LOCAL)
    async with client_for(runtime) as client:
        await client.get("/things/1", headers={"x-request-id": "mine"})
        await client.get("/things/broken")
    told, fault, *stack, _ = capsys.readouterr().err.splitlines()
    assert " GET /things/{id} 201 " in told
    assert told.endswith(" ms uid=user_1 key=key_1 mine")
    assert "ERROR unhandled exception: GET /things/{id}" in fault
    assert stack[-1] == f"builtins.ValueError: {HIDDEN}"


def test_exceptions_that_speak_to_operators_are_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(CLOUD)
    for error in (BadConfig("PORT", "no number"), ConnectionRefusedError(111, "refused"), KeyError("a prompt")):
        try:
            raise error
        except Exception:
            logging.getLogger("farebox.tests").exception("it failed")
    said = [line["stack_trace"] for line in lines(capsys)]
    assert "PORT: no number" in said[0]
    assert "refused" in said[1]
    assert "a prompt" not in said[2]


async def test_a_task_that_fails_unheard_does_not_spill_what_it_raised(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(CLOUD)

    async def fail() -> None:
        raise ValueError("a prompt")

    loop = asyncio.get_running_loop()
    task = loop.create_task(fail())
    await asyncio.wait([task])
    loop.default_exception_handler({"message": "Task exception was never retrieved", "future": task})
    assert task.exception() is not None
    [line] = lines(capsys)
    assert line["message"] == "Task exception was never retrieved"


def test_what_a_host_does_to_the_logs_after_importing_us_is_undone(capsys: pytest.CaptureFixture[str]) -> None:
    ours, raw = logging.getLogger("farebox.tests"), logging.getLogger("uvicorn.access")
    logging.config.dictConfig(
        {
            "version": 1,
            "handlers": {"theirs": {"class": "logging.StreamHandler"}},
            "root": {"level": "WARNING", "handlers": ["theirs"]},
        }
    )
    raw.addHandler(logging.StreamHandler())
    assert ours.disabled
    set_up_logs(CLOUD)
    ours.warning("mind this")
    raw.info("GET /things/ada@example.com")
    assert [line["message"] for line in lines(capsys)] == ["mind this"]
    assert not raw.hasHandlers()  # which is what uvicorn asks before it makes a line


@pytest.mark.parametrize(
    "secret",
    [
        "fb-live-k1-0123456789abcdef",
        "sk-proj-0123456789",
        "sk_live_0123456789",
        "whsec_0123456789",
        "ada.lovelace+x@example.com",
        "Bearer abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    ],
)
def test_credentials_and_addresses_are_hidden_wherever_they_turn_up(secret: str) -> None:
    assert redact(f"it says {secret!r} there") == redact(redact(f"it says {secret!r} there"))
    assert secret not in redact(f"it says {secret!r} there")
    assert redact(f"({secret})").startswith(f"({HIDDEN}")


def test_what_is_no_secret_stays() -> None:
    text = "POST /v1/chat/completions 200 user_4f2 use_01 gpt-4o-mini task-force price_1"
    assert redact(text) == text


@pytest.mark.parametrize(
    ("traceparent", "cloud", "found"),
    [
        (f"00-{TRACE}-b7ad6b7169203331-00", None, TraceContext(TRACE, "b7ad6b7169203331", False)),
        (f"00-{TRACE}-b7ad6b7169203331-01", f"{'1' * 32}/1;o=0", TraceContext(TRACE, "b7ad6b7169203331", True)),
        (f"ff-{TRACE}-b7ad6b7169203331-01", None, None),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", None, None),
        (f"00-{TRACE}-{'0' * 16}-01", None, None),
        ("nonsense", f"{TRACE}/1", TraceContext(TRACE, "0000000000000001", False)),
        (None, f"{TRACE}/0;o=1", None),
        (None, f"{TRACE}/{1 << 64};o=1", None),
        (None, TRACE, None),
        (None, None, None),
    ],
)
def test_the_place_in_a_trace_is_read_from_either_header(
    traceparent: str | None, cloud: str | None, found: TraceContext | None
) -> None:
    assert parse_trace(traceparent, cloud) == found


def test_the_level_and_the_form_follow_from_where_it_runs() -> None:
    cloud = {"K_SERVICE": "farebox-chat", "FAREBOX_STORE": "firestore://project/farebox"}
    assert read_log_settings(cloud) == CLOUD
    assert read_log_settings({}) == LOCAL
    assert read_log_settings({"FAREBOX_LOG_LEVEL": "debug"}).level == logging.DEBUG
    assert read_log_settings({**cloud, "FAREBOX_LOG_LEVEL": "debug"}).level == logging.INFO
    assert read_log_settings({"FAREBOX_LOG_LEVEL": "warning"}).level == logging.WARNING
    with pytest.raises(BadConfig, match="FAREBOX_LOG_LEVEL"):
        config_with({**cloud, "FAREBOX_LOG_LEVEL": "debug"})


@pytest.mark.parametrize(
    ("variables", "variable"),
    [
        ({"FAREBOX_TELEMETRY": "otlp"}, "FAREBOX_TELEMETRY"),
        ({"FAREBOX_TELEMETRY": "google"}, "FAREBOX_TELEMETRY"),
        ({"FAREBOX_TELEMETRY": "elsewhere"}, "FAREBOX_TELEMETRY"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ({"OTEL_TRACES_SAMPLER_ARG": "2"}, "OTEL_TRACES_SAMPLER_ARG"),
        ({"OTEL_TRACES_SAMPLER_ARG": "nan"}, "OTEL_TRACES_SAMPLER_ARG"),
    ],
)
def test_where_telemetry_goes_is_checked_at_the_start(variables: dict[str, str], variable: str) -> None:
    with pytest.raises(BadConfig, match=f"^{variable}: "):
        config_with(variables)


def test_telemetry_is_off_until_it_has_somewhere_to_go() -> None:
    assert config_with({}).telemetry is None
    assert config_with({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "FAREBOX_TELEMETRY": "off"}).telemetry is None
    sent = config_with({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/", "OTEL_TRACES_SAMPLER_ARG": "0.05"}).telemetry
    assert sent is not None
    assert (sent.endpoint, sent.trace_ratio, sent.at_google) == ("http://c:4318", 0.05, False)
    google = config_with({"FAREBOX_TELEMETRY": "google", "FAREBOX_STORE": "firestore://p/d"}).telemetry
    assert google is not None
    assert google.resource() == {"service.name": "farebox", "gcp.project_id": "p"}
