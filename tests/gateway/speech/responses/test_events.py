"""A stream of the Responses API is passed on byte by byte, and the books are kept by what it means."""

from typing import Any

import orjson
import pytest

from functions.farebox.gateway.speech.inspector import SpokenInspector
from functions.farebox.gateway.speech.responses.reader import RESPONSES

USAGE = {"input_tokens": 9, "output_tokens": 12, "output_tokens_details": {"reasoning_tokens": 5}, "total_tokens": 21}


def event(kind: str, **fields: Any) -> bytes:
    # with spaces, as some servers write it
    return b"data: " + orjson.dumps({"type": kind, **fields}).replace(b'"model":', b'"model": ') + b"\n\n"


CREATED = event("response.created", response={"id": "resp_1", "model": "gpt"})
SAID = [
    event("response.output_item.added", output_index=0, item={"type": "reasoning"}),
    event("response.reasoning_summary_text.delta", output_index=0, delta="Hm"),
    event("response.output_item.done", output_index=0, item={"type": "reasoning", "encrypted_content": "x" * 40}),
    event("response.output_text.delta", output_index=1, delta="Hi"),
    event("response.output_text.delta", output_index=1, delta=" there"),
    event("response.refusal.delta", output_index=1, delta="No."),
    event(
        "response.output_item.added", output_index=2, item={"type": "function_call", "call_id": "c", "name": "weather"}
    ),
    event("response.function_call_arguments.delta", output_index=2, delta='{"a":'),
    event("response.function_call_arguments.delta", output_index=2, delta="1}"),
    event("response.code_interpreter_call_code.delta", output_index=3, delta="print"),
    event("response.image_generation_call.partial_image", output_index=3),
]
SEARCHED = {"output": [{"type": "web_search_call"}, {"type": "web_search_call", "action": {"type": "open_page"}}, None]}
DONE = event(
    "response.completed", response={"id": "resp_1", "model": "gpt", "usage": USAGE, "service_tier": "flex", **SEARCHED}
)


def passing() -> SpokenInspector:
    return SpokenInspector(RESPONSES, passes_on=True, model="public")


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_all_but_what_ends_it_is_forwarded_as_it_came_but_for_the_models_name(size: int) -> None:
    text = b"".join([CREATED, *SAID, DONE])
    inspector = passing()
    got = b"".join(inspector.feed(text[at : at + size]) for at in range(0, len(text), size))
    assert got == b"".join([CREATED, *SAID]).replace(b'"gpt"', b'"public"')
    assert inspector.withheld == DONE.replace(b'"gpt"', b'"public"')
    assert inspector.complete
    usage = inspector.usage
    assert usage is not None and inspector.usage_is_final
    assert (usage.prompt_tokens, usage.completion_tokens, usage.reasoning_tokens, usage.searches) == (9, 12, 5, 1)
    assert inspector.served_tier == "flex"
    assert {"Hm", "Hi there", "No.", '{"a":1}', "weather", "print"} <= set(inspector.texts())
    assert inspector.thought_something and inspector.media_tokens() > 0


@pytest.mark.parametrize(
    "error",
    [
        event("error", code="server_error", message="The engine fell over.", param=None),
        event("response.failed", response={"error": {"code": "rate_limit_exceeded", "message": "Slow down."}}),
        event("response.failed", response={}),
    ],
)
def test_an_error_ends_it_as_broken_before_the_first_word_and_after(error: bytes) -> None:
    early, late = passing(), passing()
    early.feed(CREATED)
    assert early.only_introduced
    early.feed(error)
    assert early.failure is not None and not early.said_something
    late.feed(CREATED + SAID[3])
    assert late.feed(error) == b""
    assert late.outcome == "broken" and late.reported_error is not None


def test_one_that_ends_without_its_last_event_is_broken() -> None:
    inspector = passing()
    inspector.feed(b"".join([CREATED, *SAID]))
    inspector.end()
    assert inspector.outcome == "broken" and inspector.usage is None


@pytest.mark.parametrize("kind", ["response.failed", "response.cancelled"])
def test_a_response_that_comes_to_nothing_is_billed_by_what_it_reports(kind: str) -> None:
    inspector = passing()
    response = {"id": "resp_1", "error": {"code": "server_error"}, "usage": USAGE, "service_tier": "flex"}
    assert inspector.feed(b"".join([CREATED, *SAID, event(kind, response=response)]))
    assert inspector.failure is not None
    usage = inspector.usage
    assert usage is not None and inspector.usage_is_final
    assert (usage.prompt_tokens, usage.completion_tokens, inspector.served_tier) == (9, 12, "flex")
