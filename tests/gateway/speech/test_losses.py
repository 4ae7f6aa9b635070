"""What a chat says and its translation cannot is named to its client, and listed on the page of dialects."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from functions.farebox.gateway.speech.messages.models import ways_of
from functions.farebox.gateway.speech.messages.request import message_form
from functions.farebox.gateway.speech.responses.request import response_form
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked
from tests.support.processes import ROOT

PAGE = (ROOT / "docs/dialects.md").read_text()
FUNCTION = {"name": "f", "parameters": {"type": "object", "properties": {}}, "strict": True}
# All that OpenAI documents and no translation refuses, in 2026-11.
WHOLE: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "user", "content": "Hi"}],
    "max_completion_tokens": 9_000,
    "frequency_penalty": 1,
    "presence_penalty": 1,
    "logit_bias": {"1": 1},
    "logprobs": True,
    "top_logprobs": 2,
    "metadata": {"a": "b"},
    "parallel_tool_calls": False,
    "prediction": {"type": "content", "content": "Hi"},
    "prompt_cache_key": "k",
    "reasoning_effort": "low",
    "response_format": {"type": "json_object"},
    "safety_identifier": "s",
    "seed": 1,
    "service_tier": "default",
    "store": False,
    "temperature": 1,
    "top_p": 0.5,
    "top_k": 5,
    "min_tokens": 1,
    "tools": [{"type": "function", "function": FUNCTION}],
    "user": "u",
    "verbosity": "low",
}


@pytest.mark.parametrize(
    ("dialect", "form_of"),
    [("Messages", lambda chat: message_form(chat, ways_of("claude-sonnet-4-5"))), ("Responses", response_form)],
)
def test_what_is_lost_is_named_and_listed(dialect: str, form_of: Callable[[Checked], Checked]) -> None:
    listed = set(re.findall(r"`([\w.]+)`", PAGE.partition(f"**Chats to {dialect}.**")[2].partition("\n\n")[0]))
    lost = set(form_of(check_chat(WHOLE)).dropped)
    assert {"seed", "logit_bias", "min_tokens"} <= lost <= listed
