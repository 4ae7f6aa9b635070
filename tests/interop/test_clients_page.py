"""What `docs/clients.md` gives to be pasted, pasted: each snippet as it stands, but for the address that it names."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.interop.page import NODE
from tests.support.money.customers import open_customer
from tests.support.processes import ROOT
from tests.support.product.server_process import running_product
from tests.support.source.clients_page import Snippet, snippets_of
from tests.support.stand_ins.upstream import Received, Reply, StandIn, completion, stream
from tests.support.stand_ins.upstream_replies import calling_these

pytestmark = pytest.mark.timeout(600)

SAID = "Hello from a model"
LEGS = '{"content": 4}'
ADDRESS = "http://localhost:8080"
PRICE = {"input_usd_per_1m": "3.00", "output_usd_per_1m": "15.00", "context_tokens": 1_000_000}
MODELS = ("gpt-4o-mini", "claude-opus-4-8", "claude-sonnet-4-6", "claude-haiku-4-5")
AGENTS, OPENAIS, AIDER, PROXY = (ROOT / f".venv-interop{name}" for name in ("-agents", "-openai", "-aider", ""))
LIBRARIES = {
    "OpenAI, Python": OPENAIS,
    "Anthropic, Python": AGENTS,
    "LiteLLM": PROXY,
    "LangChain and LangGraph": AGENTS,
    "LlamaIndex": AGENTS,
    "Pydantic AI": OPENAIS,
    "OpenAI's Agents SDK": OPENAIS,
    "Instructor": AGENTS,
}


def answer(received: Received) -> Reply:
    """Says the same to everybody, calls a function that must be called, and fills in forms."""
    asked = received.json
    if isinstance(asked.get("tool_choice"), dict) or asked.get("tool_choice") == "required":
        return calling_these([("call_1", asked["tools"][0]["function"]["name"], LEGS)])
    said = LEGS if asked.get("response_format", {}).get("type") == "json_schema" else SAID
    return stream([said]) if asked.get("stream") else completion(said)


@pytest.fixture
async def reach(tmp_path: Path, sqlite_url: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """The address to put in the place of the page's, and the environment that the page takes as given."""
    if not os.environ.get("FAREBOX_INTEROP"):
        pytest.skip("run by make interop")
    async with AsyncExitStack() as stack:
        stand_in = await stack.enter_async_context(StandIn())
        stand_in.default = answer
        upstream = {"id": "upstream", "base_url": stand_in.base_url, "models": {model: model for model in MODELS}}
        product = running_product(tmp_path, sqlite_url, upstreams=[upstream], pricing=dict.fromkeys(MODELS, PRICE))
        server = await asyncio.to_thread(stack.enter_context, product)
        store = Store(open_engine(sqlite_url))
        stack.push_async_callback(store.close)
        key = (await open_customer(store, "100")).key
        home = tmp_path / "home"
        home.mkdir()
        yield server.url, {**os.environ, "HOME": str(home), "FAREBOX_KEY": key}


async def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told = (await process.communicate())[0].decode()
    assert process.returncode == 0, told[-3000:]
    return told


def library(snippet: Snippet, text: str, folder: Path) -> list[str]:
    """A command that runs what is written for a library."""
    if snippet.language == "js":
        (NODE / "pasted.mjs").write_text(text)  # Node looks for modules from where a script is
        return ["node", str(NODE / "pasted.mjs")]
    (folder / "pasted.py").write_text(f'import os\n\nKEY = os.environ["FAREBOX_KEY"]\n{text}')
    return [str(LIBRARIES[snippet.program] / "bin" / "python"), "pasted.py"]


def shell(lines: str) -> Callable[[str, Path], list[str]]:
    """What is pasted into a shell; `lines` are what somebody types behind it."""
    return lambda text, folder: ["sh", "-euc", text + lines]


def settings(name: str, lines: str) -> Callable[[str, Path], list[str]]:
    """What is pasted into a file of that name in one's home; `lines` are what somebody types then."""

    def paste(text: str, folder: Path) -> list[str]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        return ["sh", "-euc", lines]

    return paste


PASTE: dict[str, Callable[[str, Path], list[str]]] = {
    "curl": shell(""),
    "Claude Code": shell(" -p Hello"),
    "aider": shell(" --no-git --yes-always --no-check-update --message Hello"),
    "Codex": settings(".codex/config.toml", "codex exec --skip-git-repo-check Hello"),
    "opencode": settings("opencode.json", "opencode run Hello"),
    "`llm`": settings(
        "extra-openai-models.yaml",
        'llm keys set farebox --value "$FAREBOX_KEY"; llm -m farebox Hello; llm -m farebox Hi --schema "content int"',
    ),
}
PASTED = [snippet for snippet in snippets_of() if snippet.program != "Open WebUI"]  # which runs until it is stopped


@pytest.mark.parametrize("snippet", PASTED, ids=lambda snippet: f"{snippet.program} ({snippet.language})")
async def test_what_the_page_gives_to_be_pasted_gets_an_answer(
    snippet: Snippet, reach: tuple[str, dict[str, str]]
) -> None:
    url, environment = reach
    home = Path(environment["HOME"])
    bins = [str(NODE / "node_modules" / ".bin"), *(str(venv / "bin") for venv in (OPENAIS, AIDER))]
    environment |= {"PATH": os.pathsep.join([*bins, environment["PATH"]]), "LLM_USER_PATH": str(home)}
    if snippet.program == "OpenAI's Agents SDK":  # as the page says beside it
        environment |= {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": environment["FAREBOX_KEY"]}
    text = snippet.text.replace(ADDRESS, url)
    command = PASTE[snippet.program](text, home) if snippet.program in PASTE else library(snippet, text, home)
    told = await run(command, home, environment)
    assert ("4" if snippet.program == "Instructor" else SAID) in told
    if snippet.program == "`llm`":
        assert LEGS in told
