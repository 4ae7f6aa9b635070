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
    assert infra.locals["counted_alert"].keys() == {*infra.locals["log_metric"], "failed_jobs"}


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
        for matched in re.findall(r'service_name=~?\\?"farebox-\(?([\w|-]+)\)?\\?"', query):
            assert set(matched.split("|")) <= names, matched


def test_every_public_function_has_an_uptime_check_whose_path_the_load_balancer_knows(infra: Configuration) -> None:
    check = infra.resources["google_monitoring_uptime_check_config.function"]
    assert check["for_each"] == "${local.public_function}"
    rules = [rule["path_rule"] for rule in infra.resources["google_compute_url_map.main"]["path_matcher"][0]["dynamic"]]
    path = check["http_check"][0]["path"].replace("each.key", "path_rule.key")
    assert any(rule["for_each"] == check["for_each"] and path in str(rule["content"][0]["paths"]) for rule in rules)
