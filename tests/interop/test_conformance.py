"""The clients that people use, unchanged, each in a process of its own. Writes `docs/interop.md`."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Interop
from tests.interop.litellm import VENV
from tests.interop.page import NODE, PAGE, SESSIONS
from tests.support.processes import ROOT

pytestmark = pytest.mark.timeout(900)

CLIENTS = Path(__file__).parent / "clients"
CHECKS = ("plain", "stream", "tools", "embeddings", "responses", "refusal")
SCRIPTS = {
    "openai_python.py": ROOT / ".venv",
    "openai_node.mjs": NODE,
    "anthropic_python.py": ROOT / ".venv",
    "langchain_python.py": VENV,
    "litellm_python.py": VENV,
    "vercel_ai.mjs": NODE,
}
HEAD = """\
# Clients that work

Written by `make interop`: each client, as its vendor publishes it, against Farebox in front of a real LiteLLM proxy.
*refusal*: a wrong key is the client's own error for it. A dash: the client has no such call, or none in this dialect.

| client | {names} |
| --- |{rule}
"""


async def run(interop: Interop, script: str, home: Path) -> dict[str, Any]:
    """What a client's script reports."""
    program, file = str(home / "bin" / "python"), CLIENTS / script
    if home is NODE:
        program, file = "node", NODE / script
        for source in (script, "checks.mjs"):  # Node looks for modules from where a script is
            (NODE / source).write_text((CLIENTS / source).read_text())
    reach = {"BASE_URL": interop.url, "API_KEY": interop.customer.key, "NODE_MODULES": str(NODE / "node_modules")}
    process = await asyncio.create_subprocess_exec(
        program, str(file), env={**os.environ, **reach}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, f"{script}: {errors.decode()}"
    report: dict[str, Any] = json.loads(output.decode().strip().splitlines()[-1])
    return report


def row(report: dict[str, Any]) -> str:
    results = report["results"]
    cells = ["-" if name not in results else "yes" if results[name] is None else "**no**" for name in CHECKS]
    return f"| {report['client']} | {' | '.join(cells)} |"


async def test_every_client_passes_every_check_that_it_has(interop: Interop) -> None:
    reports = [await run(interop, script, home) for script, home in SCRIPTS.items()]
    head = HEAD.format(names=" | ".join(CHECKS), rule=" --- |" * len(CHECKS))
    _, mark, sessions = PAGE.read_text().partition(SESSIONS)
    PAGE.write_text(head + "\n".join(map(row, reports)) + "\n" + (f"\n{mark}{sessions}" if mark else ""))
    assert {one["client"]: {k: v for k, v in one["results"].items() if v} for one in reports} == {
        one["client"]: {} for one in reports
    }
