"""`infra/` speaks the provider's language: names, nesting, types, what is required, what excludes what, what exists.

The provider cannot be had everywhere, so `terraform validate` may not run; its schema is in `provider_schema.json`.
"""

import copy
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.infra.derive_schema import VERSION, used_types
from tests.infra.provider_rules import OTHERS, PROVIDER, provider_faults
from tests.infra.terraform import INFRA, Body, Configuration, parse, read_module

MODULES = {"infra": INFRA, **{f"modules/{path.name}": path for path in (INFRA / "modules").iterdir()}}

_REFERENCE = re.compile(
    r"(?<![\w.\"])(var|local|module|(?:data\.|ephemeral\.)?(?:google|random|archive|time)_\w+)\.(\w+)"
    r"((?:\[(?:[^\[\]\"]|\"[^\"]*\")*\])?)(?:\.(\w+))?"
)


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


def test_the_schema_is_that_of_the_oldest_version_that_is_let_in() -> None:
    """7.32 is the first that sends Google an `all_traffic_on_latest_revision` that is false."""
    for directory in MODULES.values():
        let_in = re.findall(
            r"hashicorp/google(?:-beta)?\"\n\s*version = \"([^\"]*)\"", (directory / "versions.tf").read_text()
        )
        assert let_in
        assert set(let_in) == {f">= {VERSION}, < 8.0"}


Plant = Callable[[Body], None]


def _at(body: Body, path: str) -> Body:
    """A block in a body, by the names on the way there."""
    for name in path.split("."):
        body = body[name][0]
    return body


def _put(path: str, name: str, value: Any) -> Plant:
    """Write a literal into a block."""
    return lambda body: (_at(body, path) if path else body).update({name: value})


def _drop(path: str, name: str) -> Plant:
    return lambda body: (_at(body, path) if path else body).pop(name)


PLANTED: dict[str, tuple[str, Plant]] = {
    "no number": ("google_cloudfunctions2_function.main", _put("service_config", "timeout_seconds", "a minute")),
    "no truth": ("google_cloudfunctions2_function.main", _put("service_config", "all_traffic_on_latest_revision", "y")),
    "no list": ("google_compute_managed_ssl_certificate.main", _put("managed", "domains", "llm.example.com")),
    "no map": ("google_cloudbuild_trigger.deploy", _put("", "substitutions", ["_SITE"])),
    "no text": ("google_service_account.build", _put("", "account_id", ["farebox-build"])),
    "none of the values": (
        "google_monitoring_alert_policy.unreachable",
        _put("conditions.condition_threshold", "comparison", "COMPARISON_MORE"),
    ),
    "none of the values, at the top": ("google_monitoring_alert_policy.unreachable", _put("", "severity", "FATAL")),
    "a block twice": (
        "google_cloudfunctions2_function.main",
        lambda body: body.update(build_config=body["build_config"] * 2),
    ),
    "a block without what it needs": ("google_compute_url_map.main", _drop("host_rule", "hosts")),
    "no block": ("google_service_account.build", _put("", "timeouts", "10m")),
    "neither of two": ("google_secret_manager_secret_version.generated", _drop("", "secret_data_wo")),
    "both of two": ("google_secret_manager_secret_version.generated", _put("", "secret_data", "x")),
    "one without the other": ("google_secret_manager_secret_version.generated", _drop("", "secret_data_wo_version")),
    "two where one is too many": (
        "google_cloud_scheduler_job.job",
        lambda body: _at(body, "http_target").update(oauth_token=_at(body, "http_target")["oidc_token"]),
    ),
}


@pytest.fixture(scope="module")
def sound() -> Configuration:
    return read_module()


@pytest.mark.parametrize("name", PLANTED)
def test_a_mistake_is_found(name: str, sound: Configuration) -> None:
    at, plant = PLANTED[name]
    wrong = copy.deepcopy(sound.resources[at])
    plant(wrong)
    assert provider_faults(Configuration(resources={at: sound.resources[at]})) == []
    assert provider_faults(Configuration(resources={at: wrong})) != []


def test_a_misspelt_argument_is_found_in_every_resource(sound: Configuration) -> None:
    for at, body in sound.resources.items():
        if at.partition(".")[0] not in OTHERS:
            assert provider_faults(Configuration(resources={at: {**body, "misspelt": 1}})) == [
                f"{at} takes no misspelt"
            ]


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
