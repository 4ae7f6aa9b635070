"""Bodies are bounded before they are parsed, and what is wrong with one is said in words."""

import asyncio
import time
import tracemalloc
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.errors import InvalidRequest
from functions.farebox.request import json_body
from functions.farebox.request.chat import check_chat
from functions.farebox.request.json_body import MAX_ELEMENTS, MAX_FIELDS, parse_body

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xef\xbb\xbf{}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": -1e400}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1' + b"0" * 400 + b".5}",
        b'{"a": "\\ud800"}',
        b'{"a": "\\udc00\\ud800"}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\x01"}',
        b'{"a": 01}',
        b"{'a': 1}",
        b'{"a": ' + b"[" * 2000 + b"]" * 2000 + b"}",
        b'{"a":' * 100_000,
    ],
    ids=lambda raw: repr(raw[:24]),
)
async def test_what_is_no_json_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await parse_body(raw)
    assert refused.value.code == "malformed_json"
    assert refused.value.message.startswith("The body is no JSON: ")


@pytest.mark.parametrize("raw", [b"[]", b"null", b"5", b'"text"', b"true"])
async def test_a_body_is_an_object(raw: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await parse_body(raw)
    assert refused.value.code == "invalid_body"


async def test_of_a_name_that_is_there_twice_the_last_one_counts() -> None:
    assert await parse_body(b'{"n": 1, "n": 2, "\\u006e": 3}') == {"n": 3}


@pytest.mark.parametrize("depth", [300, 900])
async def test_what_is_nested_too_deeply_to_be_written_is_refused(depth: int) -> None:
    raw = b'{"model": "m", "messages": [{"role": "user", "content": "a", "reasoning_details": %b}]}' % (
        b"[" * depth + b"]" * depth
    )
    with pytest.raises(InvalidRequest) as refused:
        check_chat(await parse_body(raw))
    assert refused.value.code == "invalid_body"


def list_of(element: bytes, size: int) -> bytes:
    return b'{"x": [' + element * (size // len(element)) + b"[]]}"


@pytest.mark.alone
@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(lambda: list_of(b"[],", 28 * MEGABYTE), id="empty lists"),
        pytest.param(lambda: list_of(b"[],", 10_000_000 * 3), id="ten million"),
        pytest.param(lambda: list_of(b"{},", 28 * MEGABYTE), id="empty objects"),
        pytest.param(lambda: list_of(b"1,", 2 * MEGABYTE), id="numbers"),
        pytest.param(lambda: list_of(b'"",', 28 * MEGABYTE), id="empty texts"),
        pytest.param(lambda: list_of(b'"\\\\",', 28 * MEGABYTE), id="backslashes"),
        pytest.param(lambda: b'{"x":' + b"[" * 14 * MEGABYTE + b"]" * 14 * MEGABYTE + b"}", id="within each other"),
    ],
)
async def test_too_many_elements_are_refused_at_once_and_without_memory(raw: Callable[[], bytes]) -> None:
    body = raw()
    started_s = time.process_time()
    with pytest.raises(InvalidRequest, match="elements"):
        await parse_body(body)
    assert time.process_time() - started_s < 0.1
    tracemalloc.start()
    try:
        with pytest.raises(InvalidRequest):
            await parse_body(body)
        assert tracemalloc.get_traced_memory()[1] < 100 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda: "aGVsbG8/" * (20 * MEGABYTE // 8), id="an image"),
        pytest.param(lambda: "Well, [yes], {no}, " * (10 * MEGABYTE // 19), id="prose"),
        pytest.param(lambda: '"\\,["' * (5 * MEGABYTE // 5), id="code"),
        pytest.param(lambda: "\\" * (8 * MEGABYTE), id="backslashes"),
    ],
)
async def test_what_is_inside_a_text_is_no_element(text: Callable[[], str]) -> None:
    body = {"x": text(), "y": [1, 2], "z": "a,b"}
    assert await parse_body(orjson.dumps(body)) == body


async def test_the_loop_is_free_while_a_large_body_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counter = asyncio.create_task(count_turns())
    await parse_body(orjson.dumps({"x": "a,b" * MEGABYTE}))
    counter.cancel()
    assert turns >= 3 * MEGABYTE // json_body.SLICE_BYTES


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | st.text(alphabet='ab",[]{}:\\\n\u00e9', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='a",\\[', max_size=4), inner, max_size=4)
    ),
    max_leaves=30,
)


def elements_in(value: object) -> int:
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(elements_in, held))


@given(body=st.dictionaries(st.text(max_size=3), values, max_size=5), slice_bytes=st.integers(1, 9))
def test_elements_are_counted_the_same_in_whatever_slices(body: dict[str, object], slice_bytes: int) -> None:
    """And never below what there is; an empty list or object counts as one more."""
    raw = orjson.dumps(body)
    there = elements_in(body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_body, "SLICE_BYTES", slice_bytes)
        for bound, is_refused in ((there // 2 - 1, True), (2 * there, False)):
            patch.setattr(json_body, "MAX_ELEMENTS", bound)
            try:
                asyncio.run(json_body._refuse_too_many(raw))
            except InvalidRequest:
                assert is_refused
            else:
                assert not is_refused


def test_half_a_megabyte_has_no_more_than_are_allowed() -> None:
    assert elements_in({"x": [[]] * (MAX_ELEMENTS // 2)}) < MAX_ELEMENTS


async def test_more_fields_than_any_request_has_are_refused_before_they_are_looked_up() -> None:
    body = b"{" + b",".join(b'"k%d":1' % number for number in range(MAX_FIELDS + 1)) + b"}"
    with pytest.raises(InvalidRequest, match="fields"):
        await parse_body(body)
