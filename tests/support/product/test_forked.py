"""A forked program cannot tell that Python was not started for it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.product.forked import Forked, run_forked, start_forked

SAYS = """
import atexit, json, os, signal, sys
atexit.register(lambda: print("at its end", file=sys.stderr))
print(json.dumps([__name__, sys.argv[1:], os.getcwd(), os.environ.get("SAID"), sys.path[0], sys.stdin.read()]))
print(json.dumps([signal.getsignal(each) == signal.SIG_DFL for each in (signal.SIGCHLD, signal.SIGTERM)]))
sys.exit(3)
"""


@pytest.fixture
def sleeping(tmp_path: Path) -> Forked:
    (tmp_path / "sleeps.py").write_text(f"import time\ntime.sleep({PATIENCE_S})")
    with (tmp_path / "log").open("wb") as log:
        return start_forked(["sleeps.py"], tmp_path, os.environ, log.fileno(), log.fileno())


@pytest.mark.parametrize("command", [["says.py", "one", "two"], ["-m", "says", "one", "two"]], ids=["script", "module"])
def test_it_has_arguments_a_folder_an_environment_and_an_end_of_its_own(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "says.py").write_text(SAYS)
    environment = {**os.environ, "SAID": "yes", "PYTHONPATH": ""}
    forked = run_forked(command, tmp_path, environment, PATIENCE_S)
    started = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, timeout=PATIENCE_S,
    )  # fmt: skip
    assert (forked.returncode, forked.stderr) == (started.returncode, started.stderr) == (3, "at its end\n")
    told, signals = forked.stdout.splitlines()
    assert json.loads(told)[:4] == ["__main__", ["one", "two"], str(tmp_path), "yes"]
    assert forked.stdout == started.stdout
    assert json.loads(signals) == [True, True]


def test_it_is_seen_to_run_and_to_have_been_killed(sleeping: Forked) -> None:
    assert sleeping.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        sleeping.wait(0)
    sleeping.kill()
    assert sleeping.wait(PATIENCE_S) == sleeping.poll() == -signal.SIGKILL
    sleeping.kill()  # which is too late, and harms nobody
