"""Settings of the export of spans and metrics."""

from dataclasses import dataclass

GOOGLE_ENDPOINT = "https://telemetry.googleapis.com"


@dataclass(frozen=True, slots=True)
class TelemetrySettings:
    """`endpoint` is a receiver of OTLP over HTTP, without `/v1/...`; `trace_ratio` is how many of all traces are kept,
    0 to 1. `at_google`: the receiver is Google's, which wants the project and this process's own credentials."""

    endpoint: str
    service: str
    trace_ratio: float
    project: str | None
    at_google: bool

    def resource(self) -> dict[str, str]:
        """What all of it is about, in OpenTelemetry's names."""
        project = {"gcp.project_id": self.project} if self.project else {}
        return {"service.name": self.service, **project}
