"""What the provider refuses of a resource, from its schema and from the rules that no schema tells."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.infra.derive_schema import SCHEMA
from tests.infra.terraform import Body, Configuration, blocks_in

PROVIDER: dict[str, Any] = json.loads(SCHEMA.read_text())
META = {"count", "for_each", "depends_on", "lifecycle", "provider", "dynamic"}  # Terraform's own arguments
OTHERS = {"archive_file", "random_password", "time_sleep"}  # of other providers, which have no schema here

# By the place of a block: sets of which exactly one is to be given, as the provider's documents have it, those of 7.x
# among them.
EXACTLY_ONE: dict[str, list[set[str]]] = {
    "google_billing_budget.amount": [{"specified_amount", "last_period_amount"}],
    "google_cloud_scheduler_job": [{"http_target", "pubsub_target", "app_engine_http_target"}],
    "google_cloudbuild_trigger": [
        {"repository_event_config", "trigger_template", "github", "pubsub_config", "webhook_config", "source_to_build"},
        {"filename", "build", "git_file_source"},
    ],
    "google_compute_region_network_endpoint_group": [
        {"cloud_run", "app_engine", "cloud_function", "psc_target_service"}
    ],
    "google_compute_security_policy.rule.match": [{"versioned_expr", "expr"}],
    "google_firestore_backup_schedule": [{"daily_recurrence", "weekly_recurrence"}],
    "google_logging_metric.bucket_options": [{"exponential_buckets", "linear_buckets", "explicit_buckets"}],
    "google_monitoring_alert_policy.conditions": [
        {
            "condition_threshold",
            "condition_absent",
            "condition_matched_log",
            "condition_monitoring_query_language",
            "condition_prometheus_query_language",
            "condition_sql",
        }
    ],
    "google_monitoring_uptime_check_config": [
        {"http_check", "tcp_check", "synthetic_monitor"},
        {"monitored_resource", "resource_group", "synthetic_monitor"},
    ],
    "google_secret_manager_secret.replication": [{"auto", "user_managed"}],
    "google_secret_manager_secret_version": [{"secret_data", "secret_data_wo"}],
    "google_storage_bucket_object": [{"source", "content"}],
}
AT_MOST_ONE: dict[str, list[set[str]]] = {
    "google_cloud_scheduler_job.http_target": [{"oidc_token", "oauth_token"}],
    "google_compute_url_map": [{"default_service", "default_url_redirect", "default_route_action"}],
    "google_compute_url_map.path_matcher": [{"default_service", "default_url_redirect"}],
    "google_compute_url_map.path_matcher.path_rule": [{"service", "url_redirect"}],
}
TOGETHER: dict[str, list[set[str]]] = {
    "google_secret_manager_secret_version": [{"secret_data_wo", "secret_data_wo_version"}]
}


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and re.fullmatch(r"-?\d+(\.\d+)?", str(value)) is not None


FITS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str | int | float),
    "number": _is_number,
    "bool": lambda value: value in (True, False, "true", "false"),
    "list": lambda value: isinstance(value, list),
    "map": lambda value: isinstance(value, dict),
}


def provider_faults(module: Configuration) -> list[str]:
    """Everything in a module that the provider would refuse."""
    faults: list[str] = []
    for prefix, things in (("", module.resources), ("data.", module.data)):
        for at, body in things.items():
            kind = at.partition(".")[0]
            if kind not in OTHERS:
                faults += _faults(prefix + at, prefix + kind, body, PROVIDER[prefix + kind]["takes"], META)
    return faults


def _faults(at: str, place: str, body: Body, takes: Mapping[str, Any], meta: set[str]) -> Iterator[str]:
    blocks = list(blocks_in(body))
    times = Counter(name for name, _ in blocks)
    given = (body.keys() | times.keys()) - meta
    yield from (f"{at} takes no {name}" for name in sorted(given - takes.keys()))
    for name, argument in takes.items():
        if argument["required"] and name not in given:
            yield f"{at} needs {name}"
        if "block" in argument:
            if times[name] > 1 and not argument["many"]:
                yield f"{at} takes one {name} and no more"
            if name in body and name not in times:
                yield f"{at}.{name} is a block"
        elif name in times:
            yield f"{at}.{name} is no block"
        elif name in given:
            yield from _value_faults(f"{at}.{name}", body[name], argument)
    yield from _rule_faults(at, place, given)
    for name, inner in blocks:
        if "block" in takes.get(name, {}):
            yield from _faults(f"{at}.{name}", f"{place}.{name}", inner, takes[name]["block"], {"dynamic"})


def _value_faults(at: str, value: Any, argument: Mapping[str, Any]) -> Iterator[str]:
    if value is None or (isinstance(value, str) and "${" in value):
        return  # what Terraform works out
    if not FITS[argument["type"]](value):
        yield f"{at} is a {argument['type']}, and {value!r} is none"
    elif isinstance(value, str) and value not in argument.get("values", [value]):
        yield f"{at} is none of {argument['values']}: {value!r}"


def _rule_faults(at: str, place: str, given: set[str]) -> Iterator[str]:
    for names in EXACTLY_ONE.get(place, ()):
        if len(names & given) != 1:
            yield f"{at} needs exactly one of {sorted(names)}"
    for names in AT_MOST_ONE.get(place, ()):
        if len(names & given) > 1:
            yield f"{at} takes at most one of {sorted(names)}"
    for names in TOGETHER.get(place, ()):
        if names & given and not names <= given:
            yield f"{at} needs all of {sorted(names)} or none"
