"""What an upstream's host says of it, where its entry says nothing."""

from typing import Any

import pytest

from functions.farebox.gateway.entry.form import KeyHeader
from functions.farebox.gateway.upstream import ONLY_CHAT, Upstream, parse_upstream

MODELS = {"m": "m"}


def upstream(base_url: str = "https://api.anthropic.com/v1", **fields: Any) -> Upstream:
    return parse_upstream({"id": "a", "base_url": base_url, "models": MODELS, "api_key": "sk-hush", **fields})


def test_anthropics_own_speaks_messages_and_is_sent_its_key_in_a_header_of_its_own() -> None:
    one = upstream()
    assert one.speaks == {"messages"}
    assert one.auth == KeyHeader("x-api-key")
    assert (one.head["x-api-key"], one.head["anthropic-version"]) == ("sk-hush", "2023-06-01")
    assert "authorization" not in one.head
    assert one.pass_headers == ("anthropic-beta",)


def test_what_its_entry_says_counts() -> None:
    one = upstream(speaks=["chat"], auth="bearer", pass_headers=[], headers={"Anthropic-Version": "2099-01-01"})
    assert (one.speaks, one.pass_headers) == (ONLY_CHAT, ())
    assert one.auth == "bearer"
    assert one.head["anthropic-version"] == "2099-01-01"
    assert "anthropic-version" not in upstream(speaks=["chat"]).head


@pytest.mark.parametrize("base_url", ["https://api.deepseek.com/anthropic/v1", "https://api.anthropic.com.example/v1"])
def test_elsewhere_only_the_version_and_betas_are_added_for_who_speaks_messages(base_url: str) -> None:
    one = upstream(base_url)
    assert (one.speaks, one.headers, one.pass_headers) == (ONLY_CHAT, {}, ())
    assert one.auth == "bearer"
    one = upstream(base_url, speaks=["messages"])
    assert (dict(one.headers), one.pass_headers) == ({"anthropic-version": "2023-06-01"}, ("anthropic-beta",))


@pytest.mark.parametrize("base_url", ["https://api.openai.com/v1", "https://eu.api.openai.com/v1"])
def test_openais_own_speaks_chat_and_responses(base_url: str) -> None:
    assert upstream(base_url).speaks == {"chat", "responses"}
    assert upstream(base_url, speaks=["chat"]).speaks == {"chat"}
    assert upstream("https://api.example.com/v1").speaks == {"chat"}


KNOW_DEVELOPER = (
    "https://api.openai.com/v1",
    "https://eu.api.openai.com/v1",
    "https://acme.openai.azure.com/openai/v1",
    "https://openrouter.ai/api/v1",
    "https://api.x.ai/v1",
)
KNOW_SYSTEM = (
    "https://api.deepseek.com/v1",
    "https://api.mistral.ai/v1",
    "https://api.groq.com/openai/v1",
    "https://acme.services.ai.azure.com/models",
    "https://api.openai.com.example/v1",
    "https://notopenrouter.ai/v1",
    "http://127.0.0.1:8000/v1",
)


@pytest.mark.parametrize("base_url", KNOW_DEVELOPER)
def test_some_know_the_role_developer(base_url: str) -> None:
    assert upstream(base_url).developer_role
    assert not upstream(base_url, developer_role=False).developer_role


@pytest.mark.parametrize("base_url", KNOW_SYSTEM)
def test_all_others_know_system_unless_their_entry_says_more(base_url: str) -> None:
    assert not upstream(base_url).developer_role
    assert upstream(base_url, developer_role=True).developer_role


GOES_WITHOUT = {
    "https://api.openai.com/v1": ("top_k", "metadata"),
    "https://acme.openai.azure.com/openai/v1": ("min_p", "store"),
    "https://generativelanguage.googleapis.com/v1beta/openai": ("prompt_cache_key", "reasoning_effort"),
    "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/l/endpoints/openapi": ("store", "seed"),
    "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi": ("verbosity", "seed"),
    "https://api.groq.com/openai/v1": ("verbosity", "reasoning_format"),
    "https://api.mistral.ai/v1": ("stream_options", "safe_prompt"),
    "https://api.deepseek.com/v1": ("safety_identifier", "top_k"),
}


@pytest.mark.parametrize("base_url", GOES_WITHOUT)
def test_a_vendor_goes_without_what_it_refuses_and_its_entry_says_more(base_url: str) -> None:
    refused, known = GOES_WITHOUT[base_url]
    default = upstream(base_url).drop_fields
    assert refused in default
    assert known not in default
    assert upstream(base_url, drop_fields=["x_own"]).drop_fields == {*default, "x_own"}
    assert upstream(base_url, drop_fields=[known]).drop_fields == {*default, known}


@pytest.mark.parametrize("name", ["verbosity", "seed"])
def test_what_its_entry_lets_through_is_sent_after_all(name: str) -> None:
    base_url = "https://generativelanguage.googleapis.com/v1beta/openai"
    assert upstream(base_url, pass_fields=[name]).drop_fields == upstream(base_url).drop_fields - {name}
    assert name in upstream(base_url, pass_fields=[name], drop_fields=[name]).drop_fields


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:8000/v1",
        "https://api.groq.com.example/v1",
        "https://openrouter.ai/api/v1",
        "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/anthropic/models",
    ],
)
def test_nobody_else_goes_without_anything(base_url: str) -> None:
    assert upstream(base_url).drop_fields == frozenset()
