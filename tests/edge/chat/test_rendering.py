"""What is said of an answer, in headers and at the end of a stream, byte for byte."""

from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from functions.edge.chat.rendering import RENDERING
from functions.farebox.data_plane.reply import Settled, StreamEnd
from functions.farebox.errors import FareboxError, UpstreamFailed, UpstreamUnavailable
from functions.farebox.gateway.answers import Source
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.trail import Attempt
from functions.farebox.tokens.usage.usage import Usage

CHUNK: dict[str, Any] = {
    "id": "c1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}],
}
REPORT = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10, "a_field_of_tomorrow": {"x": 1}}
SETTLED = Settled(charged=137_500, balance=999_862_500, usage=Usage(prompt_tokens=7, completion_tokens=3))


def source(*asked: str, **fields: Any) -> Source:
    attempts = tuple(Attempt(name, "m", "answered", 200, 0, 1) for name in asked)
    return Source("last", "m", attempts, 0.0, "m", **fields)


def relayed(report: dict[str, Any] | None) -> StreamInspector:
    inspector = StreamInspector()
    events = [CHUNK] if report is None else [CHUNK, {**CHUNK, "choices": [], "usage": report}]
    inspector.feed(b"".join(b"data: " + orjson.dumps(event) + b"\n\n" for event in events) + b"data: [DONE]\n\n")
    return inspector


RECEIPT = ("x-farebox-receipt", "use_1")


def tail(*, report: dict[str, Any] | None = REPORT, wants: bool = False, error: FareboxError | None = None) -> bytes:
    settled = SETTLED if report is None else replace(SETTLED, usage=Usage(prompt_tokens=9, completion_tokens=1))
    return RENDERING.tail(StreamEnd(settled, relayed(report), wants, error))


@pytest.mark.parametrize(
    ("answered", "settled", "headers"),
    [
        (source("a", "last"), None, [("x-farebox-upstream", "a, last"), RECEIPT]),
        (source(), None, [("x-farebox-upstream", "last"), RECEIPT]),
        (source("last", cache="miss"), None, [("x-farebox-upstream", "last"), RECEIPT, ("x-farebox-cache", "miss")]),
        (
            source("last", cache="hit"),
            SETTLED,
            [
                ("x-farebox-upstream", "last"),
                RECEIPT,
                ("x-farebox-cache", "hit"),
                ("x-farebox-cost-usd", "0.0001375"),
                ("x-farebox-balance-usd", "0.9998625"),
            ],
        ),
    ],
)
def test_the_head_says_who_was_asked_and_what_it_cost_once_that_is_known(
    answered: Source, settled: Settled | None, headers: list[tuple[str, str]]
) -> None:
    assert list(RENDERING.head(answered, RECEIPT[1], settled).items()) == headers


def test_a_stream_ends_with_done() -> None:
    assert tail() == b"data: [DONE]\n\n"


def test_who_asked_for_usage_gets_the_upstreams_own_and_what_it_cost_before_that() -> None:
    assert tail(wants=True) == (
        b'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],'
        b'"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10,"a_field_of_tomorrow":{"x":1}},'
        b'"farebox":{"cost_usd":"0.0001375","balance_usd":"0.9998625"}}\n\ndata: [DONE]\n\n'
    )


def test_where_the_upstream_reported_none_the_usage_is_what_was_charged_for() -> None:
    assert b'"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10},' in tail(report=None, wants=True)


def test_where_the_upstream_reported_what_cannot_be_the_usage_is_what_was_charged_for() -> None:
    end = StreamEnd(SETTLED, relayed(REPORT), True, None)
    assert b'"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10},' in RENDERING.tail(end)


@pytest.mark.parametrize("wants", [False, True])
@pytest.mark.parametrize(
    ("error", "code"), [(UpstreamFailed("It broke."), "upstream_error"), (UpstreamUnavailable("It broke."), None)]
)
def test_what_did_not_end_well_ends_in_an_error_and_never_in_done(
    error: FareboxError, code: str | None, wants: bool
) -> None:
    told = code or "upstream_unavailable"
    assert tail(wants=wants, error=error) == (
        b'data: {"error":{"message":"It broke.","type":"upstream_error","param":null,"code":"%s"}}\n\n' % told.encode()
    )
