"""Events that are alike but for their text: they pass without a search, and as they would with one."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.farebox.gateway.stream import alike, inspector
from functions.farebox.gateway.stream.alike import MOST_MISSES, Alike
from functions.farebox.gateway.stream.inspector import StreamInspector

ODD = (
    "[DONE]",
    "usage",
    '"usage": {"prompt_tokens": 5}',
    "error",
    "server_error",
    "prompt_eval_count",
    '"error"',
    "\\",
    '"',
    "\n",
    "\n\n",
    "data: {",
    "ä",
    "\ud83d",
)
REPORT = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
TEXTS = st.sampled_from(ODD) | st.text(max_size=5) | st.just("word")
KEYS = st.sampled_from(["content", "reasoning_content", "arguments", "role", "usage", "_hidden", "error"])
FIELDS = st.sampled_from(
    [
        {},
        {},
        {},
        {"usage": None},
        {"usage": REPORT},
        {"error": {"message": "no"}},
        {"id": "another"},
        {"obfuscation": "aB3"},
        {"service_tier": "flex"},
        {"detail": "no"},
        {"_hidden_params": {"key": "x"}},
    ]
)


def event(text: str, key: str = "content", spaced: bool = False, **fields: Any) -> bytes:
    delta = {key: text} if key != "usage" else {"content": "", key: text}
    chunk = {"id": "c", "model": "up", "choices": [{"index": 0, "delta": delta, "finish_reason": None}], **fields}
    written = json.dumps(chunk, separators=(", ", ": ") if spaced else (",", ":"), ensure_ascii=False)
    return b"data: " + written.encode(errors="surrogatepass") + b"\n\n"


def flat(text: str) -> bytes:
    """An error that nothing marks."""
    return b"data: " + json.dumps({"id": "c", "detail": "no", "text": text}).encode() + b"\n\n"


EVENTS = st.builds(
    lambda text, key, spaced, fields: event(text, key, spaced, **fields), TEXTS, KEYS, st.booleans(), FIELDS
)
PLAIN = TEXTS.map(event)


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """An event with some bytes taken out of it or put into it."""
    whole = draw(PLAIN)
    at = draw(st.integers(0, len(whole)))
    put = draw(st.sampled_from([b"", b'"', b"\\", b"\r", b"\n", b"\x00", b"\xff", b"data: [DONE]\n\n"]))
    return whole[:at] + put + whole[at + draw(st.integers(0, 2)) :]


class Unlearned(Alike):
    def learn(self, block: bytes) -> None:
        pass


def read(events: list[bytes], *, learns: bool) -> Iterator[object]:
    """All that an inspector says of a stream."""
    inspected = StreamInspector(model="public")
    if not learns:
        inspected._alike = Unlearned()
    for each in events:
        yield inspected.feed(each)
        yield inspected.report_is_current, inspected.over
    yield inspected.end()
    yield inspected.failure, inspected.reported_error, inspected.complete, inspected.usage, inspected.usage_is_final
    yield inspected.texts(), inspected.uncounted_bytes(), inspected.generated(), inspected.listed_calls
    yield inspected.envelope, inspected.served_tier, inspected.answered_model


@given(st.lists(PLAIN | PLAIN | EVENTS | torn(), max_size=12))
@example([event("a"), event("b"), event("c"), event("\\"), event("usage", "usage")])
@example([event("a"), event("b"), b"data: [DONE]\n\n", event("c")])
@example([event("a"), event("b", usage=REPORT), event("[DONE]")])
@example([event("a"), event("b"), event("", usage=REPORT), event("[DONE]"), event("error"), event("eval_count")])
@example([flat("a"), flat("b"), flat("error")])
@example([event("a"), event("b"), event("[DONE]").replace(b"DONE]", b"DONE]\xff")])
def test_a_stream_is_read_as_one_whose_events_are_each_searched(events: list[bytes]) -> None:
    stream = [event("", role="assistant"), *events]
    assert list(read(stream, learns=True)) == list(read(stream, learns=False))


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The blocks that were searched."""
    searched: list[bytes] = []
    real = inspector._may_concern_us

    def search(block: bytes) -> bool:
        searched.append(block)
        return real(block)

    monkeypatch.setattr(inspector, "_may_concern_us", search)
    return searched


Writer = Callable[[int], bytes]


@pytest.mark.parametrize(
    "write",
    [
        lambda n: event(f" word{n}"),
        lambda n: event(f" word{n}", spaced=True),
        lambda n: event("Grüße", "reasoning_content"),
        lambda n: event(f" word{n}", usage=None, obfuscation="x" * (n % 7)),
    ],
    ids=["plain", "spaced", "thoughts", "padded"],
)
def test_what_is_alike_is_not_searched(write: Writer, searches: list[bytes]) -> None:
    inspected = StreamInspector()
    stream = [write(n) for n in range(100)]
    assert [inspected.feed(each) for each in stream] == stream
    assert len(searches) <= 1


def test_a_text_with_an_escape_is_searched_and_what_comes_after_it_is_not(searches: list[bytes]) -> None:
    inspected = StreamInspector()
    for n in range(100):
        inspected.feed(event("\n" if n % 10 == 0 else f" word{n}"))
    assert len(searches) <= 11


def test_a_stream_whose_events_all_differ_is_soon_learned_from_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    class Texts:
        def finditer(self, block: bytes) -> Iterator[Any]:
            looks.append(block)
            return real.finditer(block)

    real = alike._TEXTS
    monkeypatch.setattr(alike, "_TEXTS", Texts())
    inspected = StreamInspector()
    for n in range(100):
        inspected.feed(event("word", id=f"c{n}"))
    assert len(looks) == MOST_MISSES


@pytest.mark.parametrize(
    "other",
    [
        event("word", model="other"),
        event("wo\\rd"),
        event('wo"rd'),
        event("word")[:-2],
        event("word")[:-1] + b"\r\n",
        event("word") + event("word"),
        event("word").replace(b"word", b"wo\nrd"),
        event("word").replace(b"word", b"wo\rrd"),
        event("word").replace(b"word", b"word\\"),
        event("word").replace(b'"word"', b'"word","usage":"more"'),
        event("word").replace(b'"word"', b"null"),
        b"",
    ],
    ids=repr,
)
def test_nothing_is_alike_that_differs_in_more_than_its_text(other: bytes) -> None:
    like = Alike()
    like.learn(event("first"))
    assert like.holds(event("second"))
    assert like.holds(event(""))
    assert not like.holds(other)
