"""Traces and metrics as they arrive at a receiver: what is in them, when they are sent, and what they cost."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from functions.farebox.kit.money import parse_usd
from functions.farebox.leases.sweep import sweep
from functions.farebox.observability import metrics, otlp
from functions.farebox.observability.metrics import Counter, Histogram
from functions.farebox.observability.otlp import OtlpTelemetry
from functions.farebox.observability.request_context import TraceContext
from functions.farebox.observability.settings import TelemetrySettings
from functions.farebox.observability.telemetry import background_span, count, set_listener, span
from functions.farebox.storage import Create, Set, Store, Transaction
from tests.observability.receiver import Received, attributes, otlp_receiver
from tests.support.clients.load import MODEL, completion_of
from tests.support.money.customers import open_customer
from tests.support.patience import PATIENCE_S
from tests.support.processes import ROOT, clean_environment
from tests.support.product.in_process import running
from tests.support.product.server_process import make_key, register, running_product
from tests.support.stand_ins.upstream import StandIn, status, stream

PRICING = {MODEL: {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture
def receiver() -> Iterator[Received]:
    with otlp_receiver() as received:
        yield received


@pytest.fixture
async def telemetry(receiver: Received) -> AsyncIterator[OtlpTelemetry]:
    """Everything is exported to the receiver."""
    telemetry = OtlpTelemetry(TelemetrySettings(receiver.url, "farebox-test", 1.0, "project", at_google=False))
    set_listener(telemetry)
    yield telemetry
    set_listener(None)
    await telemetry.close()


async def test_a_paid_request_is_one_trace_of_what_took_time_and_adds_to_each_measurement(
    receiver: Received, telemetry: OtlpTelemetry, sqlite_store: Store
) -> None:
    customer = await open_customer(sqlite_store, "10")
    headers = {**customer.bearer, "traceparent": f"00-{TRACE}-{PARENT}-01"}
    async with StandIn() as upstream, running(sqlite_store, pricing=PRICING, upstream=upstream) as instance:
        upstream.script(status(503), stream(pause_s=0.01))  # one that is not there at once is written twice
        assert (await instance.ask(customer.bearer, completion_of(max_tokens=20))).status_code == 502
        assert (await instance.ask(headers, completion_of(stream=True, max_tokens=20))).status_code == 200
        plain = await instance.ask(customer.bearer, completion_of(max_tokens=20))
    await telemetry.close()

    [request] = [each for each in receiver.spans("POST") if each.trace_id.hex() == TRACE]
    assert request.parent_span_id.hex() == PARENT
    assert attributes(request.attributes) | {"http.route": "/v1/chat/completions"} == attributes(request.attributes)
    inside = [each for each in receiver.spans() if each.trace_id.hex() == TRACE]
    assert {each.name for each in inside} >= {"POST", "hold", "upstream attempt", "journal", "settle"}
    failed, answered = sorted(receiver.spans("upstream attempt"), key=lambda each: each.start_time_unix_nano)[:2]
    assert attributes(failed.attributes)["error.type"] == "AttemptFailed"
    assert "error.type" not in attributes(answered.attributes)
    assert {each.parent_span_id for each in inside if each.name in ("hold", "settle")} == {request.span_id}
    grant = next(each for each in receiver.spans("lease step") if attributes(each.attributes)["kind"] == "grant")
    assert grant.parent_span_id in {each.span_id for each in receiver.spans("hold")}
    assert {attributes(each.attributes)["step"] for each in inside if each.name == "journal"} == {"open", "complete"}
    assert {resource["gcp.project_id"] for resource in receiver.resources()} == {"project"}

    assert receiver.sum_of("farebox.requests", model=MODEL, status="ok") == 2
    assert receiver.sum_of("farebox.requests", model=MODEL, status="error") == 1
    assert receiver.sum_of("farebox.charged", model=MODEL) == 2 * parse_usd(plain.headers["x-farebox-cost-usd"])
    assert receiver.sum_of("farebox.tokens", type="completion") == 24
    assert receiver.sum_of("farebox.lease.steps", kind="grant") >= 1
    durations = receiver.latest()["farebox.upstream.duration"].histogram.data_points
    assert {attributes(point.attributes)["outcome"]: point.count for point in durations} == {"failed": 1, "answered": 2}
    [first_byte] = receiver.latest()["farebox.first_byte.duration"].histogram.data_points
    assert first_byte.count == 2
    assert "http.server.request.duration" in receiver.latest()


async def test_losses_and_transactions_that_ran_again_are_counted(
    receiver: Received, telemetry: OtlpTelemetry, sqlite_store: Store
) -> None:
    customer = await open_customer(sqlite_store, "10")
    async with StandIn() as upstream, running(sqlite_store, pricing=PRICING, upstream=upstream) as instance:
        await instance.ask(customer.bearer, completion_of(max_tokens=20))
        now = instance.runtime.now()
        record = {"user": customer.uid, "key": customer.key_id, "lease": "gone", "status": "pending", "model": MODEL}
        old = now.replace(year=now.year - 1)
        await sqlite_store.write(Create("usage/stray", {**record, "created_at": old, "accounted": False}))
        await sweep(sqlite_store, now)

    tries = 0

    async def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        await tx.get("things/one")
        if tries == 1:
            await sqlite_store.write(Set("things/one", {"n": 1}))
        tx.set("things/one", {"n": 2})

    await sqlite_store.transact(work)
    await telemetry.close()
    assert receiver.sum_of("farebox.lost_requests") == 1
    assert receiver.sum_of("farebox.store.retries") >= 1


def test_all_that_is_measured_is_in_the_operators_manual() -> None:
    declared = {value.name for value in vars(metrics).values() if isinstance(value, Counter | Histogram)}
    manual = (ROOT / "docs/operate.md").read_text()
    assert {name for name in declared if f"`{name}`" not in manual} == set()


async def test_a_trace_is_kept_by_its_id_whatever_a_client_asks_for(receiver: Received) -> None:
    telemetry = OtlpTelemetry(TelemetrySettings(receiver.url, "farebox-test", 0.0, None, at_google=False))
    with telemetry.request_span("POST", TraceContext(TRACE, PARENT, sampled=True), {}) as inside:
        inside.set(x=1)
        current = telemetry.current()
        assert current is not None
        assert (current.trace_id, current.sampled) == (TRACE, False)
    await telemetry.close()
    assert receiver.spans() == []


async def test_what_an_exception_says_is_in_no_span(receiver: Received, telemetry: OtlpTelemetry) -> None:
    with pytest.raises(ValueError, match="secret"), span("hold"):
        raise ValueError("a secret prompt")
    with background_span("lease step"):
        pass
    await telemetry.close()
    assert {each.name for each in receiver.spans()} == {"hold", "lease step"}
    assert b"secret" not in b"".join(request.SerializeToString() for request in receiver.traces)


async def test_what_has_gathered_is_sent_after_a_request_and_not_by_it(
    receiver: Received, telemetry: OtlpTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp, "EXPORT_AFTER_S", 0.01)
    with span("hold"):
        pass
    telemetry.request_ended()
    telemetry.request_ended()
    assert receiver.spans() == []
    async with asyncio.timeout(10):
        while not (receiver.spans() and receiver.metrics is not None):
            await asyncio.sleep(0.01)
    assert len(receiver.spans()) == 1


async def test_a_receiver_that_says_nothing_delays_the_end_by_no_more_than_so_long(
    receiver: Received, telemetry: OtlpTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp, "CLOSE_TIMEOUT_S", 0.1)
    receiver.silent.set()
    count(metrics.LOST_REQUESTS, 1)
    with span("hold"):
        pass
    async with asyncio.timeout(30):
        await telemetry.close()
    receiver.over.set()


def test_a_function_that_is_stopped_sends_what_it_has(receiver: Received, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/farebox.db"
    with running_product(tmp_path, store, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url) as server:
        with httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
            _, signed_in = register(client)
            make_key(client, signed_in)
        assert server.stop() == 0
    routes = {attributes(each.attributes).get("http.route") for each in receiver.spans("POST")}
    assert {"/api/auth/register", "/api/keys"} <= routes


SERVES = """
import asyncio, sys
from functions.edge.asgi.deployables import make_edge
from functions.farebox.wiring.runtime import process_runtime
async def main():
    runtime = await process_runtime()
    make_edge(sys.argv[1], runtime)
    await runtime.data_plane()
    await runtime.close()
asyncio.run(main())
print(*{".".join(name.split(".")[:2]) for name in sys.modules if name.startswith("opentelemetry")})
"""


def test_nothing_of_opentelemetry_is_imported_where_nothing_is_exported(tmp_path: Path) -> None:
    assert opentelemetry_in("chat", tmp_path) == set()
    assert "opentelemetry.sdk" in opentelemetry_in("chat", tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")


def test_a_management_function_imports_no_more_of_it_than_its_framework_does(tmp_path: Path) -> None:
    assert not {"opentelemetry.sdk", "opentelemetry.exporter"} & opentelemetry_in("keys", tmp_path)


def opentelemetry_in(target: str, folder: Path, **variables: str) -> set[str]:
    """The packages of OpenTelemetry that a function has imported once it can serve."""
    command = [sys.executable, "-c", SERVES, target]
    environment = clean_environment(folder, **variables)
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=60)
    return set(done.stdout.split())
