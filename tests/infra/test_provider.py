"""`infra/` speaks the provider's language: names, nesting, what is required, what exists.

The provider cannot be had everywhere, so `terraform validate` may not run; its schema is in `provider_schema.json`.
"""

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.infra.derive_schema import SCHEMA, used_types
from tests.infra.terraform import INFRA, Body, Configuration, blocks_in, parse, read_module

PROVIDER: dict[str, Any] = json.loads(SCHEMA.read_text())
META = {"count", "for_each", "depends_on", "lifecycle", "provider", "dynamic"}  # Terraform's own arguments
OTHERS = {"archive_file", "random_password"}  # of other providers, which have no schema here
MODULES = {"infra": INFRA, **{f"modules/{path.name}": path for path in (INFRA / "modules").iterdir()}}

_REFERENCE = re.compile(
    r"(?<![\w.\"])(var|local|module|(?:data\.|ephemeral\.)?(?:google|random|archive)_\w+)\.(\w+)"
    r"((?:\[(?:[^\[\]\"]|\"[^\"]*\")*\])?)(?:\.(\w+))?"
)


def argument_faults(at: str, body: Body, takes: Mapping[str, Any], *, is_outermost: bool = True) -> Iterator[str]:
    """Where a body has what the provider does not take, or lacks what it requires."""
    blocks = list(blocks_in(body))
    given = (body.keys() | {name for name, _ in blocks}) - (META if is_outermost else {"dynamic"})
    yield from (f"{at} takes no {name}" for name in sorted(given - takes.keys()))
    for name, argument in takes.items():
        required = argument["required"] if isinstance(argument, dict) else argument
        if required and name not in given:
            yield f"{at} needs {name}"
    for name, inner in blocks:
        argument = takes.get(name)
        if isinstance(argument, dict):
            yield from argument_faults(f"{at}.{name}", inner, argument["block"], is_outermost=False)
        elif argument is not None:
            yield f"{at}.{name} is no block"


def provider_faults(module: Configuration) -> list[str]:
    faults: list[str] = []
    for prefix, things in (("", module.resources), ("data.", module.data)):
        for at, body in things.items():
            kind = at.partition(".")[0]
            if kind not in OTHERS:
                faults += argument_faults(prefix + at, body, PROVIDER[prefix + kind]["takes"])
    return faults


@dataclass(frozen=True)
class Reference:
    """`var.region`, `google_service_account.build.email`: a kind, a name and, at times, an attribute."""

    kind: str
    name: str
    attribute: str | None

    @property
    def thing(self) -> str:
        return f"{self.kind}.{self.name}"

    def is_sound(self, module: Configuration) -> bool:
        gives = PROVIDER.get(self.kind, {}).get("gives")
        return self.thing in _things(module) and (not self.attribute or gives is None or self.attribute in gives)


def reference_faults(module: Configuration) -> list[str]:
    """What is spoken of but is not there."""
    return [f"{who}: there is no {what}" for who, what in _references(module) if not what.is_sound(module)]


def cycle(module: Configuration) -> list[str]:
    """A circle of things that wait for each other; empty where there is none."""
    graph: dict[str, set[str]] = {}
    for who, what in _references(module):
        graph.setdefault(who, set()).add(what.thing)
    done: set[str] = set()

    def walk(thing: str, path: tuple[str, ...]) -> list[str]:
        if thing in path:
            return [*path[path.index(thing) :], thing]
        if thing in done:
            return []
        for following in graph.get(thing, ()):
            found = walk(following, (*path, thing))
            if found:
                return found
        done.add(thing)
        return []

    return next((found for thing in list(graph) if (found := walk(thing, ()))), [])


def _things(module: Configuration) -> dict[str, Any]:
    return {
        **{f"local.{name}": value for name, value in module.locals.items()},
        **{f"var.{name}": {**body, "validation": None} for name, body in module.variables.items()},
        **{f"output.{name}": value for name, value in module.outputs.items()},
        **{f"module.{name}": value for name, value in module.modules.items()},
        **module.resources,
        **{f"data.{at}": body for at, body in module.data.items()},
        **{f"ephemeral.{at}": body for at, body in module.ephemeral.items()},
    }


def _references(module: Configuration) -> Iterator[tuple[str, Reference]]:
    for who, value in _things(module).items():
        for text in _texts(value):
            yield from ((who, Reference(found[1], found[2], found[4])) for found in _REFERENCE.finditer(text))


def _texts(value: Any) -> Iterator[str]:
    """The expressions in a value: those in `${...}`, in literals too."""
    if isinstance(value, str) and "${" in value:
        yield value
    elif isinstance(value, dict):
        yield from (text for each in value.values() for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))


@pytest.fixture(scope="module", params=MODULES)
def module(request: pytest.FixtureRequest) -> Configuration:
    return read_module(MODULES[request.param])


def test_resources_have_what_the_provider_takes_and_requires(module: Configuration) -> None:
    assert provider_faults(module) == []


def test_what_is_referred_to_is_there(module: Configuration) -> None:
    assert reference_faults(module) == []


def test_nothing_waits_for_itself(module: Configuration) -> None:
    assert cycle(module) == []


def test_every_variable_is_used_and_says_what_it_is_for(module: Configuration) -> None:
    used = {what.thing for _, what in _references(module)}
    for name, body in module.variables.items():
        assert f"var.{name}" in used, name
        assert body["description"], name
        assert body["type"], name


def test_the_schema_covers_what_is_used() -> None:
    assert used_types() == PROVIDER.keys()


def test_a_mistake_is_found() -> None:
    good = read_module()
    assert list(_mistakes(good))
    for name, wrong in _mistakes(good):
        assert provider_faults(wrong), f"{name} went through"


def _mistakes(good: Configuration) -> Iterator[tuple[str, Configuration]]:
    """One misspelt argument in each resource, and one that it requires taken away."""
    for at, body in good.resources.items():
        for name in body.keys() - META:
            wrong = copy.deepcopy(good)
            wrong.resources[at][f"{name}x"] = wrong.resources[at].pop(name)
            yield f"{at}.{name}", wrong
            break


def test_a_reference_to_nothing_and_a_circle_are_found() -> None:
    wrong = parse(
        """
        locals {
          a = local.b
          b = "x-${local.a}"
        }
        resource "google_service_account" "main" {
          account_id = var.nothing
        }
        output "x" {
          value = [google_service_account.main.mail, google_service_account.other.email, data.google_project.none.id]
        }
        """
    )
    assert len(reference_faults(wrong)) == 4
    assert set(cycle(wrong)) == {"local.a", "local.b"}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed here")
def test_terraform_itself_can_read_and_would_not_rewrite_it() -> None:
    command = ["terraform", "fmt", "-check", "-diff", "-recursive", str(INFRA)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
