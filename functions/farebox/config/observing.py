"""What is logged and exported, read from the environment."""

import logging
import os
from collections.abc import Mapping
from typing import Literal

from functions.farebox.environment import Environment
from functions.farebox.errors import BadConfig
from functions.farebox.observability.logs import LogSettings
from functions.farebox.observability.settings import GOOGLE_ENDPOINT, TelemetrySettings

TelemetryName = Literal["off", "otlp", "google"]


def read_log_settings(variables: Mapping[str, str] = os.environ) -> LogSettings:
    """How to log, from the first moment on: even that the rest of the configuration is wrong. Raises nothing; what is
    wrong here `read_config` says."""
    level = variables.get("FAREBOX_LOG_LEVEL", "").strip().upper()
    on_cloud_run = bool(variables.get("K_SERVICE", "").strip())
    known = level == "WARNING" or (level == "DEBUG" and not on_cloud_run)
    return LogSettings(
        as_json=on_cloud_run,
        project=project_of(variables.get("FAREBOX_STORE", "").strip()),
        level=logging.getLevelName(level) if known else logging.INFO,
    )


def project_of(store_url: str) -> str | None:
    """The Google Cloud project of a Firestore address; everything else of a deployment is there as well."""
    return store_url.removeprefix("firestore://").partition("/")[0] if store_url.startswith("firestore://") else None


def read_telemetry(env: Environment, project: str | None) -> TelemetrySettings | None:
    """Where traces and figures go; `None`: nowhere. Raises `BadConfig`."""
    name, endpoint = "FAREBOX_TELEMETRY", env.url("OTEL_EXPORTER_OTLP_ENDPOINT")
    kind: TelemetryName = env.choice(name, TelemetryName, "off" if endpoint is None else "otlp")
    service = env.text("OTEL_SERVICE_NAME") or env.text("K_SERVICE") or "farebox"
    trace_ratio = env.ratio("OTEL_TRACES_SAMPLER_ARG", 1.0)
    if kind == "off":
        return None
    if kind == "google":
        if project is None:
            raise BadConfig(name, "google needs a project, which is that of FAREBOX_STORE=firestore://PROJECT/DATABASE")
        return TelemetrySettings(GOOGLE_ENDPOINT, service, trace_ratio, project, at_google=True)
    if endpoint is None:
        raise BadConfig(name, "otlp needs the receiver's address in OTEL_EXPORTER_OTLP_ENDPOINT")
    return TelemetrySettings(endpoint, service, trace_ratio, project, at_google=False)
