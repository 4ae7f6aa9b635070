"""The dashboard's files reach Firebase Hosting: the commands of docs/deploy.md, run by firebase-tools itself."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.emulators.emulator import AUTH, INSTALLED, EmulatorAbsent
from tests.support.processes import ROOT
from tests.support.skipping import absent
from tests.support.stand_ins.firebase_hosting import PROJECT, SITE, running_hosting

PROGRAM = INSTALLED / "node_modules/firebase-tools/lib/bin/firebase.js"
COMMAND = re.compile(r"^ *npx --yes firebase-tools@[\d.]+ (?!login)(.*)$", re.MULTILINE)
TIMEOUT_S = 240


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What firebase-tools sees of a checkout in which the dashboard was built."""
    shutil.copy(ROOT / "firebase.json", tmp_path)
    assets = tmp_path / "dashboard/dist/assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text("<!doctype html>")
    (assets / "app.js").write_text("1")
    (assets / "app.js.br").write_text("compressed, which Hosting does itself")
    return tmp_path


def commands(told_in: str, site: str) -> list[str]:
    """What follows `firebase` in each of a document's commands, but for those of `site` that it is told at run time."""
    return COMMAND.findall((ROOT / told_in).read_text().replace("$PROJECT_ID", PROJECT).replace(site, SITE))


def test_the_commands_that_are_written_down_publish_the_dashboard(checkout: Path) -> None:
    try:
        AUTH.install()
    except EmulatorAbsent as error:
        absent(str(error))
    lines = commands("docs/deploy.md", '"$(terraform -chdir=infra output -raw hosting_site)"')
    assert len(lines) == 2
    assert [line.replace(" --non-interactive", "") for line in commands("cloudbuild.yaml", '"${_SITE}"')] == lines
    with running_hosting() as hosting:
        environment = {**os.environ, "HOME": str(checkout), "CI": "true", **hosting.environment}
        for line in lines:
            done = subprocess.run(
                ["node", str(PROGRAM), *shlex.split(line), "--non-interactive"],
                cwd=checkout,
                env=environment,
                check=False,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
            )
            assert done.returncode == 0, done.stdout + done.stderr
    assert hosting.released
    assert hosting.files == {"/index.html": b"<!doctype html>", "/assets/app.js": b"1"}
    described = json.loads((ROOT / "firebase.json").read_text())["hosting"]
    assert len(hosting.config["headers"]) == len(described["headers"])
