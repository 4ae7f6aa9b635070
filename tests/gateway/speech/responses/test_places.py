"""A stream of the Responses API says as much as its response, in pieces or whole, and nothing twice."""

from typing import Any

import pytest

from functions.farebox.gateway.speech.inspector import SpokenInspector
from functions.farebox.gateway.speech.responses.answer import completion_of
from functions.farebox.gateway.speech.responses.conversion import as_events
from functions.farebox.gateway.speech.responses.reader import RESPONSES
from functions.farebox.gateway.stream.conversion import as_completion
from functions.farebox.gateway.stream.event_buffer import split
from functions.farebox.gateway.stream.own_events import named_event
from functions.farebox.gateway.stream.transcript import completion_media_tokens, completion_texts
from functions.farebox.tokens.media import DRAWN_TOKENS

OUTPUT: list[dict[str, Any]] = [
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}]},
    {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "c"}], "encrypted_content": "x"},
    {
        "type": "message",
        "content": [
            {"type": "output_text", "text": "Hello"},
            {"type": "output_text", "text": " there"},
            {"type": "refusal", "refusal": "No."},
        ],
    },
    {"type": "function_call", "call_id": "t", "name": "f", "arguments": '{"a":1}'},
    {"type": "custom_tool_call", "call_id": "u", "name": "g", "input": "word"},
    {"type": "code_interpreter_call", "code": "print"},
]
WHOLE = {"id": "resp_1", "model": "gpt", "status": "completed", "output": OUTPUT}
LONG = "said where nobody looks"


def message_of(events: bytes) -> dict[str, Any]:
    inspector = SpokenInspector(RESPONSES, passes_on=False, model=None)
    message: dict[str, Any] = as_completion(inspector.feed(events), None)["choices"][0]["message"]
    assert inspector.complete
    return message


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(
    "left_out",
    [
        (),
        (b".delta",),
        (b".delta", b"_text.done", b"refusal.done", b"arguments.done", b"input.done", b"output_item.added"),
        (b".delta", b"_text.done", b"refusal.done", b"arguments.done", b"input.done", b"output_item.done"),
        (b"output_item.added",),
        (b"output_item.done",),
        (b".delta", b"_text.done", b"refusal.done", b"arguments.done", b"input.done", b"output_item", b"_part."),
    ],
)
def test_whatever_events_do_not_come_all_that_was_said_does_once(left_out: tuple[bytes, ...], indexed: bool) -> None:
    events = [event for event in split(as_events(WHOLE)) if not any(kind in event.split(b"\n")[0] for kind in left_out)]
    text = b"".join(events)
    names = ["content", "refusal"]
    if indexed:
        names += ["tool_calls", "reasoning_content"]
    else:
        text = text.replace(b'"output_index"', b'"unknown"')
    message, wanted = message_of(text), completion_of(WHOLE)["choices"][0]["message"]
    assert {name: message.get(name) for name in names} == {name: wanted[name] for name in names}


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.novel.delta", "output_index": 0, "delta": {"text": LONG}},
        {"type": "response.novel", "words": LONG},
        {"type": "response.output_item.added", "output_index": 0, "item": {**OUTPUT[3], "arguments": LONG}},
        {"type": "response.output_item.done", "output_index": 0, "item": {"type": "compaction", "text": LONG}},
        {"type": "response.output_text.done", "output_index": 0, "text": LONG},
        {"type": "response.content_part.added", "output_index": 0, "part": {"type": "output_text", "text": LONG}},
        {"type": "response.content_part.added", "output_index": 0, "part": {"type": "refusal", "refusal": LONG}},
        {
            "type": "response.reasoning_summary_part.added",
            "output_index": 0,
            "summary_index": 0,
            "part": {"type": "summary_text", "text": LONG},
        },
        {"type": "response.completed", "response": {"output": [{"type": "novel", "text": LONG}]}},
    ],
)
def test_what_was_passed_on_is_counted_wherever_it_stands(event: dict[str, Any]) -> None:
    inspector = SpokenInspector(RESPONSES, passes_on=True, model=None)
    inspector.feed(named_event({"type": "response.created", "response": {"id": "resp_1"}}) + named_event(event))
    assert LONG in "".join(inspector.texts())


DRAWN = {"id": "ig_1", "type": "image_generation_call", "status": "completed", "result": "aGVsbG8=" * 1_000}


@pytest.mark.parametrize("come", [(1,), (2,), (3,), (1, 2, 3)])
def test_an_image_counts_once_from_when_the_first_of_it_comes(come: tuple[int, ...]) -> None:
    """Drafts of it come before it, and it comes with its item and again with the response."""
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {"id": "resp_1"}},
        {"type": "response.image_generation_call.partial_image", "output_index": 0, "partial_image_b64": "aGVsbG8="},
        {"type": "response.output_item.done", "output_index": 0, "item": DRAWN},
        {"type": "response.completed", "response": {**WHOLE, "output": [DRAWN]}},
    ]
    inspector = SpokenInspector(RESPONSES, passes_on=True, model=None)
    inspector.feed(b"".join(named_event(events[n]) for n in (0, *come)))
    assert inspector.media_tokens() == DRAWN_TOKENS
    assert inspector.texts() == []


def test_an_image_in_a_whole_response_is_no_text() -> None:
    completion = completion_of({**WHOLE, "output": [DRAWN]})
    assert completion_texts(completion) == []
    assert completion_media_tokens(completion) == DRAWN_TOKENS
