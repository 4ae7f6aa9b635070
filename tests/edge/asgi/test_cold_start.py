"""What a cold start may take: a few times what functions-framework takes by itself, on whatever machine this is.

Measured in November 2026: `chat` takes 2.3 times as much, `keys` 2.8 times; Firestore's client would add as much again.
"""

import resource
import subprocess
import sys

import pytest

from tests.support.processes import ROOT

IMPORTS = {
    "chat": "import main, functions.chat, functions.farebox.wiring.data_plane",
    "keys": "import main, functions.keys, functions.farebox.identity.local.identity",
}
BASELINE = "import functions_framework.aio"
BUDGET = 4.0
TRIES = 3


@pytest.mark.alone
@pytest.mark.parametrize("target", IMPORTS)
def test_a_function_is_imported_within_its_budget(target: str) -> None:
    times = [_processor_time_s(IMPORTS[target]) / _processor_time_s(BASELINE) for _ in range(TRIES)]
    assert min(times) < BUDGET, times


def _processor_time_s(code: str) -> float:
    """Time of the processor, so that the machine's other work counts little."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
