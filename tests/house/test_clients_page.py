"""The page for programs names each of the common ones, with an address that it takes, and can be found."""

import ast
import json
import re
from pathlib import Path

import pytest

from tests.support.source import clients_page
from tests.support.source.clients_page import Snippet, snippets_of

ROOT = Path(__file__).parents[2]
PAGE = clients_page.PAGE.read_text()
PROGRAMS = [
    *("curl", "OpenAI, Python", "OpenAI, Node", "Anthropic, Python", "AI SDK", "Claude Code", "Codex", "opencode"),
    *(
        "aider",
        "Open WebUI",
        "Cline",
        "Roo",
        "LangChain",
        "LlamaIndex",
        "Pydantic AI",
        "Agents SDK",
        "Instructor",
        "`llm`",
        "LiteLLM",
    ),
]
SNIPPETS = list(snippets_of())


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_is_told_how_to_connect(program: str) -> None:
    assert re.search(rf"\*\*[^*]*{re.escape(program)}[^*]*\*\*", PAGE)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: f"{snippet.program} ({snippet.language})")
def test_each_snippet_has_an_address_that_the_program_takes(snippet: Snippet) -> None:
    addresses = re.findall(r"http://localhost:8080(/[\w/]*)?", snippet.text)
    is_anthropics = "Anthropic" in snippet.program or "Claude" in snippet.program
    assert all(address.startswith("/v1") is not is_anthropics for address in addresses)
    assert len(snippet.text.splitlines()) <= 12
    if snippet.language == "python":
        ast.parse(snippet.text)


def test_a_model_that_programs_ask_no_server_about_is_said_to_see_call_and_fill_in() -> None:
    [llm] = [snippet.text for snippet in SNIPPETS if snippet.program == "`llm`"]
    assert all(f"{able}: true" in llm for able in ("vision", "supports_tools", "supports_schema"))


def test_claude_is_named_as_the_page_for_anthropic_serves_it() -> None:
    [entries] = re.findall(r"```json\n(\[.*?\])\n```", (ROOT / "docs/upstreams/anthropic.md").read_text(), re.DOTALL)
    served = {model for entry in json.loads(entries) for model in entry["models"]}
    assert set(re.findall(r"claude-[a-z]+-[\d-]+", PAGE)) == served
    assert served <= json.loads((ROOT / "functions/farebox/pricing/data/prices.json").read_text()).keys()


def test_claude_code_is_given_the_key_where_it_asks_nobody_about_it() -> None:
    [agent] = [snippet.text for snippet in SNIPPETS if snippet.program == "Claude Code"]
    assert 'ANTHROPIC_AUTH_TOKEN="$FAREBOX_KEY"' in agent
    assert "ANTHROPIC_AUTH_TOKEN=$" in (ROOT / "dashboard/src/kit/snippets/agents.ts").read_text()


def test_opencode_begins_with_a_model_that_it_is_told_of() -> None:
    """Started by hand, it would begin with one of its maker's, and send that what is typed."""
    [settings] = [json.loads(snippet.text) for snippet in SNIPPETS if snippet.program == "opencode"]
    provider, _, model = settings["model"].partition("/")
    assert model in settings["provider"][provider]["models"]


def test_the_page_is_linked_from_where_people_begin() -> None:
    assert "docs/clients.md" in (ROOT / "README.md").read_text()
    assert 'href="/clients.txt"' in (ROOT / "dashboard/src/kit/snippets/Snippets.tsx").read_text()
    assert (ROOT / "dashboard/public/clients.txt").read_text() == PAGE
    assert len(SNIPPETS) >= len(PROGRAMS) - 2
