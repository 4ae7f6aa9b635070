"""A prompt's bound is never below its count, and a count says when it is exact."""

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.counting import bound_prompt, count_prompt
from functions.farebox.tokens.counting import MAX_COUNTED_CHARS, TEMPLATE_TOKENS, TOOLS_TOKENS, Counted
from functions.farebox.tokens.media import IMAGE_TOKENS, UNSEEN_TOKENS
from tests.support.calls import checked

WEATHER = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
SNIPPETS = (
    "def f(x):\n\treturn x ** 2  # ünïcödé",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "<|endoftext|><|im_start|>system<|im_end|>",
    "敏捷的棕色狐狸",
    '\x00\x07\\"/\u2028',
    "    \n\n\t ",
    "a" * 500,
    "0123456789",
)
texts = st.text(max_size=200) | st.lists(st.sampled_from(SNIPPETS), max_size=8).map("".join)
contents = texts | st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": texts}), max_size=3)
messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": contents},
        optional={"name": st.text(max_size=20)},
    ),
    min_size=1,
    max_size=8,
)


def chat(*contents: object, **fields: object) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content} for content in contents], **fields}


def bound(body: dict[str, Any], **terms: Any) -> int:
    return bound_prompt(checked({"model": "gpt-4o", **body}), **terms)


async def count(body: dict[str, Any], model: str, **terms: Any) -> Counted:
    return await count_prompt(checked({"model": model, **body}), model, **terms)


def count_now(body: dict[str, Any], model: str) -> int:
    return asyncio.run(count(body, model)).tokens


def sent(body: dict[str, Any]) -> int:
    """Its bytes."""
    return checked(body).sent_bytes()


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


@settings(deadline=None)
@given(messages, st.sampled_from(["gpt-4o", "gpt-4", "llama-3"]))
def test_the_bound_is_never_below_the_count_of_a_chat(turns: list[Any], model: str) -> None:
    body = {"model": model, "messages": turns}
    assert bound(body) >= count_now(body, model)


@settings(deadline=None)
@given(
    st.one_of(
        texts, st.lists(texts, min_size=1, max_size=5), st.lists(st.integers(0, 200_000), min_size=1, max_size=20)
    )
)
def test_the_bound_is_never_below_the_count_of_an_embedding(value: Any) -> None:
    body = {"model": "text-embedding-3-small", "input": value}
    assert bound(body) >= count_now(body, "text-embedding-3-small")


def test_the_bound_of_text_is_the_length_of_the_body_and_a_templates_preamble() -> None:
    body = chat("hello")
    assert bound(body) == sent(body) + TEMPLATE_TOKENS


def test_tools_bring_a_preamble_of_their_own() -> None:
    body = chat("hello", tools=[WEATHER])
    assert bound(body) == sent(body) + TEMPLATE_TOKENS + TOOLS_TOKENS


def test_the_base64_of_media_is_taken_out_and_their_bound_put_in() -> None:
    data = "data:image/png;base64,iVBORw0KGgoA" + "A" * 3_000_000
    with_data = chat("what is this?", [image(data), image("https://example.com/cat.png")])
    without = chat("what is this?", [image(""), image("https://example.com/cat.png")])
    expected = sent(without) + TEMPLATE_TOKENS + 2 * IMAGE_TOKENS
    assert bound(with_data) == expected


def test_base64_with_escaped_slashes_is_bounded_as_well() -> None:
    raw = json.dumps(chat([image("data:image/png;base64," + "////" * 1_000)])).replace("/", "\\/")
    assert bound(json.loads(raw)) >= IMAGE_TOKENS + TEMPLATE_TOKENS


def test_an_escaped_key_hides_no_media() -> None:
    raw = (
        b'{"messages":[{"role":"user","content":[{"type":"image\\u005furl","image\\u005furl":{"url":"https://x/y"}}]}]}'
    )
    assert bound(json.loads(raw)) >= IMAGE_TOKENS


def test_the_upstreams_name_of_a_model_decides_what_an_image_is() -> None:
    body = chat([image("https://example.com/cat.png")], model="cheap")
    assert bound(body, model="gpt-4o-mini") > 2 * bound(body)


def test_media_without_a_bound_take_what_the_text_leaves_of_the_context() -> None:
    body = chat([{"type": "file", "file": {"file_url": "https://x/y"}}])
    text = sent(body) + TEMPLATE_TOKENS
    assert bound(body) == text + UNSEEN_TOKENS
    assert bound(body, context_tokens=128_000) == 128_000
    assert bound(body, context_tokens=100) == text


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "url", "image_url", "input_audio", "data", "file", "content"]), inner
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["messages", "input", "tools"], hostile)))
def test_no_body_however_misshapen_breaks_the_bound_or_the_count(body: dict[str, Any]) -> None:
    try:
        checked({"model": "gpt-4o", **body})
    except InvalidRequest:
        return
    assert bound(body) > 0
    assert count_now(body, "gpt-4o") >= 0


async def test_a_chat_is_counted_as_openai_documents() -> None:
    # The cookbook's example: gpt-4 and gpt-4o report 129 and 124 prompt tokens for it.
    turns = [
        (
            "system",
            None,
            "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
        ),
        ("system", "example_user", "New synergies will help drive top-line growth."),
        ("system", "example_assistant", "Things working well together will increase revenue."),
        (
            "system",
            "example_user",
            "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        ),
        ("system", "example_assistant", "Let's talk later when we're less busy about how to do better."),
        ("user", None, "This late pivot means we don't have time to boil the ocean for the client deliverable."),
    ]
    body = {
        "messages": [
            {"role": role, "content": content} | ({"name": name} if name else {}) for role, name, content in turns
        ]
    }
    assert await count(body, "gpt-4") == Counted(129, exact=True)
    assert await count(body, "gpt-4o") == Counted(124, exact=True)


async def test_parts_of_text_count_like_the_text() -> None:
    parts = [{"type": "text", "text": "hello"}, {"type": "text", "text": " world"}]
    assert await count(chat(parts), "gpt-4o") == await count(chat("hello world"), "gpt-4o")


async def test_media_count_as_their_bound_and_are_not_exact() -> None:
    text = await count(chat("hello"), "gpt-4o")
    both = await count(chat([{"type": "text", "text": "hello"}, image("https://x/y.png")]), "gpt-4o")
    assert both == Counted(text.tokens + IMAGE_TOKENS, exact=False, media_tokens=IMAGE_TOKENS)


async def test_only_text_can_exceed_the_context() -> None:
    file = {"type": "file", "file": {"file_url": "https://x/y"}}
    assert (await count(chat([file]), "gpt-4o", context_tokens=128_000)).tokens == 128_000
    assert (await count(chat("word " * 500, [file]), "gpt-4o", context_tokens=100)).tokens > 500


async def test_tools_and_tool_calls_count_as_their_json_and_are_not_exact() -> None:
    plain = await count(chat("hello"), "gpt-4o")
    tools = await count(chat("hello", tools=[WEATHER]), "gpt-4o")
    assert tools.tokens > plain.tokens + 20
    assert not tools.exact
    call = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Bern"}'}}
    asked = {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]}
    assert not (await count(asked, "gpt-4o")).exact


async def test_embeddings_count_texts_and_tokens() -> None:
    model = "text-embedding-3-small"
    assert await count({"input": "hello world"}, model) == Counted(2, exact=True)
    assert await count({"input": ["hello world", "hello"]}, model) == Counted(3, exact=True)
    assert await count({"input": [15339, 1917]}, model) == Counted(2, exact=True)
    assert await count({"input": [[15339, 1917], [15339]]}, model) == Counted(3, exact=True)


async def test_a_strangers_vocabulary_is_estimated() -> None:
    exact = await count(chat("hello world"), "openai/gpt-4o")
    assert exact.exact
    estimate = await count(chat("hello world"), "claude-sonnet-4-5")
    assert estimate == Counted(exact.tokens, exact=False, elsewhere_tokens=1)  # a token for two characters at the least


async def test_text_beyond_what_is_counted_is_bounded_by_its_bytes() -> None:
    rest = "é" * 1_000
    counted = await count({"input": "word " * (MAX_COUNTED_CHARS // 5) + rest}, "gpt-4o")
    assert counted.tokens >= MAX_COUNTED_CHARS // 5 + len(rest.encode())
    assert not counted.exact
