"""A checked request holds no nonsense, and what is sent is written from it."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.chat import CHAT
from functions.farebox.request.checked import Checked, write
from functions.farebox.request.fate import Feature
from tests.support.request_dialects import ANTHROPICS, CHATS, DIALECTS, LEGACY, RESPONSE, VECTORS, Spoken


def sent(checked: Checked, cap: int | None = 7, cap_field: str = "max_tokens", **how: Any) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(write(checked, model="up", cap=cap, cap_field=cap_field, **how))
    return body


@pytest.mark.parametrize(
    "amounts",
    [
        {name: value}
        for name in (
            "choices",
            "prompts",
            "best_of",
            "cap",
            "least",
            "thinking_within_cap",
            "thinking_beside_cap",
            "prediction_bytes",
        )
        for value in (-1, 1.5, "3", True, [1], float("nan"))
    ]
    + [{"choices": 0}, {"prompts": 0}, {"cap": 0}, {"choices": None}, {"choices": 3, "best_of": 2}],
)
def test_nothing_but_whole_amounts_makes_a_request(amounts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"whole number|choices"):
        Checked("/chat/completions", "m", CHAT, {}, b"", **amounts)


@pytest.mark.parametrize("most", [0, -1, 1.5, True])
def test_a_feature_is_charged_a_whole_number_of_times(most: Any) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Feature("search", "tools", most)


@pytest.mark.parametrize("cap", [None, 0, -1, 1.5, True, 51])
def test_no_cap_is_sent_that_is_none_or_more_than_was_asked_for(cap: Any) -> None:
    checked = CHATS.check({**CHATS.least, "max_tokens": 50})
    with pytest.raises(ValueError, match="cap"):
        write(checked, model="up", cap=cap, cap_field="max_tokens")


def test_an_embedding_is_sent_without_a_cap() -> None:
    checked = VECTORS.check({**VECTORS.least, "dimensions": 5, "stream": True})
    assert sent(checked, None) == {"model": "up", "input": "Hello", "dimensions": 5}
    with pytest.raises(ValueError, match="cap"):
        sent(checked, 5)


@pytest.mark.parametrize("named", [{}, {"max_tokens": 50}, {"max_completion_tokens": 9, "max_tokens": 50}])
@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict"])
def test_the_cap_is_in_the_field_that_the_upstream_reads_and_in_no_other(named: dict[str, int], field: str) -> None:
    checked = CHATS.check({**CHATS.least, **named})
    assert checked.cap == min(named.values(), default=None)
    assert sent(checked, 7, field) == {**CHATS.least, "model": "up", field: 7}


@pytest.mark.parametrize(("dialect", "field"), [(ANTHROPICS, "max_tokens"), (RESPONSE, "max_output_tokens")])
def test_a_dialect_that_the_upstream_speaks_is_written_in_it(dialect: Spoken, field: str) -> None:
    asked = {**dialect.least, field: 50, "temperature": 0.5, "stream": True}
    checked = dialect.check(asked)
    unsaid = {"store": False} if dialect is RESPONSE else {}  # OpenAI stores what does not say so
    assert sent(checked, 7, field, stream_options=False) == {**asked, **unsaid, "model": "up", field: 7}
    assert checked.body() == {**asked, **unsaid}


@pytest.mark.parametrize("value", [True, False])
def test_nothing_is_stored_at_the_upstream_of_a_response(value: bool) -> None:
    assert sent(RESPONSE.check({**RESPONSE.least, "store": value}), 7, "max_output_tokens")["store"] is False


@pytest.mark.parametrize(
    ("options", "wants", "asked"),
    [
        (None, False, {"include_usage": True}),
        ({}, False, {"include_usage": True}),
        ({"include_usage": True}, True, {"include_usage": True}),
        ({"include_usage": False, "continuous_usage_stats": True}, False, {"include_usage": True}),
        ({"include_obfuscation": False}, False, {"include_usage": True, "include_obfuscation": False}),
    ],
)
def test_the_upstream_is_asked_for_the_usage_of_a_stream(
    options: dict[str, Any] | None, wants: bool, asked: dict[str, Any]
) -> None:
    checked = CHATS.check({**CHATS.least, "stream": True, "stream_options": options})
    assert checked.wants_usage is wants
    assert sent(checked)["stream_options"] == asked
    assert "stream_options" not in sent(checked, stream_options=False)
    assert "stream_options" not in sent(CHATS.check({**CHATS.least, "stream": False, "stream_options": options}))


def test_choices_are_written_as_they_are_counted() -> None:
    checked = LEGACY.check({**LEGACY.least, "prompt": ["a", "b"], "n": 2, "best_of": 3})
    assert (checked.generated, checked.output_bound(10)) == (6, 60)
    assert {name: sent(checked)[name] for name in ("n", "best_of")} == {"n": 2, "best_of": 3}
    with pytest.raises(InvalidRequest):
        LEGACY.check({**LEGACY.least, "n": 3, "best_of": 2})


def test_predictions_and_thoughts_beside_the_cap_may_be_charged_as_output() -> None:
    prediction = {"type": "content", "content": "x" * 1000}
    checked = CHATS.check({**CHATS.least, "prediction": prediction, "n": 2, "thinking_budget": 500})
    assert checked.output_bound(10) == 2 * (10 + 500 + len(orjson.dumps(prediction)))


def test_an_operator_lets_fields_through_and_leaves_fields_out() -> None:
    asked = {**CHATS.least, "temperature": 0.5, "seed": 1, "x_wish": [1], "x_other": 2, "max_output_tokens": 9, "n": 2}
    checked = CHATS.check(asked)
    passed = sent(checked, pass_fields=("x_wish", "max_output_tokens", "absent"), drop_fields=("seed", "n", "model"))
    assert passed == {**CHATS.least, "model": "up", "temperature": 0.5, "x_wish": [1], "max_tokens": 7}
    assert sent(checked) == {**CHATS.least, "model": "up", "temperature": 0.5, "seed": 1, "max_tokens": 7, "n": 2}


@pytest.mark.parametrize(("dialect", "name"), [
    (dialect, name)
    for dialect in DIALECTS
    for name in ("max_output_tokens", "Max_Tokens", "n", "best_of", "num_predict", "service_tier", "messages", "stream")
    if name not in dialect.table
])  # fmt: skip
def test_nothing_lets_through_what_bounds_the_cost_elsewhere(dialect: Spoken, name: str) -> None:
    checked = dialect.check({**dialect.least, name: 5})
    assert checked.dropped == (name,)
    cap = None if dialect is VECTORS else 7
    assert name not in orjson.loads(write(checked, model="up", cap=cap, cap_field="cap", pass_fields=(name,)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(kwargs=st.dictionaries(st.text(), json_values, max_size=4), text=st.text(), unknown=json_values)
def test_what_is_sent_is_what_was_read_and_no_longer_than_was_told(
    kwargs: dict[str, Any], text: str, unknown: Any
) -> None:
    """`1e15` in a body is `1000000000000000.0` when it is sent."""
    kwargs = orjson.loads(orjson.dumps(kwargs))
    asked = {"model": "m", "messages": [{"role": "user", "content": text}], "chat_template_kwargs": kwargs}
    checked = CHATS.check({**asked, "x_unknown": unknown})
    raw = write(checked, model="m", cap=1, cap_field="max_tokens", pass_fields=("x_unknown",))
    passed = {} if unknown is None else {"x_unknown": orjson.loads(orjson.dumps(unknown))}
    assert orjson.loads(raw) == {**asked, "max_tokens": 1, **passed}
    assert len(raw) <= checked.sent_bytes(("x_unknown",)) + len('{"model":""},"max_tokens":1')


@pytest.mark.parametrize(("least", "cap", "written"), [(5, 7, 5), (7, 7, 7), (10_000_000, 7, 7), (0, 7, 0)])
@pytest.mark.parametrize("dialect", [CHATS, LEGACY], ids=str)
def test_no_more_tokens_are_demanded_than_the_cap_that_is_sent(
    dialect: Spoken, least: int, cap: int, written: int
) -> None:
    checked = dialect.check({**dialect.least, "min_tokens": least})
    assert sent(checked, cap) == {**dialect.least, "model": "up", "max_tokens": cap, "min_tokens": written}
    assert "min_tokens" not in sent(checked, cap, drop_fields={"min_tokens"})
    assert checked.body()["min_tokens"] == least  # what makes requests the same to a cache


def test_more_tokens_demanded_than_the_clients_own_cap_are_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        CHATS.check({**CHATS.least, "min_tokens": 51, "max_completion_tokens": 50})
    assert (refused.value.code, refused.value.param) == ("invalid_value", "min_tokens")


@pytest.mark.parametrize(
    ("dialect", "name", "value", "share"),
    [
        (CHATS, "thinking", {"type": "enabled", "budget_tokens": 5_000}, "budget_tokens"),
        (CHATS, "reasoning", {"effort": "low", "max_tokens": 5_000}, "max_tokens"),
    ],
)
def test_no_more_thinking_is_allowed_than_the_cap_that_is_sent(
    dialect: Spoken, name: str, value: dict[str, Any], share: str
) -> None:
    checked = dialect.check({**dialect.least, name: value, "max_tokens": 9_000})
    assert sent(checked, 9_000)[name] == value
    assert sent(checked, 5_000)[name] == value
    assert sent(checked, 700)[name] == {**value, share: 700}
    assert name not in sent(checked, 700, drop_fields={name})
    with pytest.raises(InvalidRequest) as refused:
        dialect.check({**dialect.least, name: value, "max_tokens": 50})
    assert refused.value.param == f"{name}.{share}"


@pytest.mark.parametrize(
    ("cap", "thinking"),
    [
        (9_000, {"type": "enabled", "budget_tokens": 5_000}),
        (5_000, {"type": "enabled", "budget_tokens": 4_999}),
        (1_025, {"type": "enabled", "budget_tokens": 1_024}),
        (1_024, {"type": "disabled"}),
        (20, {"type": "disabled"}),
    ],
)
def test_anthropics_thinking_leaves_some_of_the_cap_for_the_answer_or_is_none(
    cap: int, thinking: dict[str, Any]
) -> None:
    asked = {**ANTHROPICS.least, "max_tokens": 9_000, "thinking": {"type": "enabled", "budget_tokens": 5_000}}
    checked = ANTHROPICS.check(asked)
    assert sent(checked, cap)["thinking"] == thinking
    assert "thinking" not in sent(checked, cap, drop_fields={"thinking"})
    with pytest.raises(InvalidRequest) as refused:
        ANTHROPICS.check({**asked, "max_tokens": 50})
    assert refused.value.param == "thinking.budget_tokens"


def test_each_share_of_the_cap_is_lowered_by_itself() -> None:
    thinking, reasoning = {"budget_tokens": 900}, {"max_tokens": 300}
    checked = CHATS.check({**CHATS.least, "thinking": thinking, "reasoning": reasoning})
    written = sent(checked, 700)
    assert (written["thinking"], written["reasoning"]) == ({"budget_tokens": 700}, reasoning)


def test_what_is_left_out_for_an_upstream_can_be_named() -> None:
    checked = CHATS.check({**CHATS.least, "seed": 1, "n": 2, "best_of": 3, "min_tokens": 4, "temperature": 1})
    names = {"seed", "n", "best_of", "min_tokens", "top_p"}
    assert checked.among(names) == ("best_of", "min_tokens", "n", "seed")
    assert not sent(checked, drop_fields=names).keys() & names
    assert CHATS.check(CHATS.least).among(names) == ()
