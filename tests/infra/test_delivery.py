"""How it is deployed: what is packed, what Cloud Build does with it, and how anybody knows that it works."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from functions.edge.asgi.deployables import EDGES
from tests.infra.terraform import Configuration, read_module

ROOT = Path(__file__).parents[2]
SMOKE_TEST = ROOT / "scripts/smoke_test.sh"


@pytest.fixture(scope="module")
def infra() -> Configuration:
    return read_module()


@pytest.fixture(scope="module")
def build() -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe").load(ROOT / "cloudbuild.yaml")
    return read


def test_terraform_packs_what_gcloud_would(infra: Configuration) -> None:
    lines = (ROOT / ".gcloudignore").read_text().splitlines()
    ignored = {line.rstrip("/") for line in lines if line and not line.startswith("#")}
    packed = {name.removeprefix("**/") for name in infra.locals["not_deployed"]}
    assert packed == ignored


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout, so nothing says what belongs to it")
def test_nothing_but_the_code_is_packed(infra: Configuration) -> None:
    left_out = [re.compile(_pattern(glob)) for glob in infra.locals["not_deployed"]]
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    tops = {path.partition("/")[0] for path in tracked}
    assert {top for top in tops if not any(glob.fullmatch(top) for glob in left_out)} - {"dashboard"} == {
        "LICENSE", "functions", "main.py", "requirements.txt",
    }  # fmt: skip


def _pattern(glob: str) -> str:
    return re.escape(glob).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")


def test_another_source_is_another_object(infra: Configuration) -> None:
    source = infra.resources["google_storage_bucket_object.source"]
    assert "data.archive_file.source.output_sha256" in source["name"]


def test_a_build_tests_before_it_plans_plans_before_it_applies_and_tries_out_what_it_deployed(
    build: dict[str, Any],
) -> None:
    before = all_before(build)
    assert {"test", "settings"} <= before["plan"]
    assert "plan" in before["apply"]
    assert {"apply", "test"} <= before["hosting"]
    assert before["smoke-test"] == before.keys() - {"smoke-test"}
    commands = {step["id"]: " ".join(step["args"]) for step in build["steps"]}
    assert "make test" in commands["test"]
    assert commands["apply"].endswith(re.search(r"-out=(\S+)", commands["plan"])[1])  # type: ignore[index]
    assert (ROOT / commands["smoke-test"].split()[0]).samefile(SMOKE_TEST)


def all_before(build: dict[str, Any]) -> dict[str, set[str]]:
    """By step, every step that has surely ended when it begins. A step names those that it waits for, which come before
    it in the file; `-` is none, and one that names nothing would wait for all before it.
    https://cloud.google.com/build/docs/configuring-builds/configure-build-step-order"""
    before: dict[str, set[str]] = {}
    for step in build["steps"]:
        waits = step["waitFor"]
        assert waits, f"{step['id']} waits for whatever happens to stand before it"
        named = set() if waits == ["-"] else set(waits)
        assert named <= before.keys(), f"{step['id']} waits for {sorted(named - before.keys())}"
        before[step["id"]] = named.union(*(before[each] for each in named))
    return before


@pytest.mark.parametrize(
    ("step", "waits"),
    [("plan", ["test", "setings"]), ("apply", ["smoke-test"]), ("plan", ["plan"]), ("hosting", ["-", "apply"])],
)
def test_a_step_that_waits_for_what_never_comes_is_found(build: dict[str, Any], step: str, waits: list[str]) -> None:
    steps = [{**each, "waitFor": waits} if each["id"] == step else each for each in build["steps"]]
    with pytest.raises(AssertionError, match=step):
        all_before({"steps": steps})


def test_the_dashboard_is_deployed_from_what_was_built_to_the_site_that_terraform_made(
    infra: Configuration, build: dict[str, Any]
) -> None:
    [hosting] = [step for step in build["steps"] if step["id"] == "hosting"]
    config = ROOT / "infra/hosting/firebase.json"
    described = json.loads(config.read_text())["hosting"]
    assert (config.parent / described["public"]).resolve() == ROOT / "dashboard/dist"
    assert f"hosting:{described['target']}" in hosting["args"][-1]
    assert f'target:apply hosting {described["target"]} "${{_SITE}}"' in hosting["args"][-1]
    substitutions = infra.resources["google_cloudbuild_trigger.deploy"]["substitutions"]
    assert substitutions["_SITE"] == "${google_firebase_hosting_site.dashboard.site_id}"
    assert "roles/firebasehosting.admin" in infra.locals["deploy_role"]


def test_a_production_build_waits_for_approval_and_runs_as_an_account_that_owns_nothing(
    infra: Configuration, build: dict[str, Any]
) -> None:
    trigger = infra.resources["google_cloudbuild_trigger.deploy"]
    assert trigger["approval_config"][0]["approval_required"] == '${var.environment == "production"}'
    assert infra.variables["environment"]["default"] == "production"
    assert trigger["service_account"] == "${google_service_account.deploy.id}"
    assert trigger["substitutions"].keys() == build["substitutions"].keys()
    roles = set(re.findall(r'"(roles/[\w.]+)"', infra.locals["deploy_role"]))
    assert roles
    assert not roles & {
        "roles/owner",
        "roles/editor",
        "roles/iam.securityAdmin",
        "roles/resourcemanager.projectIamAdmin",
    }
    assert "hasOnly" in infra.resources["google_project_iam_member.deploy_rights"]["condition"][0]["expression"]


def test_images_of_a_build_are_pinned(build: dict[str, Any]) -> None:
    for step in build["steps"]:
        assert re.search(r":\d+\.\d+\.\d+(-\w+)?$", step["name"]), step["name"]


def test_the_smoke_test_passes_where_doors_are_shut_and_everything_is_up() -> None:
    with deployment(broken=None) as (url, asked):
        done = _try_out(url)
        assert done.returncode == 0, done.stderr
    assert {path for path in asked if path.startswith("/health/")} == {f"/health/{name}" for name in EDGES} - {
        "/health/scheduled"
    }


@pytest.mark.parametrize("broken", ["/", "/health/metering", "/v1/models", "/api/admin/stats", "/api/check-budget"])
def test_the_smoke_test_fails_where_a_function_is_down_or_a_door_is_open(broken: str) -> None:
    with deployment(broken=broken) as (url, _):
        done = _try_out(url)
    assert done.returncode == 1
    assert broken in done.stderr


@contextmanager
def deployment(broken: str | None) -> Iterator[tuple[str, list[str]]]:
    """Something that answers as Farebox does, with at most one mistake; and the paths that were asked for."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            right = (
                200
                if self.path.startswith("/health/") or self.path == "/"
                else 400
                if self.path.startswith("/api/stripe")
                else 401
            )
            self.send_response((404 if right == 200 else 200) if self.path == broken else right)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def _try_out(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", str(SMOKE_TEST), url], check=False, capture_output=True, text=True, timeout=60)
