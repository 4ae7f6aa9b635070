"""The image: what its Dockerfile copies is there, and serves everything or one function without writing to its disk.

No daemon runs here, so its stages are followed by hand: their files are laid out as they say, from what `.dockerignore`
lets through, the dashboard is built from them, and the entry point of the last is started over its own.
"""

import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from functions.edge.asgi.deployables import EDGES
from tests.support.npm import NotInstalled, npm_install
from tests.support.patience import PATIENCE_S
from tests.support.processes import ROOT, free_port
from tests.support.product.runtime import config_with
from tests.support.skipping import absent

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
READY_TIMEOUT_S = 60.0
LISTED = [
    "git",
    "ls-files",
    "--cached",
    "--others",
    "--exclude-standard",
]  # what is in a checkout, committed or not yet
# What the other stages leave: the packages that run this, and a dashboard that was built.
STAGES = {"packages": "/app/.venv", "dashboard": "/build/dashboard/dist"}


def instructions(stage: str | None = None) -> Iterator[tuple[str, str]]:
    """Those of a stage by its name, else of the last."""
    _, *named = re.split(r"^FROM \S+(?: AS (\w+))?$", DOCKERFILE, flags=re.MULTILINE)
    for line in dict(zip(named[::2], named[1::2], strict=True))[stage].splitlines():
        found = re.match(r"([A-Z]+) +(.*)", line)
        if found:
            yield found[1], found[2].strip()


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build is sent: git's language of patterns is close enough to Docker's for those that are there."""
    copy = tmp_path_factory.mktemp("context")
    shutil.copy(ROOT / ".dockerignore", copy / ".gitignore")
    tracked = subprocess.run(LISTED, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    for path in [*tracked, ".env", "functions/kit/__pycache__/x.pyc", "dashboard/node_modules/x/index.js"]:
        if path not in (".gitignore", "dashboard/.gitignore"):
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / path).exists():
                shutil.copy(ROOT / path, copy / path, follow_symlinks=False)
            else:
                (copy / path).touch()
    subprocess.run(["git", "init", "-q"], cwd=copy, check=True)
    # Docker looks into a folder that is excluded with all others and let in by name; git needs its parents let in too.
    patterns = re.sub(r"^!(\w+)/(.+)$", r"!\1\n\1/*\n!\1/\2", (copy / ".gitignore").read_text(), flags=re.MULTILINE)
    (copy / ".gitignore").write_text(
        patterns.replace("!functions\n", "!functions\n!functions/**\n").replace(
            "!dashboard\n", "!dashboard\n!dashboard/**\n"
        )
    )
    sent = subprocess.run(LISTED, cwd=copy, check=True, capture_output=True, text=True).stdout.split()
    seen = tmp_path_factory.mktemp("sent")
    for path in sent:
        (seen / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(copy / path, seen / path, follow_symlinks=False)
    return seen


@pytest.fixture(scope="module")
def image(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `/app` of the image."""
    app = tmp_path_factory.mktemp("app")
    for name, arguments in instructions():
        if name != "COPY":
            continue
        words = arguments.split()
        stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else None
        *sources, target = words
        if stage == "packages":
            assert sources == [STAGES[stage]]
            (app / target).symlink_to(ROOT / ".venv")
        elif stage == "dashboard":
            assert sources == [STAGES[stage]]
            (app / target).mkdir(parents=True)
            (app / target / "index.html").write_text("<!doctype html>")
        else:
            for source in sources:
                _copy(context / source, app / target, into=target.endswith("/"))
    return app


def _copy(source: Path, target: Path, *, into: bool) -> None:
    assert source.exists(), f"{source.name} is not sent to the build"
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    else:
        target = target / source.name if into else target
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


@contextmanager
def container(image: Path, data: Path, *command: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The image's entry point, with the environment that its Dockerfile sets, on a disk that must stay as it is: it is
    read-only where it runs."""
    port = free_port()
    variables = dict(re.findall(r"(\w+)=(\S+)", " ".join(value for name, value in instructions() if name == "ENV")))
    variables |= {"PORT": str(port), "DATA_DIR": str(data), "PATH": "/usr/bin:/bin", "FAREBOX_PAYMENTS": "sandbox"}
    variables["FAREBOX_STORE"] = variables["FAREBOX_STORE"].replace("/data", str(data))
    words = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
    words += ["sh", f"{image}/scripts/container.sh", *command]
    before = _changed_at(image)
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_S)
    assert _changed_at(image) == before, "it wrote to its own disk"


def _changed_at(folder: Path) -> dict[Path, int]:
    """When each of its files and folders was changed; a folder is where a file comes to be or goes."""
    return {path: path.lstat().st_mtime_ns for path in (folder, *folder.rglob("*"))}


def _until_ready(url: str, process: "subprocess.Popen[bytes]", data: Path) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, (data / "log").read_text()
        try:
            if httpx.get(f"{url}/healthz", timeout=PATIENCE_S).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail((data / "log").read_text())


@pytest.mark.parametrize(("command", "path", "status"), [("all", "/", 200), ("keys", "/api/keys", 401)])
def test_it_serves_without_writing_to_its_disk_and_settles_when_it_is_stopped(
    image: Path, tmp_path: Path, command: str, path: str, status: int
) -> None:
    with container(image, tmp_path, command) as (url, process):
        _until_ready(url, process, tmp_path)
        assert httpx.get(f"{url}{path}", timeout=60).status_code == status
        port = url.rpartition(":")[2]
        health = ["env", f"PORT={port}", f"DATA_DIR={tmp_path}", "sh", f"{image}/scripts/container.sh", "healthy"]
        assert subprocess.run(health, check=False, timeout=60).returncode == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0, (tmp_path / "log").read_text()
    assert (tmp_path / "farebox.db").exists()
    assert subprocess.run(health, check=False, capture_output=True, timeout=60).returncode != 0


def test_it_runs_the_command_line(image: Path, tmp_path: Path) -> None:
    with container(image, tmp_path, "cli", "invite", "ada@example.com") as (_, process):
        assert process.wait(60) == 0, (tmp_path / "log").read_text()
    [made] = json.loads((tmp_path / "log").read_text())
    assert (made["email"], bool(made["invitation"])) == ("ada@example.com", True)


def test_a_build_is_sent_what_it_is_built_from_and_nothing_else(context: Path) -> None:
    tops = {path.name for path in context.iterdir()}
    assert tops == {"main.py", "requirements.txt", "functions", "scripts", "dashboard", "docs"}
    assert [path.name for path in (context / "scripts").iterdir()] == ["container.sh"]
    assert [path.name for path in (context / "docs").iterdir()] == ["clients.md"]
    assert not list(context.rglob("*.pyc"))
    assert not (context / "dashboard/node_modules").exists()


def test_the_dashboard_is_built_from_what_its_stage_copies(context: Path, tmp_path: Path) -> None:
    try:
        npm_install(ROOT / "dashboard")
    except NotInstalled as error:
        absent(str(error))
    folder = tmp_path
    for name, arguments in instructions("dashboard"):
        if name == "WORKDIR":
            folder = tmp_path / arguments.removeprefix("/")
            folder.mkdir(parents=True)
        elif name == "COPY":
            *sources, target = arguments.split()
            for source in sources:
                _copy(context / source, folder / target, into=target.endswith("/"))
        elif arguments.startswith("npm ci "):
            (folder / "node_modules").symlink_to(ROOT / "dashboard/node_modules")
        else:
            done = subprocess.run(arguments.split(), cwd=folder, check=False, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
    built = tmp_path / STAGES["dashboard"].removeprefix("/")
    assert (built / "index.html").exists()
    assert (built / "clients.txt").read_text() == (ROOT / "docs/clients.md").read_text()


def test_it_runs_as_nobody_in_particular_and_says_whether_it_is_well() -> None:
    told = dict(instructions())
    assert told["USER"].isdecimal()
    assert "container.sh" in told["HEALTHCHECK"]
    assert json.loads(told["ENTRYPOINT"]) == ["sh", "/app/scripts/container.sh"]
    for image in re.findall(r"^ARG \w+_IMAGE=(\S+)", DOCKERFILE, re.MULTILINE):
        assert re.search(r":\d+\.\d+\.\d+", image), image


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe").load(ROOT / "compose.yaml")["services"]
    return read


def test_every_farebox_of_the_compose_file_is_confined_and_configured(services: dict[str, Any]) -> None:
    ours = {name: service for name, service in services.items() if service.get("image") == "farebox"}
    assert {service.get("profiles", ["-"])[0] for service in ours.values()} == {"-", "firestore", "models"}
    for service in ours.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        written = service["environment"]
        variables = {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for name, value in written.items()}
        variables["FAREBOX_PAYMENTS"] = "sandbox"
        config = config_with({"FAREBOX_STORE": "sqlite:////data/farebox.db", **variables})
        priced = set(config.pricing or {})
        assert all(set(upstream["models"]) <= priced for upstream in config.upstreams or [])


def test_every_setting_of_the_file_beside_it_reaches_farebox_and_the_sandbox_is_named(services: dict[str, Any]) -> None:
    """What `environment` has is set whatever `.env` says: nothing but what a container has of its own belongs there."""
    ours = [service for service in services.values() if service.get("image") == "farebox"]
    assert ours
    for service in ours:
        assert service["env_file"] == [{"path": ".env", "required": False}]
        assert service["environment"]["FAREBOX_PAYMENTS"].startswith("${FAREBOX_PAYMENTS:?")
    assert services["farebox"]["environment"].keys() == {"FAREBOX_PAYMENTS", "FAREBOX_HOST", "PORT"}


def test_what_the_compose_file_says_to_run_has_what_it_requires(services: dict[str, Any]) -> None:
    """Compose reads the whole file for each command, and looks for a service among those of the profiles it is told."""
    text = (ROOT / "compose.yaml").read_text()
    head, *commands = text.split("docker compose ")
    assert len(commands) >= 4
    for name in re.findall(r"\$\{(\w+):\?", text):
        assert re.search(rf"echo {name}=\w+ >>\.env", head)
    for command in commands:
        told = re.match(r"(?:--profile (\w+) )?(?:up|exec (\w+))", command)
        assert told
        assert told[1] is None or [told[1]] in [service.get("profiles") for service in services.values()]
        assert told[2] is None or services[told[2]].get("profiles", [None]) == [told[1]]


def test_a_function_that_is_named_is_one_of_ours() -> None:
    assert not EDGES.keys() & {"all", "cli", "healthy"}
