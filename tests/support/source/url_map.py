"""Reads the load balancer's URL map from `infra/`: which function has a path, and what becomes of the path there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.infra.terraform import Configuration, read_module

EACH_PATH_AND_BELOW = '${flatten([for path in path_rule.value.paths : [path, "${path}/*"]])}'
PUBLIC = "${{for name, function in local.function : name => function if length(function.paths) > 0}}"
EACH_PUBLIC = "${local.public_function}"
DASHBOARD = "${google_compute_backend_service.dashboard.id}"


@dataclass(frozen=True)
class Rule:
    """A path, or with `/*` at its end all below it, and the function that has it. `rewrite` takes the path's place."""

    path: str
    function: str
    rewrite: str | None

    def fits(self, path: str) -> bool:
        """Whether this rule is for a path."""
        return path.startswith(self.path[:-1]) if self.path.endswith("/*") else path == self.path


@dataclass(frozen=True)
class UrlMap:
    """The rules. What none fits goes to the dashboard's files."""

    rules: tuple[Rule, ...]

    def find(self, path: str) -> Rule | None:
        """The rule for a path: of those that fit, the one with the longest."""
        return max((rule for rule in self.rules if rule.fits(path)), key=lambda rule: len(rule.path), default=None)


def read_url_map(infra: Configuration | None = None) -> UrlMap:
    """The map. Raises `ValueError` for anything that Terraform works out in a way that is not known here."""
    infra = infra or read_module()
    if infra.locals["public_function"] != PUBLIC:
        raise ValueError(f"which functions are public is not known: {infra.locals['public_function']}")
    [matcher] = infra.resources["google_compute_url_map.main"]["path_matcher"]
    if matcher["default_service"] != DASHBOARD:
        raise ValueError(f"what is left over goes somewhere else: {matcher['default_service']}")
    rules = [rule for block in matcher["path_rule"] for rule in _rules(block, "", {})]
    public = {name: function for name, function in infra.locals["function"].items() if function["paths"]}
    for block in matcher["dynamic"]:
        [made] = block["path_rule"]["content"]
        if block["path_rule"]["for_each"] != EACH_PUBLIC:
            raise ValueError(f"these rules are made in a way that is not known: {block}")
        rules += [rule for name, function in public.items() for rule in _rules(made, name, function)]
    return UrlMap(tuple(rules))


def _rules(block: dict[str, Any], name: str, function: dict[str, Any]) -> Iterator[Rule]:
    service = re.fullmatch(
        r'\$\{google_compute_backend_service\.function\[(path_rule\.key|"\w+")\]\.id\}', block["service"]
    )
    if service is None:
        raise ValueError(f"this service is not known: {block['service']}")
    rewrites = [action["url_rewrite"][0]["path_prefix_rewrite"] for action in block.get("route_action", ())]
    for path in _paths(block["paths"], name, function):
        target = name if service[1] == "path_rule.key" else service[1].strip('"')
        yield Rule(path, target, rewrites[0] if rewrites else None)


def _paths(paths: Any, name: str, function: dict[str, Any]) -> list[str]:
    if paths == EACH_PATH_AND_BELOW:
        return [each for path in function["paths"] for each in (path, f"{path}/*")]
    if isinstance(paths, list):
        return [path.replace("${path_rule.key}", name) for path in paths]
    raise ValueError(f"these paths are not known: {paths}")
