"""Exports spans and metrics through OpenTelemetry's SDK, by OTLP over HTTP. Imported only where they are exported.

Cloud Run gives no CPU between requests, so nothing here depends on a thread that wakes up by itself: a request that
ends sets a timer of the event loop, which goes off when there is CPU again, at the latest for the next request. Then a
thread sends what there is, while requests are served. `close` sends the rest, and Cloud Run gives CPU for that.

Whether a trace is kept is decided here, by its id, and not by what a client's `traceparent` asks for.
"""

import asyncio
import math
from contextlib import AbstractContextManager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

from functions.farebox.observability.metrics import Counter, Histogram
from functions.farebox.observability.request_context import TraceContext
from functions.farebox.observability.settings import TelemetrySettings
from functions.farebox.observability.telemetry import Attribute, Attributes, Span

GOOGLE_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
EXPORT_AFTER_S = 5.0  # after a request has ended, if nothing is due before
EXPORT_TIMEOUT_S = 3.0  # of each of the two requests, attempts included
CLOSE_TIMEOUT_S = 2.5
MOST_SPANS = 8192  # that wait to be sent; more are dropped
BATCH = 512
NEVER_MS = 24 * 3600 * 1000.0

ROOT = Context()


class OtlpTelemetry:
    """A `Telemetry` that exports. Made in the process that serves, and used in one event loop."""

    def __init__(self, settings: TelemetrySettings) -> None:
        resource = Resource.create(settings.resource())
        session = _google_session() if settings.at_google else None
        self._spans = TracerProvider(
            sampler=TraceIdRatioBased(settings.trace_ratio), resource=resource, shutdown_on_exit=False
        )
        spans = OTLPSpanExporter(f"{settings.endpoint}/v1/traces", timeout=EXPORT_TIMEOUT_S, session=session)
        self._spans.add_span_processor(
            BatchSpanProcessor(
                spans, max_queue_size=MOST_SPANS, max_export_batch_size=BATCH, schedule_delay_millis=NEVER_MS
            )
        )
        measurements = OTLPMetricExporter(f"{settings.endpoint}/v1/metrics", timeout=EXPORT_TIMEOUT_S, session=session)
        reader = PeriodicExportingMetricReader(measurements, export_interval_millis=math.inf)
        self._meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        self._tracer = self._spans.get_tracer("farebox")
        self._meter = self._meters.get_meter("farebox")
        self._instruments: dict[str, Any] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._exporting: asyncio.Future[None] | None = None

    def span(self, name: str, attributes: Attributes) -> AbstractContextManager[Span]:
        """A child of what the task is in."""
        return _Timed(self._tracer, name, attributes, None, trace.SpanKind.INTERNAL)

    def background_span(self, name: str, attributes: Attributes) -> AbstractContextManager[Span]:
        """A trace of its own."""
        return _Timed(self._tracer, name, attributes, ROOT, trace.SpanKind.INTERNAL)

    def request_span(
        self, name: str, parent: TraceContext | None, attributes: Attributes
    ) -> AbstractContextManager[Span]:
        """A child of what the sender said, in its trace."""
        return _Timed(self._tracer, name, attributes, _context_of(parent), trace.SpanKind.SERVER)

    def current(self) -> TraceContext | None:
        """The span that the task is in."""
        here = trace.get_current_span().get_span_context()
        if not here.is_valid:
            return None
        return TraceContext(
            trace.format_trace_id(here.trace_id), trace.format_span_id(here.span_id), here.trace_flags.sampled
        )

    def count(self, counter: Counter, amount: int, attributes: Attributes) -> None:
        """Add to a sum."""
        made = self._instruments.get(counter.name)
        if made is None:
            made = self._meter.create_counter(counter.name, counter.unit, counter.description)
            self._instruments[counter.name] = made
        made.add(amount, attributes)

    def observe(self, histogram: Histogram, value: float, attributes: Attributes) -> None:
        """Add to a distribution."""
        made = self._instruments.get(histogram.name)
        if made is None:
            made = self._meter.create_histogram(
                histogram.name,
                histogram.unit,
                histogram.description,
                explicit_bucket_boundaries_advisory=histogram.buckets,
            )
            self._instruments[histogram.name] = made
        made.record(value, attributes)

    def request_ended(self) -> None:
        """Export soon, unless that is under way."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EXPORT_AFTER_S, self._start_export)

    async def close(self) -> None:
        """Export what is left. What a receiver does not take in time is dropped."""
        if self._timer is not None:
            self._timer.cancel()
        self._start_export()
        assert self._exporting is not None
        await asyncio.wait([self._exporting], timeout=CLOSE_TIMEOUT_S)

    def _start_export(self) -> None:
        self._timer = None
        if self._exporting is None or self._exporting.done():
            self._exporting = asyncio.get_running_loop().run_in_executor(None, self._export)

    def _export(self) -> None:
        """Send everything that there is. Exporters log what fails, and raise nothing."""
        self._spans.force_flush()
        self._meters.force_flush(EXPORT_TIMEOUT_S * 1000)


class _Timed:
    """A span for as long as a block runs. An exception leaves its class and not its words, which may be a client's."""

    __slots__ = ("_attributes", "_block", "_kind", "_name", "_parent", "_span", "_token", "_tracer")

    def __init__(
        self,
        tracer: trace.Tracer,
        name: str,
        attributes: Attributes,
        parent: Context | None,
        kind: trace.SpanKind,
    ) -> None:
        self._tracer = tracer
        self._name = name
        self._attributes = attributes
        self._parent = parent
        self._kind = kind

    def __enter__(self) -> Span:
        self._span = self._tracer.start_span(self._name, self._parent, self._kind, self._attributes)
        self._block = trace.use_span(self._span, record_exception=False, set_status_on_exception=False)
        self._block.__enter__()
        return self

    def set(self, **attributes: Attribute) -> None:
        """Say more about it."""
        self._span.set_attributes(attributes)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, stack: Any) -> None:
        self._block.__exit__(None, None, None)
        if kind is not None:
            self._span.set_attribute("error.type", kind.__name__)
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()


def _context_of(parent: TraceContext | None) -> Context:
    if parent is None:
        return ROOT
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED if parent.sampled else trace.TraceFlags.DEFAULT)
    there = trace.SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=flags)
    return trace.set_span_in_context(trace.NonRecordingSpan(there), ROOT)


def _google_session() -> Any:
    """A session that sends the credentials of the account that this process runs as."""
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = google.auth.default(scopes=[GOOGLE_SCOPE])
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
