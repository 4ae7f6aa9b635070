"""Whole events out of chunks that end anywhere."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.gateway.stream.event_buffer import (
    EventBuffer,
    EventTooLarge,
    data_of,
    event_at,
    split,
    with_data,
)

LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
LINES = st.sampled_from([b"data: {}", b"data: w\xc3\xb6rld", b": ping", b"event: x", b"id: 7", b"data:tight"])


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Events with any line end, each stream with one kind, as a server would write it."""
    end = draw(LINE_ENDS)
    events = draw(st.lists(st.lists(LINES, min_size=1, max_size=3), max_size=6))
    return b"".join(b"".join(line + end for line in lines) + end for lines in events)


def chunked(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(stream) + 1) for cut in cuts} | {0, len(stream)})
    return [stream[start:end] for start, end in pairwise(places)]


@given(streams(), st.lists(st.integers(min_value=0), max_size=12))
def test_the_events_are_the_same_wherever_the_chunks_end(stream: bytes, cuts: list[int]) -> None:
    buffer = EventBuffer()
    blocks = [buffer.feed(chunk) for chunk in chunked(stream, cuts)]
    events = [event for block in [*blocks, buffer.flush()] for event in split(block)]
    assert events == split(stream)


@given(st.binary(max_size=200).map(lambda noise: noise.replace(b"x", b"\n").replace(b"y", b"\r")), st.data())
def test_no_byte_is_lost_or_changed_whatever_comes(noise: bytes, data: st.DataObject) -> None:
    buffer = EventBuffer()
    cuts = data.draw(st.lists(st.integers(min_value=0), max_size=12))
    blocks = [buffer.feed(chunk) for chunk in chunked(noise, cuts)]
    assert b"".join([*blocks, buffer.flush()]) == noise
    assert b"".join(split(noise)) == noise


@given(streams())
def test_the_event_at_a_place_is_the_one_that_has_it(stream: bytes) -> None:
    start = 0
    for event in split(stream):
        end = start + len(event)
        for position in range(start, end - 4):  # within its text, as a marker is
            assert event_at(stream, position) == (start, end)
            assert event_at(stream, position, start) == (start, end)
        start = end


def test_every_block_ends_where_an_event_ends() -> None:
    buffer = EventBuffer()
    assert buffer.feed(b"data: 1\n\ndata: 2\n") == b"data: 1\n\n"
    assert buffer.feed(b"\ndata: 3") == b"data: 2\n\n"
    assert buffer.feed(b"\r\n\r") == b""
    assert buffer.feed(b"\n") == b"data: 3\r\n\r\n"
    assert buffer.flush() == b""


def test_events_that_end_in_bare_carriage_returns_are_told_apart() -> None:
    assert split(b"data: 1\r\rdata: 2\r\r") == [b"data: 1\r\r", b"data: 2\r\r"]


def test_an_event_without_an_end_does_not_fill_the_memory() -> None:
    buffer = EventBuffer(max_event_bytes=1000)
    for _ in range(100):
        buffer.feed(b"0123456789")
    with pytest.raises(EventTooLarge):
        buffer.feed(b"0")


def test_many_events_together_may_be_longer_than_one_may_be() -> None:
    buffer = EventBuffer(max_event_bytes=10)
    assert buffer.feed(b"data: 1\n\n" * 100) == b"data: 1\n\n" * 100


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b"data: x\n\n", b"x"),
        (b"data:x\r\n\r\n", b"x"),
        (b"data:  x\n\n", b" x"),
        (b"event: e\ndata: a\nid: 1\ndata: b\n\n", b"a\nb"),
        (b"data\n\n", b""),
        (b"\xef\xbb\xbfdata: x\n\n", b"x"),
        (b": comment\n\n", None),
        (b"database: x\n\n", None),
        (b"\n", None),
    ],
)
def test_the_data_of_an_event_is_read_as_the_standard_says(event: bytes, data: bytes | None) -> None:
    assert data_of(event) == data


def test_other_fields_stay_when_the_data_is_replaced() -> None:
    assert with_data(b"id: 1\r\ndata: a\r\ndata: b\r\n\r\n", b"c") == b"id: 1\ndata: c\n\n"
