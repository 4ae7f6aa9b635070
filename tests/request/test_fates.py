"""Every field of every dialect has a fate, and keeps to it whatever is in it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.checked import write
from functions.farebox.request.fate import Fate
from functions.farebox.request.steering import REFUSED
from tests.support.openai_schema import fields_of
from tests.support.request_dialects import ANTHROPICS, CHATS, DIALECTS, LEGACY, RESPONSE, VECTORS, Spoken

GARBAGE: list[Any] = [
    True,
    False,
    0,
    -1,
    1.5,
    0.001,
    -1_000_000,
    10**18,
    1e300,
    -0.0,
    "",
    "3",
    "x" * 5000,
    "\x00\u202e",
    [],
    [1],
    [[]],
    [None],
    ["a"],
    [{}],
    [{"type": "text"}],
    {},
    {"a": 1},
    {"type": 5},
    {"": {"": []}},
    {"type": "json_schema", "content": 7, "budget_tokens": -5, "max_tokens": "9", "ttl": "9h"},
]
NOTHING: list[Any] = [None, False, [], {}, ""]
OFF: list[Any] = [
    {"mode": "off"},
    {"type": "disabled"},
    {"id": "web", "enabled": False},
    [{"id": "web", "enabled": False}],
]
ON: list[Any] = [
    {"mode": "auto"},
    {"mode": False},
    {"enabled": True},
    {"enabled": 0},
    [{"enabled": False}, {"id": "web"}],
]
every_field = [(dialect, name) for dialect in DIALECTS for name in dialect.table]
CAPS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def cap_of(dialect: Spoken) -> int | None:
    return None if dialect is VECTORS else 1


CODES = {"invalid_type", "invalid_value", "missing_field", "unsupported_parameter", "invalid_body"}


def try_to_serve(dialect: Spoken, body: dict[str, Any]) -> bytes | InvalidRequest:
    """What would be sent, or the refusal; anything else that is raised fails the test."""
    try:
        checked = dialect.check(body)
    except InvalidRequest as refusal:
        return refusal
    assert type(checked.choices) is type(checked.prompts) is type(checked.sent_bytes()) is int
    assert checked.output_bound(1) >= checked.generated >= 1
    return write(checked, model="up", cap=cap_of(dialect), cap_field=dialect.cap or "")


@pytest.mark.parametrize(("schema", "dialect"), [
    ("CreateChatCompletionRequest", CHATS),
    ("CreateEmbeddingRequest", VECTORS),
    ("CreateResponse", RESPONSE),
])  # fmt: skip
def test_every_published_field_has_a_fate(schema: str, dialect: Spoken) -> None:
    assert fields_of(schema) <= dialect.table.keys()


def test_every_published_field_of_legacy_completions_has_a_fate() -> None:
    """The published description of completions, which is in no file here: openai-python, `completion_create_params`."""
    assert LEGACY.table.keys() >= {
        "model", "prompt", "best_of", "echo", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "n",
        "presence_penalty", "seed", "stop", "stream", "stream_options", "suffix", "temperature", "top_p", "user",
    }  # fmt: skip


def test_every_published_field_of_messages_has_a_fate() -> None:
    """anthropic-sdk-python, `message_create_params`, with its beta."""
    assert ANTHROPICS.table.keys() >= {
        "max_tokens", "messages", "model", "cache_control", "container", "context_management", "inference_geo",
        "mcp_servers", "metadata", "output_config", "output_format", "service_tier", "speed", "stop_sequences",
        "stream", "system", "temperature", "thinking", "tool_choice", "tools", "top_k", "top_p",
    }  # fmt: skip


@pytest.mark.parametrize(("dialect", "name"), every_field)
def test_garbage_in_any_field_is_refused_by_its_name_or_harmless(dialect: Spoken, name: str) -> None:
    for value in GARBAGE:
        outcome = try_to_serve(dialect, {**dialect.least, name: value})
        if isinstance(outcome, InvalidRequest):
            assert outcome.code in CODES
            assert (outcome.param or "").split(".")[0] in (name, "best_of", "thinking"), (value, outcome.message)


NAMES = """
    type content role text source function name url image_url data ttl file cache_control tools output max_tokens edits
    environment
"""
WORDS = """
    text image_url tool_result document function namespace message 1h web_search base64 function_call_output
    computer_call_output
"""
names, words = st.sampled_from(NAMES.split()), st.sampled_from(WORDS.split())
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=3), inner | words, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), dialect=st.sampled_from(DIALECTS))
def test_no_body_however_misshapen_crashes_the_check(data: st.DataObject, dialect: Spoken) -> None:
    fields = st.sampled_from(sorted(dialect.table)) | st.text(max_size=5)
    extra = data.draw(st.dictionaries(fields, json_values, max_size=4))
    outcome = try_to_serve(dialect, {**dialect.least, **extra})
    assert isinstance(outcome, bytes) or outcome.code in CODES


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@pytest.mark.parametrize(
    "name", [*REFUSED, "mock_response", "mock_tool_calls", "litellm_metadata", "Fallbacks", "API_BASE"]
)
def test_what_steers_a_proxy_is_refused_in_each_dialect(dialect: Spoken, name: str) -> None:
    for value in ("x", {"a": 1}, ["b"], 1, True, *ON):
        outcome = try_to_serve(dialect, {**dialect.least, name: value})
        assert isinstance(outcome, InvalidRequest)
        assert (outcome.code, outcome.param) == ("unsupported_parameter", name)
        assert outcome.message.startswith(f"{name}: ")
    for nothing in (*NOTHING, *OFF):
        outcome = try_to_serve(dialect, {**dialect.least, name: nothing})
        assert isinstance(outcome, bytes)
        assert name.encode() not in outcome


def test_what_is_off_is_left_out_inside_of_other_objects_too() -> None:
    checked = CHATS.check({**CHATS.least, "stream_options": {"plugins": [{"id": "web", "enabled": False}]}})
    assert checked.dropped == ("stream_options.plugins",)


@pytest.mark.parametrize("dialect", [CHATS, LEGACY, RESPONSE, ANTHROPICS], ids=str)
@pytest.mark.parametrize("name", ["tags", "guardrails", "fallbacks", "mock_response", "api_base", "litellm_x"])
def test_what_steers_a_proxy_is_refused_inside_of_metadata_too(dialect: Spoken, name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        dialect.check({**dialect.least, "metadata": {name: "x"}})
    assert (refused.value.code, refused.value.param) == ("unsupported_parameter", f"metadata.{name}")


@pytest.mark.parametrize(("dialect", "name"), [
    (dialect, name) for dialect in DIALECTS for name in (*CAPS, "n", "best_of") if name in dialect.table
])  # fmt: skip
@pytest.mark.parametrize("value", [-1_000_000, -1, 0, 1.5, 0.001, "3", [1], {}, True, 10**9, 1e20])
def test_an_amount_is_a_whole_number_in_its_range(dialect: Spoken, name: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        dialect.check({**dialect.least, name: value})
    assert refused.value.param == name
    assert refused.value.code == ("invalid_value" if type(value) is int else "invalid_type")
    assert refused.value.message.startswith(f"{name}: write a whole number from 1 to ")


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_field_that_no_table_knows_is_left_out_and_named(dialect: Spoken) -> None:
    checked = dialect.check({**dialect.least, "x_wish": {"deep": [1]}, "b\u00e9\n": 1, "y" * 200: 2})
    assert checked.dropped == ("x_wish", "b\\xe9\\n", "y" * 64)
    sent = write(checked, model="up", cap=cap_of(dialect), cap_field=dialect.cap or "")
    assert b"x_wish" not in sent
    assert b"deep" not in sent


def test_the_names_of_what_was_left_out_are_bounded() -> None:
    assert len(CHATS.check({**CHATS.least, **{f"x{n}": n for n in range(1000)}}).dropped) == 32


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_what_is_null_is_not_there(dialect: Spoken) -> None:
    nothing: dict[str, Any] = dict.fromkeys(name for name in dialect.table if name not in dialect.least)
    assert dialect.check({**dialect.least, **nothing}).encoded == dialect.check(dialect.least).encoded


@pytest.mark.parametrize(("dialect", "name"), [(dialect, name) for dialect in DIALECTS for name in dialect.least])
def test_what_is_missing_is_told(dialect: Spoken, name: str) -> None:
    for body in ({key: value for key, value in dialect.least.items() if key != name}, {**dialect.least, name: None}):
        with pytest.raises(InvalidRequest) as refused:
            dialect.check(body)
        assert (refused.value.code, refused.value.param) == ("missing_field", name)


def test_only_what_is_priced_asks_for_features_and_only_what_bounds_is_counted() -> None:
    for dialect in DIALECTS:
        fates = {name: field.fate for name, field in dialect.table.items()}
        assert {fates[name] for name in (*CAPS, "n", "best_of", "thinking_budget") if name in fates} <= {Fate.BOUNDING}
        assert {fates[name] for name in ("service_tier", "tools", "speed") if name in fates} <= {Fate.PRICED}
        assert fates["extra_body"] is fates["models"] is Fate.REFUSED


@pytest.mark.parametrize("role", ["usr", "User", "", "ipython", 3, None, ["user"]])
@pytest.mark.parametrize(("dialect", "prompt"), [(CHATS, "messages"), (ANTHROPICS, "messages"), (RESPONSE, "input")])
def test_a_message_that_nobody_says_is_refused(dialect: Spoken, prompt: str, role: Any) -> None:
    said = [{"role": "user", "content": "Hello"}, {"role": role, "content": "Hello"}]
    with pytest.raises(InvalidRequest, match="assistant") as refusal:
        dialect.check({**dialect.least, prompt: said})
    assert refusal.value.param == f"{prompt}.1.role"
