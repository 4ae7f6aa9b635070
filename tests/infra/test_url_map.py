"""The load balancer sends each path where the code has it."""

import copy

import pytest

from functions.edge.asgi.deployables import EDGES, edge_of
from tests.infra.terraform import read_module
from tests.support.source.url_map import UrlMap, read_url_map


@pytest.fixture(scope="module")
def url_map() -> UrlMap:
    return read_url_map()


@pytest.mark.parametrize("prefix", [path for paths in EDGES.values() for path in paths])
def test_a_path_and_all_below_it_go_to_the_function_that_has_them(url_map: UrlMap, prefix: str) -> None:
    for path in (prefix, f"{prefix}/", f"{prefix}/x/y", f"{prefix}x", f"{prefix}-x/y"):
        rule, edge = url_map.find(path), edge_of(path)
        assert (rule.function if rule else None) == (None if edge == "scheduled" else edge)
        assert rule is None or rule.rewrite is None


def test_the_jobs_have_no_public_path(url_map: UrlMap) -> None:
    assert "scheduled" not in {rule.function for rule in url_map.rules}


def test_health_is_asked_of_each_function_and_everything_else_is_the_dashboards(url_map: UrlMap) -> None:
    for name in EDGES.keys() - {"scheduled"}:
        rule = url_map.find(f"/health/{name}")
        assert rule is not None
        assert (rule.function, rule.rewrite) == (name, "/health")
    rule = url_map.find("/healthz")
    assert rule is not None
    assert (rule.function, rule.rewrite) == ("chat", "/health")
    for path in ("/", "/index.html", "/assets/app.js", "/health/scheduled", "/v10", "/api"):
        assert url_map.find(path) is None


def test_a_rule_that_is_not_understood_is_no_rule_that_is_passed_over() -> None:
    infra = read_module()
    for change in ("paths", "service"):
        changed = copy.deepcopy(infra)
        [matcher] = changed.resources["google_compute_url_map.main"]["path_matcher"]
        matcher["dynamic"][0]["path_rule"]["content"][0][change] = "${something.else}"
        with pytest.raises(ValueError, match="not known"):
            read_url_map(changed)
