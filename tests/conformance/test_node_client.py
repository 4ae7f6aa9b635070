"""OpenAI's official Node client, unchanged. Its tests are `node/client.test.js`; this installs it and runs them."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conformance.conftest import Place
from tests.support.npm import NotInstalled, npm_install
from tests.support.skipping import absent

NODE = Path(__file__).parent / "node"
OLDEST_NODE = 20
FEWEST_TESTS = 16


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(command, check=False, cwd=NODE, env=environment, capture_output=True, text=True, timeout=100)


@pytest.fixture(scope="module")
def installed_client() -> None:
    """The client that the lock names, in an untracked folder."""
    try:
        npm_install(NODE)
    except NotInstalled as error:
        absent(f"the Node client was not tested: {error}")
    version = run("node", "--version").stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        absent(f"the Node client was not tested: node {version} is older than {OLDEST_NODE}")


@pytest.mark.usefixtures("installed_client")
def test_the_node_client_works_unchanged(place: Place) -> None:
    done = run(
        "node",
        "--test",
        "--test-reporter=tap",
        FAREBOX_BASE_URL=place.base_url,
        FAREBOX_KEY=place.payer.key,
        FAREBOX_KEY_WITHOUT_CREDIT=place.pauper.key,
        FAREBOX_KEY_TO_EMBED_ONLY=place.embedder.key,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = dict(re.findall(r"^# (tests|pass) (\d+)$", done.stdout, re.MULTILINE))
    assert int(counts["tests"]) == int(counts["pass"]) >= FEWEST_TESTS
