"""Alerts listen for what the code says, and each of them tells whoever it wakes what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.edge.asgi.deployables import EDGES
from tests.infra.terraform import Configuration, read_module
from tests.support.source.query_shapes import FUNCTIONS

OPERATE = FUNCTIONS.parent / "docs/operate.md"


@pytest.fixture(scope="module")
def infra() -> Configuration:
    return read_module()


def logged(root: Path = FUNCTIONS) -> Iterator[str]:
    """The text of every warning and worse in the code: what is logged below is nowhere to be found in production."""
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="log"), attr="warning" | "error" | "exception" | "critical"),
                    args=[ast.Constant(value=str(text)), *_],
                ):
                    yield text


def test_every_phrase_that_is_counted_is_said_somewhere(infra: Configuration) -> None:
    said = list(logged())
    for name, metric in infra.locals["log_metric"].items():
        assert any(metric["phrase"] in text for text in said), f"nobody says {metric['phrase']!r}, which {name} counts"


def test_every_counted_phrase_has_an_alert(infra: Configuration) -> None:
    jobs = {"failed_jobs", "failed_seldom_jobs"}
    assert infra.locals["counted_alert"].keys() == {*infra.locals["log_metric"], *jobs}


def test_the_operators_manual_has_a_section_for_each_alert_and_no_other(infra: Configuration) -> None:
    alerts = {*infra.locals["counted_alert"], *infra.locals["measured_alert"], "unreachable"}
    sections = re.findall(r"^### `(\w+)`$", OPERATE.read_text(), re.MULTILINE)
    assert sorted(sections) == sorted(alerts)


def test_alerts_of_every_kind_are_there(infra: Configuration) -> None:
    alerts = {*infra.locals["counted_alert"], *infra.locals["measured_alert"]}
    assert {
        "error_rate",
        "latency",
        "upstreams_down",
        "lost_requests",
        "audit_failed",
        "spend_spike",
        "traffic_spike",
    } <= alerts


def test_functions_are_spoken_of_by_their_names(infra: Configuration) -> None:
    names = {name.replace("_", "-") for name in EDGES}
    queries = [alert["query"] for alert in infra.locals["measured_alert"].values()]
    for query in [*queries, *infra.locals["chart"].values()]:
        for matched in re.findall(r'(?:service|backend_target)_name=~?\\?"farebox-\(?([\w|-]+)\)?\\?"', query):
            assert set(matched.split("|")) <= names, matched


def test_every_public_function_has_an_uptime_check_whose_path_the_load_balancer_knows(infra: Configuration) -> None:
    check = infra.resources["google_monitoring_uptime_check_config.function"]
    assert check["for_each"] == "${local.public_function}"
    rules = [rule["path_rule"] for rule in infra.resources["google_compute_url_map.main"]["path_matcher"][0]["dynamic"]]
    path = check["http_check"][0]["path"].replace("each.key", "path_rule.key")
    assert any(rule["for_each"] == check["for_each"] and path in str(rule["content"][0]["paths"]) for rule in rules)


def test_a_job_that_fails_whenever_it_runs_is_told_of_and_a_seldom_one_at_once(infra: Configuration) -> None:
    """Each attempt that is not answered 2xx is a line of the scheduler's log, which `failed_jobs` counts."""
    retries = infra.resources["google_cloud_scheduler_job.job"]["retry_config"][0]["retry_count"]
    jobs = {name: (cron, 1 + int(retries)) for name, cron in infra.locals["job"].items()}
    jobs["audit"] = (infra.resources["google_cloud_scheduler_job.audit"]["schedule"], 1)
    for name, (cron, lines) in jobs.items():
        told = []
        for alert in ("failed_jobs", "failed_seldom_jobs"):
            rule, only = infra.locals["counted_alert"][alert], infra.locals["counted_of"].get(alert)
            named = re.search(r'full_match\("(.*?)"\)', only) if only else None
            pattern = named[1] if named else "farebox-.*"
            runs = rule["window_s"] // 60 if cron.startswith("* ") else 1
            told.append(bool(re.fullmatch(pattern, f"farebox-{name}")) and runs * lines > rule["more_than"])
        assert any(told), name
        assert told[1] == (not cron.startswith("* ")), name


def test_an_audit_that_does_not_come_about_is_told_of(infra: Configuration) -> None:
    query = infra.locals["measured_alert"]["audit_missing"]["query"]
    job = infra.resources["google_cloud_run_v2_job.audit"]["name"]
    assert re.search(rf'absent_over_time\(.*job_name="{job}", result="succeeded".*\[2d\]\)', query)


def test_what_customers_get_is_told_apart_from_uptime_checks(infra: Configuration) -> None:
    """They ask `chat` six times a minute, which would be most of a quiet night's traffic, and all of it good."""
    path = infra.resources["google_monitoring_uptime_check_config.function"]["http_check"][0]["path"]
    left_out = re.search(r'matched_url_path_rule!~\\?"(.*?)\\?"', infra.locals["asked"])
    assert left_out
    for checked in (path.replace("${each.key}", "chat"), "/healthz"):
        assert re.fullmatch(left_out[1], checked)
    assert f'url_map_name="{infra.resources["google_compute_url_map.main"]["name"]}"' in infra.locals["asked"]
    for at in ("chat_requests", "failure_ratio"):
        assert "local.asked" in infra.locals[at] or "local.chat_requests" in infra.locals[at]
    queries = {name: alert["query"] for name, alert in infra.locals["measured_alert"].items()}
    asks = {name for name, query in queries.items() if re.search("local.(asked|chat_requests|failure_ratio)", query)}
    assert asks == {"error_rate", "fast_burn", "slow_burn", "latency", "chat_latency", "traffic_spike"}
    assert not [name for name, query in queries.items() if "run_googleapis_com:request" in query]
