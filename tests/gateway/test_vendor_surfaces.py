"""The recipes of vendors against what those document: address, credentials, the field that bounds an answer, and the
fields that are refused. A stand-in that takes nothing else stands in each vendor's place; the answers are paid for."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.farebox.gateway.entry.form import KeyHeader
from functions.farebox.gateway.upstream import parse_upstream
from functions.farebox.storage import Store
from tests.gateway.test_recipes import FOLDER, recipe
from tests.support.money.customers import open_customer
from tests.support.product.in_process import running
from tests.support.product.runtime import BUILTIN_PRICES
from tests.support.stand_ins.anthropic import KEY as ANTHROPIC_KEY
from tests.support.stand_ins.anthropic import MODEL as ANTHROPIC_MODEL
from tests.support.stand_ins.anthropic import AnthropicApi
from tests.support.stand_ins.metadata_server import MetadataServer
from tests.support.stand_ins.upstream import Received, Reply, StandIn, completion, json_reply, stream

BEARER = re.compile(r"Bearer \S+")


@dataclass(frozen=True)
class Surface:
    """What a vendor documents. `path` is of chat completions; `caps` are the fields that bound an answer, `refused`
    those that a request may not have, `known` the only ones that it may."""

    path: str
    model: str
    caps: frozenset[str]
    headers: Mapping[str, re.Pattern[str]] = field(default_factory=lambda: {"authorization": BEARER})
    query: str = ""
    refused: frozenset[str] = frozenset()
    developer: bool = False  # whether it knows messages of that role
    known: frozenset[str] | None = None
    refusal: Any = field(default_factory=lambda: {"error": {"message": "unsupported", "type": "invalid_request_error"}})
    status: int = 400


MAX, NEWER = frozenset({"max_tokens"}), frozenset({"max_completion_tokens"})
MISTRALS = frozenset(
    {
        "model", "messages", "temperature", "top_p", "max_tokens", "stream", "stop", "random_seed", "response_format",
        "tools", "tool_choice", "presence_penalty", "frequency_penalty", "n", "prediction", "parallel_tool_calls",
        "prompt_mode", "safe_prompt", "reasoning_effort",
    }
)  # fmt: skip
LABELS = frozenset(
    {"metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "store", "verbosity"}
)
ADDED = frozenset({"top_k", "min_p", "repetition_penalty"})
KEY = {"api-key": re.compile(r"key-of-the-(other-)?resource")}
SURFACES: dict[str, Surface] = {
    "vertex": Surface(
        path="/v1/projects/PROJECT/locations/us-central1/endpoints/openapi/chat/completions",
        model="google/gemini-2.5-flash",
        caps=MAX | NEWER,
        headers={"authorization": re.compile(r"Bearer token-\d+")},
        refused=LABELS,
    ),
    "openai": Surface(path="/v1/chat/completions", model="gpt-4o", caps=NEWER, refused=ADDED, developer=True),
    "azure": Surface(
        path="/openai/v1/chat/completions", model="my-gpt-4o", caps=NEWER, headers=KEY, refused=ADDED, developer=True
    ),
    "gemini": Surface(
        path="/v1beta/openai/chat/completions",
        model="gemini-2.5-flash",
        caps=MAX | NEWER,
        refused=frozenset({"seed", "frequency_penalty", "presence_penalty", "logit_bias", "user"}) | LABELS | ADDED,
        refusal=[{"error": {"code": 400, "message": 'Unknown name "seed": Cannot find field.'}}],
    ),
    "bedrock": Surface(path="/openai/v1/chat/completions", model="openai.gpt-oss-120b-1:0", caps=NEWER),
    "openrouter": Surface(
        path="/api/v1/chat/completions",
        model="openai/gpt-4o",
        developer=True,
        caps=MAX | NEWER,
        headers={
            "authorization": BEARER,
            "http-referer": re.compile(r"https://gateway\.example\.com"),
            "x-title": re.compile("Example"),
        },
    ),
    "groq": Surface(
        path="/openai/v1/chat/completions",
        model="llama-3.3-70b-versatile",
        caps=NEWER,
        refused=frozenset({"logprobs", "top_logprobs", "logit_bias", "n"}) | LABELS | ADDED,
    ),
    "mistral": Surface(
        path="/v1/chat/completions",
        model="mistral-small-latest",
        caps=MAX,
        known=MISTRALS,
        refusal={"object": "error", "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"]}]}},
        status=422,
    ),
    "deepseek": Surface(path="/v1/chat/completions", model="deepseek-v4-flash", caps=MAX, refused=LABELS),
    "xai": Surface(
        path="/v1/chat/completions",
        model="grok-4.5",
        caps=NEWER,
        refused=frozenset({"presence_penalty", "frequency_penalty", "stop"}),
        developer=True,
    ),
    "together": Surface(path="/v1/chat/completions", model="meta-llama/Llama-3.3-70B-Instruct-Turbo", caps=MAX),
}
PUBLIC = {"openrouter": "openrouter/openai/gpt-4o"}  # where the page names a pattern
ASKED: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Hello"}],
    "max_completion_tokens": 64,
    "temperature": 0.5,
    "top_p": 0.9,
    "seed": 7,
    "stop": ["END"],
    "presence_penalty": 0.1,
    "frequency_penalty": 0.1,
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "top_logprobs": 2,
    "user": "u-1",
    "metadata": {"team": "a"},
    "response_format": {"type": "text"},
}
# What Codex and Claude Code send without being told to, in short.
CODEX: dict[str, Any] = {
    "instructions": "You are a coding agent.",
    "input": [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "Ask before you write."}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
    ],
    "tools": [{"type": "function", "name": "shell", "strict": False, "parameters": {"type": "object"}}],
    "tool_choice": "auto",
    "parallel_tool_calls": False,
    "reasoning": {"effort": "medium", "summary": "auto"},
    "store": False,
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "018f",
    "text": {"verbosity": "medium"},
    "max_output_tokens": 64,
}
CLAUDE_CODE: dict[str, Any] = {
    "system": [{"type": "text", "text": "You are Claude Code.", "cache_control": {"type": "ephemeral"}}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
    "tools": [{"name": "Bash", "description": "Runs.", "input_schema": {"type": "object", "properties": {}}}],
    "metadata": {"user_id": "user_1_session_2"},
    "temperature": 1,
    "top_k": 40,
    "max_tokens": 64,
}
CALLS = {"/v1/chat/completions": ASKED, "/v1/responses": CODEX, "/v1/messages": CLAUDE_CODE}


class Vendor:
    """A rule for a stand-in: it answers what the surface takes, and keeps what it found wrong."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self.problems: list[str] = []

    def __call__(self, received: Received) -> Reply:
        surface, asked = self._surface, received.json
        problems = [
            f"{name} is {received.headers.get(name)!r}"
            for name, wanted in surface.headers.items()
            if wanted.fullmatch(received.headers.get(name, "")) is None
        ]
        if (received.path, received.query) != (surface.path, surface.query):
            problems.append(f"asked at {received.path}?{received.query}")
        if asked["model"] != surface.model:
            problems.append(f"asked for {asked['model']}")
        caps = {"max_tokens", "max_completion_tokens"} & asked.keys()
        if len(caps) != 1 or not caps <= surface.caps or asked[next(iter(caps))] > 64:
            problems.append(f"bounded by {caps}")
        unknown = asked.keys() - surface.known if surface.known is not None else set()
        problems += [f"{name} is refused" for name in sorted(asked.keys() & surface.refused | unknown)]
        if not surface.developer and any(message["role"] == "developer" for message in asked["messages"]):
            problems.append("unknown variant developer")
        if problems:
            self.problems += problems
            return json_reply(surface.refusal, status=surface.status)
        return stream() if asked.get("stream") else completion()


async def _ask(
    store: Store,
    variables: dict[str, Any],
    surface: Surface,
    public: str,
    number: int = 0,
    *,
    own_drops_alone: bool = False,
) -> None:
    """Have the `number`-th upstream of a recipe serve requests, whole and streamed, in its vendor's place, whose host
    says what it says of the recipe's; with `own_drops_alone`, not what is left out there."""
    entry = variables["FAREBOX_UPSTREAMS"][number]
    told, vendor = parse_upstream(entry), Vendor(surface)
    async with StandIn() as server:
        server.default = vendor
        here = f"http://{urlsplit(server.base_url).netloc}{urlsplit(entry['base_url']).path}"
        moved = {
            **entry,
            "base_url": here,
            "cap_field": told.cap_field,
            "developer_role": told.developer_role,
            "drop_fields": entry.get("drop_fields", []) if own_drops_alone else sorted(told.drop_fields),
        }
        settings: dict[str, Any] = {
            name: json.dumps(value) for name, value in {**variables, "FAREBOX_UPSTREAMS": [moved]}.items()
        }
        async with running(store, **{"FAREBOX_PRICING": BUILTIN_PRICES, **settings}) as instance:
            customer = await open_customer(store, "1")
            for (path, asked), streamed in product(CALLS.items(), (False, True)):
                body = {"model": public, **asked, **({"stream": True} if streamed else {})}
                answer = await instance.client.post(path, headers=customer.bearer, json=body)
                assert (answer.status_code, vendor.problems) == (200, []), answer.text
                address = f"/v1/receipts/{answer.headers['x-request-id']}"
                receipt = (await instance.client.get(address, headers=customer.bearer)).json()
                assert (receipt["status"], receipt["usage_source"]) == ("ok", "provider")
                assert float(receipt["charged_usd"]) > 0


@pytest.mark.parametrize("page", SURFACES)
async def test_a_recipe_gives_paid_answers_from_a_vendor_that_takes_what_it_documents_and_no_more(
    sqlite_store: Store, page: str, metadata: MetadataServer
) -> None:
    variables, surface = recipe(page), SURFACES[page]
    public = PUBLIC.get(page) or next(
        name for name, own in variables["FAREBOX_UPSTREAMS"][0]["models"].items() if own == surface.model
    )
    await _ask(sqlite_store, variables, surface, public)


async def test_azures_address_of_one_deployment_takes_its_version_in_the_query(sqlite_store: Store) -> None:
    surface = Surface(
        path="/openai/deployments/my-gpt-4o/chat/completions",
        query="api-version=2025-04-01-preview",
        model="my-gpt-4o",
        caps=NEWER,
        headers=KEY,
        refused=ADDED,
        developer=True,
    )
    await _ask(sqlite_store, recipe("azure"), surface, "gpt-4o", number=1)


async def test_anthropics_recipe_gives_paid_answers_in_its_own_dialect_and_from_chats(sqlite_store: Store) -> None:
    [entry] = recipe("anthropic")["FAREBOX_UPSTREAMS"]
    told, vendor = parse_upstream(entry), AnthropicApi()
    assert isinstance(told.auth, KeyHeader)
    name = next(iter(entry["models"]))
    async with StandIn() as server:
        server.default = vendor.answer
        moved = {
            **entry,
            "base_url": f"http://{urlsplit(server.base_url).netloc}{urlsplit(entry['base_url']).path}",
            "api_key": ANTHROPIC_KEY,
            "models": {name: ANTHROPIC_MODEL},
            "speaks": sorted(told.speaks),  # what follows is said by the host, which it has lost
            "auth": {"header": told.auth.header},
        }
        async with running(
            sqlite_store, FAREBOX_UPSTREAMS=json.dumps([moved]), FAREBOX_PRICING=BUILTIN_PRICES
        ) as instance:
            customer = await open_customer(sqlite_store, "1")
            for path in ("/v1/messages", "/v1/chat/completions"):
                body = {"model": name, "max_tokens": 64, "messages": ASKED["messages"]}
                answer = await instance.client.post(path, headers=customer.bearer, json=body)
                assert answer.status_code == 200, answer.text
                assert float(answer.headers["x-farebox-cost-usd"]) > 0
    assert len(vendor.bill) == 2


@pytest.mark.parametrize("page", ["openai", "azure", "gemini", "groq", "mistral", "xai", "deepseek"])
async def test_without_what_a_host_or_a_recipe_leaves_out_the_vendor_refuses(sqlite_store: Store, page: str) -> None:
    variables = recipe(page)
    variables["FAREBOX_UPSTREAMS"][0].pop("drop_fields", None)
    surface = SURFACES[page]
    models = variables["FAREBOX_UPSTREAMS"][0]["models"]
    public = next(name for name in models if models[name] == surface.model)
    with pytest.raises(AssertionError, match="is refused"):
        await _ask(sqlite_store, variables, surface, public, own_drops_alone=True)


def test_every_example_in_the_overview_is_an_entry_that_is_taken() -> None:
    examples = re.findall(r"^```json upstream\n(.*?)^```", (FOLDER / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(examples) == 5
    for example in examples:
        parse_upstream(json.loads(example))
