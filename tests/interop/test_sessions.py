"""Programs and libraries that people point at a gateway, unchanged, each for whole sessions against scripted upstreams
of each kind. Writes the second table of `docs/interop.md`."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.interop.page import NODE, PAGE, SESSIONS, write_table
from tests.support.money.customers import open_customer
from tests.support.money.wallet_books import books_of
from tests.support.processes import ROOT
from tests.support.product.server_process import running_product
from tests.support.sessions.hearing import Dialect
from tests.support.sessions.product import KINDS, entry_of, pricing_of
from tests.support.sessions.upstream import ScriptedUpstream
from tests.support.stand_ins.upstream import StandIn

pytestmark = pytest.mark.timeout(3600)

SCRIPTS = Path(__file__).parent / "sessions"
AGENTS, OPENAIS, AIDER = (ROOT / f".venv-interop-{name}" for name in ("agents", "openai", "aider"))
OTHERS: tuple[Dialect, ...] = ("chat", "messages")
COLUMNS = ("text", "stream", "parallel", "loop", "reasoning", "image", "empty", "wrong", "cost")
FAMILIES = ("claude-sonnet-4-5", "gpt-4.1", "gpt-5.5")
# A script, the dialect that its program is to ask in, or its generation, where it has several, and where it is
# installed.
OVER_RESPONSES = {
    ("codex_session.py", ""): OPENAIS,
    ("openai_agents_session.py", ""): OPENAIS,
    ("openai_session.py", ""): OPENAIS,
    ("openai_session.mjs", ""): NODE,
    ("pydantic_ai_session.py", "responses"): OPENAIS,
    ("ai_sdk_openai_session.mjs", "5"): NODE,
    ("ai_sdk_openai_session.mjs", "6"): NODE,
    ("ai_sdk_openai_session.mjs", "7"): NODE,
}
PROGRAMS = {
    **OVER_RESPONSES,
    ("claude_code_session.py", ""): AGENTS,
    ("ai_sdk_anthropic_session.mjs", ""): NODE,
    ("langgraph_session.py", "messages"): AGENTS,
    ("langgraph_session.py", "chat"): AGENTS,
    ("pydantic_ai_session.py", "chat"): OPENAIS,
    ("pydantic_ai_session.py", "messages"): OPENAIS,
    ("ai_sdk_4_session.mjs", ""): NODE,
    ("llm_session.py", ""): OPENAIS,
    ("llama_index_session.py", ""): AGENTS,
    ("instructor_session.py", "messages"): AGENTS,
    ("instructor_session.py", "chat"): AGENTS,
    ("opencode_session.py", ""): OPENAIS,
    ("aider_session.py", ""): AIDER,
    ("openrouter_ai_sdk_session.mjs", ""): NODE,
}
HEAD = f"""\
{SESSIONS}

Each program by its defaults, in front of a scripted upstream that completes chats and of one that speaks Messages;
those that ask for Responses also in front of one that speaks nothing else. *parallel*: two tools at once; *loop*: tools
three times in a row; *reasoning*: the same with a thought before each; *empty*: an empty wallet, and *wrong*: a wrong
key, are told as errors, and not after minutes of retries. *cost*: what a program says that its sessions cost, where it
does, is what they were charged, to the nano-USD. A *guess* cannot be: aider rounds it,
charges cached tokens in full, and counts those of streams by itself.

| program | {{names}} |
| --- |{{rule}}
"""


@dataclass(frozen=True)
class Reach:
    """Where scripts find the product, by their environment, and the books of who pays for them."""

    environment: dict[str, str]
    store: Store
    uid: str

    async def charged(self) -> Counter[str]:
        """What was charged by now, by the model, in nano-USD."""
        charged = Counter[str]()
        for record in (await books_of(self.store, self.uid)).records:
            charged[record["model"]] += record["charged"]
        return charged


@pytest.fixture
async def reach(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Reach]:
    if not os.environ.get("FAREBOX_INTEROP"):
        pytest.skip("run by make interop")
    async with AsyncExitStack() as stack:
        upstreams = []
        for kind in KINDS:
            stand_in = await stack.enter_async_context(StandIn())
            stand_in.default = ScriptedUpstream(speaks=(kind,)).answer
            upstreams.append(entry_of(stand_in, kind, FAMILIES))
        product = running_product(tmp_path, sqlite_url, upstreams=upstreams, pricing=pricing_of(FAMILIES))
        server = await asyncio.to_thread(stack.enter_context, product)
        store = Store(open_engine(sqlite_url))
        stack.push_async_callback(store.close)
        rich, poor = await open_customer(store, "100"), await open_customer(store, "0.000001")
        environment = {
            "BASE_URL": server.url,
            "API_KEY": rich.key,
            "POOR_KEY": poor.key,
            "NODE_MODULES": str(NODE / "node_modules"),
        }
        yield Reach(environment, store, rich.uid)


async def run(script: str, dialect: str, home: Path, reach: Reach, kind: Dialect) -> dict[str, Any]:
    """What a program's script reports of its sessions with upstreams of a kind."""
    program, file = str(home / "bin" / "python"), SCRIPTS / script
    if home is NODE:
        program, file = "node", NODE / script
        for source in (script, "scenes.mjs"):  # Node looks for modules from where a script is
            (NODE / source).write_text((SCRIPTS / source).read_text())
    process = await asyncio.create_subprocess_exec(
        program,
        str(file),
        dialect,
        env={**os.environ, **reach.environment, "UPSTREAM_KIND": kind},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, f"{script}: {errors.decode()[-3000:]}"
    report: dict[str, Any] = json.loads(output.decode().strip().splitlines()[-1])
    if report["spent_usd"]:
        told = {model: round(usd * NANOS_PER_USD) for model, usd in report["spent_usd"].items()}
        charged = {model: nanos for model, nanos in (await reach.charged()).items() if model in told}
        report["results"]["cost"] = None if told == charged else f"{told} were told, and {charged} charged"
    return report


def cell(scene: str, reports: Iterable[tuple[Dialect, dict[str, Any]]]) -> str:
    """What came of a scene, with upstreams of all kinds."""
    if scene == "cost" and any(report.get("guesses") for _, report in reports):
        return "guess"
    told = [(kind, report["results"][scene]) for kind, report in reports if scene in report["results"]]
    failed = [kind for kind, fault in told if fault is not None]
    return f"**no**: {', '.join(failed)}" if failed else "yes" if told else "-"


@pytest.mark.parametrize(("script", "dialect"), PROGRAMS)
async def test_a_program_plays_every_scene_with_upstreams_of_each_kind(reach: Reach, script: str, dialect: str) -> None:
    home = PROGRAMS[script, dialect]
    kinds = KINDS if (script, dialect) in OVER_RESPONSES else OTHERS
    reports = [(kind, await run(script, dialect, home, reach, kind)) for kind in kinds]
    name = reports[0][1]["client"]
    write_table(PAGE, SESSIONS, HEAD, COLUMNS, name, [cell(column, reports) for column in COLUMNS])
    faults = {kind: {scene: fault for scene, fault in report["results"].items() if fault} for kind, report in reports}
    assert faults == {kind: {} for kind in kinds}
