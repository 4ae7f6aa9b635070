"""How it is deployed: what is packed, what Cloud Build does with it, and how anybody knows that it works."""

import json
import re
import shutil
import subprocess
import sys
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
from tests.support.reference_data import reference_data

ROOT = Path(__file__).parents[2]
SMOKE_TEST = ROOT / "scripts/smoke_test.sh"


@pytest.fixture(scope="module")
def infra() -> Configuration:
    return read_module()


@pytest.fixture(scope="module")
def build() -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe").load(ROOT / "cloudbuild.yaml")
    return read


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What Terraform would put into the archive from a working copy in which much else lies about."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "functions", copy / "functions", ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("main.py", "requirements.txt", ".env", "core", "production.tfstate", "notes/x.py", "functions/.env"):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).touch()
    (copy / "infra").mkdir()
    source = (ROOT / "infra/source.tf").read_text()
    output = 'output "deployed" {\n  value = local.deployed\n}\n'
    (copy / "infra/source.tf").write_text(source[: source.index('\ndata "')] + output)
    for arguments in (["init"], ["apply", "-auto-approve"]):
        subprocess.run(["terraform", f"-chdir={copy}/infra", *arguments], check=True, capture_output=True, timeout=60)
    shown = subprocess.run(
        ["terraform", f"-chdir={copy}/infra", "output", "-json", "deployed"],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return set(json.loads(shown.stdout))


needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed here")


@needs_terraform
def test_what_lies_about_in_a_working_copy_is_not_packed(packed: set[str]) -> None:
    assert {path.partition("/")[0] for path in packed} == {"main.py", "requirements.txt", "functions"}
    assert {Path(path).suffix for path in packed if "/data/" not in path} == {".py", ".txt"}


@needs_terraform
def test_everything_that_a_function_reads_is_packed(packed: set[str], tmp_path: Path) -> None:
    for path in packed:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    reads = (
        "import importlib, functions.farebox.pricing.seed as seed, functions.farebox.tokens.vocabulary\n"
        "from functions.edge.asgi.deployables import EDGES\n"
        "[importlib.import_module(f'functions.{name}') for name in EDGES]\n"
        "assert seed.__file__.startswith('{here}'), seed.__file__\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", reads.replace("{here}", str(tmp_path))],
        cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "functions").rglob("data/**/*") if path.is_file()}
    assert data <= packed


@needs_terraform
def test_gcloud_would_pack_the_same(packed: set[str], tmp_path: Path) -> None:
    """`.gcloudignore` is in the language of `.gitignore`."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, timeout=60)
    shutil.copy(ROOT / ".gcloudignore", tmp_path / ".gitignore")
    others = {"notes/x.py", "tests/test_x.py", "docs/x.md", "functions/x.pyc", ".env", "dashboard/dist/index.html"}
    for path in packed | others:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"],
        cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert set(listed.stdout.split()) == packed


def test_no_file_lies_outside_the_folders_that_are_packed() -> None:
    """Data files lie in a folder `data`, which is how the list of what is packed finds them. What a module was compiled
    from, and the types of it, nobody reads there."""
    code = (".py", ".pyc", ".pyi", ".proto")
    others = [path for path in (ROOT / "functions").rglob("*") if path.is_file() and path.suffix not in code]
    assert [path for path in others if "data" not in path.parts] == []


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
    described = json.loads((ROOT / "firebase.json").read_text())["hosting"]
    assert (ROOT / described["public"]).resolve() == ROOT / "dashboard/dist"
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
                if self.path.startswith("/health/") or self.path in ("/", "/docs", "/openapi.json")
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


def test_a_build_goes_without_what_vendors_publish_and_the_projects_own_ci_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever deploys this cannot have it, and their builds run the tests first."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.delenv("FAREBOX_REFERENCE_DATA", raising=False)
    with pytest.raises(pytest.skip.Exception):
        reference_data()
    assert "export FAREBOX_REFERENCE_DATA=" in (ROOT / ".ci/run").read_text()
