"""The texts of a completion, for counting tokens that nobody reported."""

from time import process_time
from typing import Any

import orjson
import pytest

from functions.farebox.gateway.stream import transcript as transcript_module
from functions.farebox.gateway.stream.transcript import Transcript, completion_media_tokens, completion_texts


def event(*choices: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps({"choices": choices}) + b"\n\n"


def delta(index: int = 0, finish_reason: str | None = None, **said: Any) -> dict[str, Any]:
    return {"index": index, "delta": said, "finish_reason": finish_reason}


def arguments(index: int, text: str) -> list[dict[str, Any]]:
    return [{"index": index, "function": {"arguments": text}}]


def test_the_texts_of_each_choice_are_put_together() -> None:
    transcript = Transcript()
    transcript.add(event(delta(0, role="assistant", content="")) + event(delta(0, content="Hel")))
    transcript.add(event(delta(1, content="Bye")) + event(delta(0, content="lo")))
    assert transcript.texts() == ["Hello", "Bye"]


def test_messages_in_place_of_deltas_count_and_one_that_repeats_them_does_not() -> None:
    transcript = Transcript()
    for piece in ("Hel", "lo"):
        transcript.add(event({"index": 0, "message": {"content": piece}}, delta(1, content=piece)))
    transcript.add(event({"index": 1, "message": {"content": "Hello"}, "finish_reason": "stop"}))
    assert transcript.texts() == ["Hello", "Hello"]


def test_everything_generated_is_among_the_texts() -> None:
    transcript = Transcript()
    transcript.add(event(delta(reasoning_content="think")))
    transcript.add(event(delta(refusal="I can")) + event(delta(refusal="not")))
    name = [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}]
    transcript.add(event(delta(tool_calls=name)))
    transcript.add(event(delta(tool_calls=arguments(0, '{"ci'))) + event(delta(tool_calls=arguments(1, "{}"))))
    transcript.add(event(delta(tool_calls=arguments(0, 'ty":1}'))))
    assert transcript.texts() == ["think", "I cannot", "weather", '{"city":1}', "{}"]


def test_reasoning_that_is_sent_under_two_names_counts_once() -> None:
    transcript = Transcript()
    transcript.add(event(delta(reasoning="think", reasoning_content="think")))
    assert transcript.texts() == ["think"]


def test_the_texts_can_be_asked_for_in_the_middle() -> None:
    transcript = Transcript()
    transcript.add(event(delta(content="a")))
    assert transcript.texts() == ["a"]
    transcript.add(event(delta(content="b")))
    assert transcript.texts() == ["ab"]


def test_a_long_stream_loses_no_text_and_keeps_no_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript_module, "KEEP_BYTES", 1000)
    monkeypatch.setattr(transcript_module, "FOLD_BYTES", 100)
    transcript = Transcript()
    most = 0
    for number in range(500):
        transcript.add(event(delta(content=f"{number} ")))
        most = max(most, sum(map(len, transcript._blocks)))
    assert most <= 1000
    assert transcript.texts() == ["".join(f"{number} " for number in range(500))]


def test_each_choice_must_finish() -> None:
    transcript = Transcript()
    transcript.add(event(delta(0, content="a"), delta(1, content="b")))
    assert not transcript.finished(1)
    transcript.add(event(delta(0, "stop")))
    assert not transcript.finished(2)
    transcript.add(event(delta(1, "length")))
    assert transcript.finished(2)
    assert not transcript.finished(3)


def test_nothing_has_not_finished() -> None:
    assert not Transcript().finished(1)


@pytest.mark.parametrize(
    "junk",
    [
        b": comment\n\n",
        b"data: {\n\n",
        b"data: 7\n\n",
        b'data: {"choices":7}\n\n',
        b'data: {"choices":[{"index":[],"delta":{"tool_calls":[{"index":{},"function":{"name":[]}}]}}]}\n\n',
        b'data: {"choices":[7,{"delta":7},{"delta":{"content":7,"tool_calls":[7,{"function":7}]}}]}\n\n',
    ],
)
def test_junk_has_no_texts_and_does_no_harm(junk: bytes) -> None:
    transcript = Transcript()
    transcript.add(junk)
    assert transcript.texts() == []


def test_a_whole_completion_has_the_same_texts() -> None:
    tool = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    message = {"role": "assistant", "content": "Hi", "refusal": None, "tool_calls": [tool]}
    completion = {"choices": [{"index": 0, "message": message}, {"index": 1, "message": {"content": "Yo"}}]}
    assert completion_texts(completion) == ["Hi", "weather", "{}", "Yo"]


TEXTS: dict[str, dict[str, Any]] = {
    "parts": {"content": [{"type": "text", "text": "said"}]},
    "Mistral's thinking": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "said"}]}]},
    "Databricks' summary": {"content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "said"}]}]},
    "a transcript": {"audio": {"id": "a", "transcript": "said", "expires_at": 1}},
    "OpenRouter's reasoning": {
        "reasoning": "said",
        "reasoning_details": [{"type": "reasoning.text", "text": "said", "format": "f", "signature": "s", "id": "r"}],
    },
    "LiteLLM's thinking": {
        "reasoning_content": "said",
        "thinking_blocks": [{"type": "thinking", "thinking": "said", "signature": "s"}],
        "provider_specific_fields": {"reasoning_content": "said"},
    },
    "a name nobody knows yet": {"afterthoughts": ["said"]},
    "sources are found": {"content": "said", "annotations": [{"url_citation": {"title": "t"}}]},
    "a link is found": {"parts": [{"text": "said", "url": "https://example.com"}]},
}


@pytest.mark.parametrize("said", TEXTS.values(), ids=TEXTS)
def test_whatever_was_said_counts_once_wherever_it_stands(said: dict[str, Any]) -> None:
    transcript = Transcript()
    transcript.add(event(delta(role="assistant", **said)) + event(delta(**said)))
    assert transcript.texts() == ["saidsaid"]
    assert transcript.media_tokens() == 0
    assert completion_texts({"choices": [{"message": {"role": "assistant", **said}}]}) == ["said"]


@pytest.mark.parametrize(
    ("found", "generated"),
    [
        ({"grounding_metadata": {"webSearchQueries": ["a"], "groundingChunks": [{"web": {"title": "A page"}}]}}, []),
        ({"search_results": [{"title": "A page", "snippet": "and what it says"}]}, []),
        ({"executed_tools": [{"arguments": "{}", "output": "a page", "search_results": {"results": ["b"]}}]}, ["{}"]),
    ],
)
def test_what_a_vendor_has_found_was_not_said_by_a_model(found: dict[str, Any], generated: list[str]) -> None:
    transcript = Transcript()
    transcript.add(event(delta(**found)))
    assert transcript.texts() == generated
    assert completion_texts({"choices": [{"message": found}]}) == generated


def test_a_tools_name_that_is_said_in_every_delta_counts_once() -> None:
    transcript = Transcript()
    for text in ('{"a":', "1}"):
        transcript.add(event(delta(tool_calls=[{"index": 0, "function": {"name": "weather", "arguments": text}}])))
    assert transcript.texts() == ["weather", '{"a":1}']


def test_names_that_are_others_in_every_delta_take_no_time_for_those_before() -> None:
    transcript = Transcript()
    began = process_time()
    for n in range(64_000):
        transcript.add(event(delta(tool_calls=[{"index": 0, "function": {"name": f"look-{n}"}}])))
    assert sum(map(len, transcript.texts())) + transcript.uncounted_bytes() > 64_000
    assert process_time() - began < 8, "it takes half a second, and took eighteen"


@pytest.mark.parametrize(
    ("said", "tokens"),
    [
        ({"audio": {"data": "A" * 4_000}}, 60),  # 3,000 bytes
        ({"images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "x"}}]}, 2_000),
        ({"reasoning_details": [{"type": "reasoning.encrypted", "data": "A" * 1_600}]}, 300),
        ({"content": [{"type": "redacted_thinking", "data": "A" * 1_600}]}, 300),
    ],
)
def test_what_is_no_text_counts_by_its_bytes(said: dict[str, Any], tokens: int) -> None:
    transcript = Transcript()
    transcript.add(event(delta(**said)))
    assert transcript.media_tokens() == tokens
    assert completion_media_tokens({"choices": [{"message": said}]}) == tokens


def test_a_message_may_be_nested_as_deep_as_json_goes() -> None:
    said: Any = "deep"
    for _ in range(5_000):
        said = [said]
    assert completion_texts({"choices": [{"message": {"content": said}}]}) == ["deep"]


def test_of_a_text_that_is_too_long_to_be_counted_the_rest_is_known_by_its_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transcript_module, "MAX_COUNTED_CHARS", 5)
    transcript = Transcript()
    transcript.add(event(delta(content="abc")) + event(delta(content="def\u00e4\u00e4")) + event(delta(content="g")))
    assert transcript.texts() == ["abcde"]
    assert (transcript.uncounted_bytes(), transcript.media_tokens()) == (6, 0)
