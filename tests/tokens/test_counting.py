"""A prompt's bound is never below its count, and a count says when it is exact."""

import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.farebox.tokens.counting import (
    MAX_COUNTED_CHARS,
    TEMPLATE_TOKENS,
    TOOLS_TOKENS,
    Counted,
    bound_prompt,
    count_completion,
    count_prompt,
    encoding_for,
)
from functions.farebox.tokens.media import IMAGE_TOKENS, UNSEEN_TOKENS

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
    max_size=8,
)


def encode(body: object, *, ascii_only: bool = False) -> bytes:
    """A body as the most frugal client would send it."""
    return json.dumps(body, ensure_ascii=ascii_only, separators=(",", ":")).encode(errors="surrogatepass")


def chat(*contents: object, **fields: object) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content} for content in contents], **fields}


def count_now(body: dict[str, Any], model: str) -> int:
    return asyncio.run(count_prompt(body, model)).tokens


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


@settings(deadline=None)
@given(messages, st.sampled_from(["gpt-4o", "gpt-4", "llama-3"]), st.booleans())
def test_the_bound_is_never_below_the_count_of_a_chat(turns: list[Any], model: str, ascii_only: bool) -> None:
    body = {"model": model, "messages": turns}
    assert bound_prompt(encode(body, ascii_only=ascii_only), body) >= count_now(body, model)


@settings(deadline=None)
@given(st.one_of(texts, st.lists(texts, max_size=5), st.lists(st.integers(0, 200_000), max_size=20)))
def test_the_bound_is_never_below_the_count_of_an_embedding(value: Any) -> None:
    body = {"model": "text-embedding-3-small", "input": value}
    assert bound_prompt(encode(body), body) >= count_now(body, "text-embedding-3-small")


def test_the_bound_of_text_is_the_length_of_the_body_and_a_templates_preamble() -> None:
    body = chat("hello")
    assert bound_prompt(encode(body), body) == len(encode(body)) + TEMPLATE_TOKENS


def test_tools_bring_a_preamble_of_their_own() -> None:
    body = chat("hello", tools=[WEATHER])
    assert bound_prompt(encode(body), body) == len(encode(body)) + TEMPLATE_TOKENS + TOOLS_TOKENS


def test_the_base64_of_media_is_taken_out_and_their_bound_put_in() -> None:
    data = "data:image/png;base64," + "A" * 3_000_000
    with_data = chat("what is this?", [image(data), image("https://example.com/cat.png")])
    without = chat("what is this?", [image(""), image("https://example.com/cat.png")])
    expected = len(encode(without)) + TEMPLATE_TOKENS + 2 * IMAGE_TOKENS
    assert bound_prompt(encode(with_data), with_data) == expected


def test_base64_with_escaped_slashes_is_bounded_as_well() -> None:
    body = chat([image("data:image/png;base64," + "////" * 1_000)])
    raw = encode(body).replace(b"/", b"\\/")
    assert bound_prompt(raw, body) >= IMAGE_TOKENS + TEMPLATE_TOKENS


def test_an_escaped_key_hides_no_media() -> None:
    raw = (
        b'{"messages":[{"role":"user","content":[{"type":"image\\u005furl","image\\u005furl":{"url":"https://x/y"}}]}]}'
    )
    assert bound_prompt(raw, json.loads(raw)) >= IMAGE_TOKENS


def test_the_upstreams_name_of_a_model_decides_what_an_image_is() -> None:
    body = chat([image("https://example.com/cat.png")], model="cheap")
    raw = encode(body)
    assert bound_prompt(raw, body, model="gpt-4o-mini") > 2 * bound_prompt(raw, body)


def test_media_without_a_bound_take_what_the_text_leaves_of_the_context() -> None:
    body = chat([{"type": "file", "file": {"file_id": "file-1"}}])
    text = len(encode(body)) + TEMPLATE_TOKENS
    assert bound_prompt(encode(body), body) == text + UNSEEN_TOKENS
    assert bound_prompt(encode(body), body, context_tokens=128_000) == 128_000
    assert bound_prompt(encode(body), body, context_tokens=100) == text


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
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["model", "messages", "input", "tools"], hostile)))
def test_no_body_however_misshapen_breaks_the_bound_or_the_count(body: dict[str, Any]) -> None:
    assert bound_prompt(encode(body), body) > 0
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
    assert await count_prompt(body, "gpt-4") == Counted(129, exact=True)
    assert await count_prompt(body, "gpt-4o") == Counted(124, exact=True)


async def test_parts_of_text_count_like_the_text() -> None:
    parts = [{"type": "text", "text": "hello"}, {"type": "text", "text": " world"}]
    assert await count_prompt(chat(parts), "gpt-4o") == await count_prompt(chat("hello world"), "gpt-4o")


async def test_media_count_as_their_bound_and_are_not_exact() -> None:
    text = await count_prompt(chat("hello"), "gpt-4o")
    both = await count_prompt(chat([{"type": "text", "text": "hello"}, image("https://x/y")]), "gpt-4o")
    assert both == Counted(text.tokens + IMAGE_TOKENS, exact=False, media_tokens=IMAGE_TOKENS)


async def test_only_text_can_exceed_the_context() -> None:
    file = {"type": "file", "file": {"file_id": "file-1"}}
    assert (await count_prompt(chat([file]), "gpt-4o", context_tokens=128_000)).tokens == 128_000
    assert (await count_prompt(chat("word " * 500, [file]), "gpt-4o", context_tokens=100)).tokens > 500


async def test_an_estimate_has_headroom_for_its_text() -> None:
    assert Counted(100, exact=True).ceiling == 100
    assert Counted(100, exact=False).ceiling == 200
    assert Counted(100, exact=False, media_tokens=70).ceiling == 130


async def test_tools_and_tool_calls_count_as_their_json_and_are_not_exact() -> None:
    plain = await count_prompt(chat("hello"), "gpt-4o")
    tools = await count_prompt(chat("hello", tools=[WEATHER]), "gpt-4o")
    assert tools.tokens > plain.tokens + 20
    assert not tools.exact
    call = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Bern"}'}}
    asked = {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]}
    assert not (await count_prompt(asked, "gpt-4o")).exact


async def test_embeddings_count_texts_and_tokens() -> None:
    model = "text-embedding-3-small"
    assert await count_prompt({"input": "hello world"}, model) == Counted(2, exact=True)
    assert await count_prompt({"input": ["hello world", "hello"]}, model) == Counted(3, exact=True)
    assert await count_prompt({"input": [15339, 1917]}, model) == Counted(2, exact=True)
    assert await count_prompt({"input": [[15339, 1917], [15339]]}, model) == Counted(3, exact=True)


async def test_a_completion_is_counted_as_text() -> None:
    assert await count_completion("hello world", "gpt-4o") == 2
    assert await count_completion("tiktoken is great!", "openai/gpt-4") == 6
    assert await count_completion("", "gpt-4o") == 0


async def test_a_strangers_vocabulary_is_estimated() -> None:
    exact = await count_prompt(chat("hello world"), "openai/gpt-4o")
    assert exact.exact
    assert await count_prompt(chat("hello world"), "claude-sonnet-4-5") == Counted(exact.tokens, exact=False)


async def test_text_beyond_what_is_counted_is_bounded_by_its_bytes() -> None:
    rest = "é" * 1_000
    counted = await count_prompt({"input": "word " * (MAX_COUNTED_CHARS // 5) + rest}, "gpt-4o")
    assert counted.tokens >= MAX_COUNTED_CHARS // 5 + len(rest.encode())
    assert not counted.exact


async def test_half_a_surrogate_pair_is_counted_like_any_text() -> None:
    body = json.loads('{"messages":[{"role":"user","content":"\\ud83d half"}]}')
    assert (await count_prompt(body, "gpt-4o")).tokens > 0


async def test_counting_does_not_hold_up_the_event_loop() -> None:
    await count_completion("warm", "gpt-4o")
    counting = asyncio.create_task(count_completion("a" * 3_000_000, "gpt-4o"))
    started = time.monotonic()
    longest_pause_s = 0.0
    while not counting.done():
        before = time.monotonic()
        await asyncio.sleep(0.001)
        longest_pause_s = max(longest_pause_s, time.monotonic() - before)
    assert longest_pause_s < (time.monotonic() - started) / 2
    assert await counting > 300_000


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4o", "o200k_base"),
        ("gpt-4o-mini-2024-07-18", "o200k_base"),
        ("gpt-4.1-nano", "o200k_base"),
        ("gpt-4.5-preview", "o200k_base"),
        ("gpt-5.4-mini", "o200k_base"),
        ("o3-mini", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-4-turbo-2024-04-09", "cl100k_base"),
        ("GPT-4", "cl100k_base"),
        ("azure/gpt-35-turbo-16k", "cl100k_base"),
        ("gpt-3.5-turbo", "cl100k_base"),
        ("ft:gpt-3.5-turbo:acme::x", "cl100k_base"),
        ("openai/text-embedding-3-large", "cl100k_base"),
        ("meta-llama/Llama-3.3-70B-Instruct", "o200k_base"),
        ("claude-sonnet-4-5", "o200k_base"),
        ("", "o200k_base"),
    ],
)
def test_a_model_has_its_vocabulary_and_a_stranger_the_newest(model: str, encoding: str) -> None:
    assert encoding_for(model) == encoding


def test_the_vocabularies_agree_with_tiktokens_own_table() -> None:
    from tiktoken.model import MODEL_TO_ENCODING

    for model, encoding in MODEL_TO_ENCODING.items():
        if encoding in ("cl100k_base", "o200k_base"):
            assert encoding_for(model) == encoding, model
