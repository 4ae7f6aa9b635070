"""Values for the fields of requests: those that a sane client sends, and those that a hostile one does."""

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

WORDS = [
    *("the", "cat", "sat", "on", "a", "mat", "and", "then", "it", "ran", "to"),
    *("see", "what", "was", "left", "of", "all", "our", "good", "old", "time"),
]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def text(rng: random.Random, most: int = 30) -> str:
    """Some words."""
    return " ".join(rng.choices(WORDS, k=rng.randint(1, most)))


def long_text(rng: random.Random) -> str:
    """A text that is long, of words, of one letter or of what no vocabulary has."""
    size = rng.choice([2_000, 10_000, 60_000])
    kind = rng.randrange(4)
    if kind == 0:
        return " ".join(rng.choices(WORDS, k=size // 4))
    return rng.choice(["a", " ", "\U0001f9ff", "0x"]) * (size // 4)


def nested(rng: random.Random) -> Any:
    """A value that is deep, wide or both."""
    value: Any = rng.choice([1, "x", None, [], {}])
    for _ in range(rng.choice([2, 10, 70, 400])):
        value = [value] if rng.random() < 0.5 else {"a": value}
    return value if rng.random() < 0.7 else [value] * rng.choice([2, 30])


_HOSTILE: list[Any] = [
    -1,
    -1_000_000,
    0,
    1,
    1.5,
    16.0,
    -0.0,
    1e308,
    2**31,
    2**63,
    2**64,
    10**30,
    -(2**63),
    float("nan"),
    float("inf"),
    float("-inf"),
    "3",
    "-5",
    "NaN",
    "",
    "\x00",
    "x" * 300,
    "\ud800",
    "auto",
    "1e9",
    True,
    False,
    None,
    [],
    {},
    [1],
    [-1.5, "x", None],
    [[]],
    [{}],
    {"type": "enabled"},
    {"type": None},
    {"content": 3},
    {"max_tokens": 100_000, "n": 50},
    {"ttl": "1h"},
    {"ttl": "99d"},
]


def hostile(rng: random.Random) -> Any:
    """Whatever a field should not have, and now and then what it may."""
    if rng.random() < 0.06:
        return nested(rng) if rng.random() < 0.5 else long_text(rng)
    return deepcopy(rng.choice(_HOSTILE))


# What steers a proxy, with what a proxy takes it for.
STEERING: list[tuple[str, Any]] = [
    ("extra_body", {"max_tokens": 100_000, "n": 50, "service_tier": "priority"}),
    ("additional_drop_params", ["max_tokens", "max_completion_tokens"]),
    ("fallbacks", [{"plain": ["dear"]}]),
    ("models", ["dear", "plain"]),
    ("plugins", [{"id": "web", "max_results": 50}]),
    ("api_base", "http://10.0.0.1/v1"),
    ("base_url", "http://10.0.0.1/v1"),
    ("mock_response", "free"),
    ("Mock_Response", "free"),
    ("num_retries", 50),
    ("custom_llm_provider", "dear"),
    ("litellm_params", {"model": "dear"}),
    ("provider", {"order": ["dear"], "sort": "price"}),
    ("route", "fallback"),
    ("mcp_servers", [{"url": "http://x"}]),
    ("container", {"skills": []}),
    ("max_new_tokens", 100_000),
    ("num_predict", -1),
    ("max_length", 100_000),
    ("num_generations", 50),
    ("candidate_count", 50),
    ("generation_config", {"candidate_count": 50, "max_output_tokens": 100_000}),
    ("options", {"num_predict": -1}),
    ("custom_hint", {"max_tokens": 100_000}),
    ("use_beam_search", True),
    ("N", 50),
    ("MAX_TOKENS", 100_000),
    ("max_tokens ", 100_000),
]

Draw = Callable[[random.Random], Any]


def one_of(*values: Any) -> Draw:
    """Draws one of these."""
    return lambda rng: deepcopy(rng.choice(values))


_caps = one_of(1, 16, 100, 1000, 4096, 4097, 50_000, 1_000_000, 10_000_000)


def _tool(rng: random.Random) -> dict[str, Any]:
    function = {"name": "look", "description": text(rng, 200), "parameters": {"type": "object", "properties": {}}}
    return {"type": "function", "function": function}


def _chat_tools(rng: random.Random) -> list[dict[str, Any]]:
    hosted = rng.choice(["web_search", "web_search_preview", "openrouter:web_search", "code_interpreter", "x_search"])
    search = {"type": hosted, "max_uses": rng.choice([1, 3, 20])} if rng.random() < 0.5 else {"type": hosted}
    return [_tool(rng)] * rng.randint(1, 3) + ([search] if rng.random() < 0.3 else [])


def _messages_tools(rng: random.Random) -> list[dict[str, Any]]:
    own = {"name": "look", "description": text(rng, 100), "input_schema": {"type": "object"}}
    bound = {"max_uses": rng.choice([1, 4])} if rng.random() < 0.5 else {}
    search = {"type": "web_search_20250305", "name": "web_search", **bound}
    code = {"type": "code_execution_20250825", "name": "code_execution"}
    return [own] + (rng.sample([search, code], rng.randint(1, 2)) if rng.random() < 0.3 else [])


def _responses_tools(rng: random.Random) -> list[dict[str, Any]]:
    own = {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": False}
    code = {"type": "code_interpreter", "container": {"type": "auto"}}
    hosted: dict[str, Any] = rng.choice([{"type": "web_search"}, {"type": "file_search"}, {"type": "mcp"}, code])
    return [own] + ([hosted] if rng.random() < 0.3 else [])


_SHARED: dict[str, Draw] = {
    "temperature": one_of(0, 0.7, 1, 2),
    "top_p": one_of(0.1, 1),
    "user": text,
    "metadata": lambda rng: {"label": text(rng)},
    "service_tier": one_of("auto", "default", "flex", "priority", "scale"),
    "parallel_tool_calls": one_of(True, False),
    "prompt_cache_key": text,
}
CHAT: dict[str, Draw] = {
    **_SHARED,
    "max_tokens": _caps,
    "max_completion_tokens": _caps,
    "n": one_of(1, 1, 2, 5, 128),
    "best_of": one_of(1, 5, 128),
    "stop": one_of("END", ["a", "b"]),
    "seed": one_of(1, -5),
    "logprobs": one_of(True),
    "top_logprobs": one_of(5, 20),
    "tools": _chat_tools,
    "tool_choice": one_of("auto", {"type": "function", "function": {"name": "look"}}),
    "response_format": one_of({"type": "json_object"}),
    "prediction": lambda rng: {"type": "content", "content": long_text(rng) if rng.random() < 0.2 else text(rng)},
    "documents": lambda rng: [{"text": long_text(rng) if rng.random() < 0.2 else text(rng)}],
    "modalities": one_of(["text"], ["text", "audio"], ["text", "image"]),
    "audio": one_of({"voice": "alloy", "format": "wav"}),
    "web_search_options": one_of({}, {"search_context_size": "high"}),
    "reasoning_effort": one_of("low", "high", "none"),
    "reasoning": one_of({"effort": "high"}, {"max_tokens": 2000}, {"enabled": False}),
    "thinking": one_of({"type": "enabled", "budget_tokens": 1024}, {"type": "disabled"}),
    "enable_thinking": one_of(True),
    "thinking_budget": one_of(0, 500, 100_000),
    "chat_template": one_of("{{ messages }}"),
    "cache_control": one_of({"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}),
    "stream_options": one_of({"include_usage": True}, {"include_usage": False}, {}),
    "logit_bias": one_of({"50256": -100}),
    "min_tokens": one_of(0, 10, 100_000),
    "ignore_eos": one_of(True),
    "store": one_of(True, False),
}
COMPLETIONS: dict[str, Draw] = {
    **{name: CHAT[name] for name in ("n", "best_of", "max_tokens", "stop", "seed", "stream_options", "logit_bias")},
    **{name: CHAT[name] for name in ("min_tokens", "ignore_eos")},
    **_SHARED,
    "suffix": text,
    "echo": one_of(True, False),
    "logprobs": one_of(0, 1, 20),
}
MESSAGES: dict[str, Draw] = {
    **_SHARED,
    "max_tokens": _caps,
    "system": lambda rng: text(rng, 60),
    "stop_sequences": one_of(["END"]),
    "tools": _messages_tools,
    "tool_choice": one_of({"type": "auto"}),
    "thinking": one_of({"type": "enabled", "budget_tokens": 1024}, {"type": "disabled"}, {"type": "adaptive"}),
    "service_tier": one_of("auto", "standard_only", "priority"),
    "speed": one_of("standard", "fast"),
    "cache_control": one_of({"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}),
    "n": one_of(1, 5),
    "context_management": one_of({"edits": [{"type": "clear_tool_uses_20250919"}]}, {"edits": [{"type": "compact"}]}),
}
RESPONSES: dict[str, Draw] = {
    **_SHARED,
    "max_output_tokens": _caps,
    "instructions": text,
    "tools": _responses_tools,
    "reasoning": one_of({"effort": "high"}, {"mode": "pro"}),
    "text": one_of({"verbosity": "low"}, {"format": {"type": "text"}}),
    "store": one_of(True, False),
    "truncation": one_of("auto", "disabled"),
    "max_tool_calls": one_of(1, 50),
    "include": one_of(["reasoning.encrypted_content"]),
}
EMBEDDINGS: dict[str, Draw] = {
    "dimensions": one_of(1, 256, 100_000),
    "encoding_format": one_of("float", "base64"),
    "user": text,
    "truncate": one_of(True, "END"),
    "input_type": one_of("query"),
    "n": one_of(1, 5),
}
