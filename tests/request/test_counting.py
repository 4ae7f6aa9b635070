"""All that is sent is counted, wherever in a request it is."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.checked import Checked
from functions.farebox.request.counting import bound_prompt, count_prompt
from functions.farebox.request.fate import Reach
from functions.farebox.tokens.counting import Counted
from functions.farebox.tokens.media import IMAGE_TOKENS, UNSEEN_TOKENS
from tests.support.request_dialects import ANTHROPICS, CHATS, DIALECTS, LEGACY, RESPONSE, VECTORS, Spoken

MODEL = "gpt-4o"
PNG = "data:image/png;base64,"
PNG_HEAD = "iVBORw0KGgoAAAAN"
EXTRA = "seventeen purple elephants "


def forms(text: str) -> list[Any]:
    """Values that a field may take, each with a text in it."""
    function = {"type": "function", "function": {"name": "f", "description": text}}
    item = {"role": "user", "content": text}
    return [
        text,
        [text],
        [item],
        [function],
        [{"name": "f", "description": text}],
        [{"type": "function", "name": "f", "description": text}],
        {"type": "content", "content": text},
        {"type": "json_schema", "schema": {"title": text}},
        {"format": {"title": text}},
        {"type": "function", "name": text},
        {"note": text},
        {"x": {"y": [text]}},
        [{"category": text}],
        {"edits": [], "note": text},
        {"regex": text},
        {"user_location": {"city": text}},
        {"format": {"schema": {"title": text}}},
        {"edits": [{"type": "clear_tool_uses_20250919", "exclude_tools": [text]}]},
        {"previous_message_id": text},
        [{"type": text}],
    ]


async def tokens_set_aside(dialect: Spoken, body: dict[str, Any]) -> int:
    return (await count_prompt(dialect.check(body), MODEL)).ceiling


@pytest.mark.parametrize(
    ("dialect", "name"),
    [
        (dialect, name)
        for dialect in DIALECTS
        for name, field in dialect.table.items()
        if field.reach is not Reach.SETTING
    ],
)
async def test_the_count_rises_with_a_text_in_any_field_that_takes_one(dialect: Spoken, name: str) -> None:
    taken = 0
    for values in zip(forms(EXTRA), forms(EXTRA * 30), strict=True):
        try:
            checked = [dialect.check({**dialect.least, name: value}) for value in values]
        except InvalidRequest:
            continue
        if EXTRA.encode() not in checked[0].encoded:
            continue  # left out, and named
        counts = [(await count_prompt(each, MODEL)).ceiling for each in checked]
        bounds = [bound_prompt(each) for each in checked]
        assert counts[1] > counts[0] + 80
        assert bounds[1] - bounds[0] == 29 * len(EXTRA)
        taken += 1
    # Two take no text but in forms of their own.
    assert taken or (name in ("moderation", "audio", "logit_bias", "stop") and dialect.table[name].reach is Reach.LABEL)


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_setting_takes_no_text(dialect: Spoken) -> None:
    for name, field in dialect.table.items():
        if field.reach is Reach.SETTING and name != "model":
            for value in forms(EXTRA * 30):
                try:
                    checked = dialect.check({**dialect.least, name: value})
                except InvalidRequest:
                    continue
                assert EXTRA.encode() not in checked.encoded, name


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning_details", "thought_signature", "refusal"])
async def test_whatever_a_message_holds_counts_as_text(key: str) -> None:
    def asked(text: str) -> dict[str, Any]:
        return {**CHATS.least, "messages": [{"role": "assistant", "content": "a", key: text}]}

    assert await tokens_set_aside(CHATS, asked(EXTRA * 30)) > await tokens_set_aside(CHATS, asked(EXTRA)) + 80


@pytest.mark.parametrize(
    ("dialect", "part"),
    [
        (CHATS, {"type": "image_url", "image_url": {"url": "https://x/y.png"}}),
        (CHATS, {"type": "file", "file": {"file_data": "AAAA"}}),
        (ANTHROPICS, {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}),
        (ANTHROPICS, {"type": "document", "source": {"type": "text", "data": "a"}}),
        (ANTHROPICS, {"type": "tool_result", "tool_use_id": "a", "content": "b"}),
        (RESPONSE, {"type": "input_image", "image_url": "https://x/y"}),
    ],
)
async def test_a_text_beside_media_is_counted(dialect: Spoken, part: dict[str, Any]) -> None:
    def asked(text: str) -> dict[str, Any]:
        messages = [{"role": "user", "content": [{**part, "title": text}]}]
        return {**dialect.least, "input" if dialect is RESPONSE else "messages": messages}

    assert await tokens_set_aside(dialect, asked(EXTRA * 30)) > await tokens_set_aside(dialect, asked(EXTRA)) + 80


@pytest.mark.parametrize(
    ("dialect", "part", "tokens"),
    [
        (CHATS, lambda data: {"type": "image_url", "image_url": {"url": f"{PNG}{data}"}}, IMAGE_TOKENS),
        (
            ANTHROPICS,
            lambda data: {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}},
            IMAGE_TOKENS,
        ),
        (ANTHROPICS, lambda data: {"type": "document", "source": {"type": "base64", "data": data}}, UNSEEN_TOKENS),
        (RESPONSE, lambda data: {"type": "input_image", "image_url": f"{PNG}{data}"}, IMAGE_TOKENS),
        (RESPONSE, lambda data: {"type": "input_file", "file_data": data}, UNSEEN_TOKENS),
    ],
)  # fmt: skip
async def test_the_base64_of_media_is_no_text(dialect: Spoken, part: Any, tokens: int) -> None:
    def asked(data: str) -> dict[str, Any]:
        messages = [{"role": "user", "content": [part(data)]}]
        return {**dialect.least, "input" if dialect is RESPONSE else "messages": messages}

    for data in (PNG_HEAD, PNG_HEAD + "AAAA" * 100_000):
        checked = dialect.check(asked(data))
        assert tokens <= bound_prompt(checked) < tokens + 600
        assert tokens <= (await count_prompt(checked, MODEL)).tokens < tokens + 60


LOOP = "{% for n in range(9**9) %}x{% endfor %}"


@pytest.mark.parametrize(
    "said",
    [
        {"chat_template": LOOP},
        {"chat_template_kwargs": {"chat_template": LOOP}},
        {"chat_template_kwargs": {"Chat_Template": LOOP}},
        {"chat_template_kwargs": {"padding": "max_length", "max_length": 8_000}},
        {"chat_template_kwargs": {"conversation": [{"role": "user", "content": "x"}]}},
    ],
)
async def test_a_template_may_fill_the_context(said: dict[str, Any]) -> None:
    checked = CHATS.check({**CHATS.least, **said})
    assert bound_prompt(checked, context_tokens=8_000) == 8_000
    assert (await count_prompt(checked, MODEL, context_tokens=8_000)).tokens == 8_000


def test_a_templates_own_variables_fill_nothing() -> None:
    checked = CHATS.check(
        {**CHATS.least, "chat_template_kwargs": {"enable_thinking": False, "reasoning_effort": "low"}}
    )
    assert bound_prompt(checked, context_tokens=8_000) < 1_000


@pytest.mark.parametrize(
    ("dialect", "field", "prompts"),
    [
        (VECTORS, "instruction", {"input": ["a"] * 50}),
        (VECTORS, "instruction", {"input": [[1]] * 50}),
        (LEGACY, "suffix", {"prompt": ["a"] * 50}),
        (LEGACY, "guided_regex", {"prompt": [[1]] * 50}),
        (VECTORS, "x_prefix", {"input": ["a"] * 50}),
    ],
)
async def test_what_is_read_with_every_prompt_counts_as_often(
    dialect: Spoken, field: str, prompts: dict[str, Any]
) -> None:
    text = EXTRA * 30
    checked = dialect.check({**dialect.least, **prompts, field: text})
    least = 50 * (await count_prompt(CHATS.check({**CHATS.least, "x": text}), MODEL, pass_fields=("x",))).tokens
    counted = await count_prompt(checked, MODEL, pass_fields=("x_prefix",))
    assert bound_prompt(checked, pass_fields=("x_prefix",)) > 50 * len(text)
    assert bound_prompt(checked, pass_fields=("x_prefix",)) > counted.tokens > least - 50 * 16


def test_the_sentence_that_a_word_chooses_is_read_before_every_input() -> None:
    plain = {**VECTORS.least, "input": ["a"] * 50}
    told = VECTORS.check({**plain, "input_type": "query"})
    assert bound_prompt(told) > bound_prompt(VECTORS.check(plain)) + 49 * 32


texts = st.text(max_size=40)
parts = st.builds(lambda text: {"type": "text", "text": text}, texts)
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system"]), "content": texts | st.lists(parts, max_size=3)},
    optional={"name": st.text("abc", max_size=5), "reasoning_content": texts},
)


@settings(max_examples=60, deadline=None)
@given(turns=st.lists(messages, min_size=1, max_size=4), tools=st.booleans())
def test_the_bound_is_never_below_the_count(turns: list[Any], tools: bool) -> None:
    body: dict[str, Any] = {"model": MODEL, "messages": turns}
    if tools:
        body["tools"] = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    checked = CHATS.check(body)
    counted = count_now(checked)
    assert bound_prompt(checked) >= counted.tokens


@settings(max_examples=60, deadline=None)
@given(given=texts | st.lists(texts, min_size=1) | st.lists(st.integers(0, 99_999), min_size=1))
def test_the_same_holds_for_embeddings(given: Any) -> None:
    checked = VECTORS.check({"model": MODEL, "input": given})
    assert bound_prompt(checked) >= count_now(checked).tokens


def count_now(checked: Checked) -> Counted:
    return asyncio.run(count_prompt(checked, MODEL))


async def test_what_an_operator_lets_through_counts() -> None:
    checked = CHATS.check({**CHATS.least, "x_wish": EXTRA * 30})
    assert (await count_prompt(checked, MODEL, pass_fields=("x_wish",))).tokens > 80
    assert bound_prompt(checked, pass_fields=("x_wish",)) > bound_prompt(checked) + 29 * len(EXTRA)
