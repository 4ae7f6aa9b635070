"""What an upstream writes in place of a report of usage never reaches a client as one that its library cannot read."""

from typing import Any

import orjson
import pytest

from functions.farebox.gateway.answers import PlainAnswer, StreamAnswer
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import StandIn, json_reply, raw

BODY: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}
EVENTS = {"content-type": "text/event-stream"}
COUNTED = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
READ = {**COUNTED, "prompt_tokens_details": {"cached_tokens": 2}}
# What is reported, and what a client is told of it.
REPORTS: list[tuple[Any, Any]] = [
    ([], None),
    ("none", None),
    (5, None),
    ({"input_tokens": "many", "output_tokens": {}}, None),
    ({"prompt_tokens": "many", "completion_tokens": None}, None),
    ({"input_tokens": 5, "output_tokens": 7}, COUNTED),
    ({"input_tokens": 3, "cache_read_input_tokens": 2, "output_tokens": 7}, READ),
    ({"prompt_tokens": "5", "completion_tokens": 7.0}, COUNTED),
    ({**COUNTED, "prompt_tokens_details": "none"}, COUNTED),
    ({**COUNTED, "completion_tokens_details": {"reasoning_tokens": "x"}}, COUNTED),
    ({**COUNTED, "prompt_tokens_details": {"cached_tokens": None}, "queue_time": 0.1}, "as it came"),
    (None, "as it came"),
]


@pytest.mark.parametrize(("usage", "told"), REPORTS)
async def test_of_a_whole_answer(upstream: StandIn, make_gateway: MakeGateway, usage: Any, told: Any) -> None:
    message = {"role": "assistant", "content": "Hi"}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    upstream.script(json_reply({"object": "chat.completion", "model": "m", "choices": choices, "usage": usage}))
    answer = await make_gateway(upstream.entry()).open(call_of(BODY))
    assert isinstance(answer, PlainAnswer)
    body = orjson.loads(answer.body)
    assert body.get("usage") == (usage if told == "as it came" else told)
    assert ("usage" in body) is (told is not None)
    assert body["choices"] == choices


@pytest.mark.parametrize(("usage", "told"), [each for each in REPORTS if each[1] != "as it came"])
async def test_of_a_stream(upstream: StandIn, make_gateway: MakeGateway, usage: Any, told: Any) -> None:
    """Whether it stands beside a word or by itself: a client that did not ask for it has none."""
    said: dict[str, Any] = {"model": "m", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hi"}}]}
    end: dict[str, Any] = {"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    events = [said, {**said, "usage": usage}, end, {"model": "m", "choices": [], "usage": usage}]
    upstream.script(raw(*map(data_event, events), DONE_EVENT, headers=EVENTS))
    answer = await make_gateway(upstream.entry()).open(call_of({**BODY, "stream": True}))
    assert isinstance(answer, StreamAnswer)
    sent = [orjson.loads(data_of(event) or b"") for event in split(b"".join([block async for block in answer]))]
    assert [each["choices"] for each in sent] == [said["choices"], said["choices"], end["choices"]]
    assert not any("usage" in each for each in sent)
    assert answer.inspector.usage_report == told
    await answer.aclose()
