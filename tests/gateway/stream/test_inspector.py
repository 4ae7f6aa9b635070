"""The stream inspector, without any input or output."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.farebox.gateway.stream import inspector as relay_module
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.own_events import usage_event
from functions.farebox.tokens.usage.reading import read_usage
from tests.support.stand_ins.upstream import USAGE, Break, Delta, Pause, Reply, stream

ZERO = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def wire(reply: Reply) -> bytes:
    """What a scripted stream puts on the wire until it breaks or stalls."""
    parts = []
    for step in reply.steps:
        if isinstance(step, Break | Pause):
            break
        parts.append(step.data if isinstance(step, Delta) else step)
    return b"".join(parts)


def event(**fields: Any) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


def choice(content: str | None = None, finish_reason: str | None = None, **delta: Any) -> dict[str, Any]:
    said = {} if content is None else {"content": content}
    return {"index": 0, "delta": said | delta, "finish_reason": finish_reason}


def run(sent: bytes, size: int | None = None, **options: Any) -> tuple[StreamInspector, bytes]:
    """A inspector that was fed the bytes, whole or in pieces, up to the end; and what it forwarded."""
    inspector = StreamInspector(**options)
    step = size or len(sent) or 1
    blocks = [inspector.feed(sent[start : start + step]) for start in range(0, len(sent), step)]
    return inspector, b"".join([*blocks, inspector.end()])


def chunks(forwarded: bytes) -> list[Any]:
    data = [data_of(one) for one in split(forwarded)]
    return [json.loads(one) for one in data if one is not None]


def test_the_bytes_of_a_stream_are_forwarded_untouched_but_for_usage_and_done() -> None:
    reply = stream(null_usage=True, keep_alive=True)
    inspector, forwarded = run(wire(reply))
    *kept, _usage, _done = [step.data if isinstance(step, Delta) else step for step in reply.steps]
    assert forwarded == b"".join(kept)  # type: ignore[arg-type]
    assert inspector.complete
    assert inspector.done
    assert inspector.usage == read_usage(USAGE)


@pytest.mark.parametrize("usage_in", ["chunk", "empty_choice"])
def test_a_chunk_that_only_reports_usage_is_withheld(usage_in: Any) -> None:
    inspector, forwarded = run(wire(stream(usage_in=usage_in)))
    assert all("usage" not in chunk for chunk in chunks(forwarded))
    assert chunks(forwarded)[-1]["choices"][0]["finish_reason"] == "stop"
    assert inspector.usage == read_usage(USAGE)


def test_a_usage_chunk_that_says_the_role_again_is_withheld() -> None:
    again = {"role": "assistant", "content": ""}
    sent = event(choices=[choice("Hi", role="assistant")]) + event(choices=[choice(**again)], usage=USAGE)
    inspector, forwarded = run(sent)
    assert len(chunks(forwarded)) == 1
    assert inspector.usage == read_usage(USAGE)


@pytest.mark.parametrize("usage_in", ["last_delta", "finish", "every_delta"])
def test_usage_in_a_chunk_with_content_goes_out_and_the_content_stays(usage_in: Any) -> None:
    inspector, forwarded = run(wire(stream(["a", "b"], usage_in=usage_in)))
    assert all("usage" not in chunk for chunk in chunks(forwarded))
    assert [chunk["choices"][0]["delta"].get("content") for chunk in chunks(forwarded)] == ["", "a", "b", None]
    assert chunks(forwarded)[-1]["choices"][0]["finish_reason"] == "stop"
    assert inspector.usage == read_usage(USAGE)


@pytest.mark.parametrize("usage_in", ["last_delta", "finish", "every_delta"])
def test_usage_that_came_with_content_is_told_once_and_last(usage_in: Any) -> None:
    inspector, _ = run(wire(stream(["a", "b"], usage_in=usage_in)))
    [chunk] = chunks(usage_event(inspector.envelope, inspector.usage_report))
    assert (chunk["usage"], chunk["choices"]) == (USAGE, [])


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"x_groq": {"id": "r", "usage": USAGE}}, {"x_groq": {"id": "r"}}),
        ({"usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 12}}, {}),
        ({"usage_metadata": {"prompt_token_count": 9, "candidates_token_count": 12}}, {}),
        ({"amazon-bedrock-invocationMetrics": {"inputTokenCount": 9, "outputTokenCount": 12}}, {}),
        ({"prompt_eval_count": 9, "eval_count": 12}, {}),
    ],
)
def test_a_report_in_any_other_place_is_read_and_taken_out(fields: dict[str, Any], left: dict[str, Any]) -> None:
    inspector, forwarded = run(event(choices=[choice("a")]) + event(choices=[choice(finish_reason="stop")], **fields))
    assert chunks(forwarded)[1:] == [{"choices": [choice(finish_reason="stop")], **left}]
    assert inspector.usage is not None
    assert (inspector.usage.prompt_tokens, inspector.usage.completion_tokens) == (9, 12)


@pytest.mark.parametrize("holder", ["choice", "delta"])
def test_a_report_in_a_choice_is_read_and_taken_out(holder: str) -> None:
    last = choice(finish_reason="stop")
    told = {**last, "usage": USAGE} if holder == "choice" else {**last, "delta": {"usage": USAGE}}
    inspector, forwarded = run(event(choices=[choice("a")]) + event(choices=[told]))
    assert chunks(forwarded)[1:] == [{"choices": [last]}]
    assert inspector.usage == read_usage(USAGE)


def test_sources_that_come_with_usage_are_forwarded() -> None:
    _, forwarded = run(event(choices=[choice("a", "stop")]) + event(choices=[], usage=USAGE, citations=["a"]))
    assert chunks(forwarded)[1:] == [{"choices": [], "citations": ["a"]}]


def test_a_report_that_comes_in_halves_is_told_whole() -> None:
    first = event(choices=[choice("a")], usage={"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9})
    last = event(choices=[choice(finish_reason="stop")], usage={"prompt_tokens": 0, "completion_tokens": 12})
    inspector, _ = run(first + last)
    assert inspector.usage_report == {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}


def test_a_zero_report_takes_nothing_back() -> None:
    inspector, _ = run(event(choices=[choice("x")], usage=USAGE) + event(choices=[], usage=ZERO))
    assert inspector.usage == read_usage(USAGE)
    assert inspector.usage_report == USAGE


@pytest.mark.parametrize(
    "says",
    [
        choice(finish_reason="stop"),
        choice("x"),
        choice(refusal="no"),
        choice(reasoning_content="hm"),
        choice(tool_calls=[{"index": 0, "function": {"arguments": "{"}}]),
        choice(role="assistant"),
    ],
    ids=["finish", "content", "refusal", "reasoning", "tool", "first role"],
)
def test_nothing_a_client_needs_is_swallowed_with_usage(says: dict[str, Any]) -> None:
    _, forwarded = run(event(choices=[says], usage=USAGE))
    assert chunks(forwarded) == [{"choices": [says]}]


def test_the_role_of_a_second_choice_is_not_taken_for_an_empty_chunk() -> None:
    roles = [{"index": n, "delta": {"role": "assistant", "content": ""}} for n in range(2)]
    _, forwarded = run(b"".join(event(choices=[role], usage=USAGE) for role in roles))
    assert [chunk["choices"][0]["index"] for chunk in chunks(forwarded)] == [0, 1]


def test_a_usage_of_zero_is_a_number() -> None:
    inspector, _ = run(wire(stream(usage=ZERO)))
    assert inspector.usage == read_usage(ZERO)
    assert inspector.usage is not None


def test_no_usage_is_not_zero_usage() -> None:
    inspector, _ = run(wire(stream(usage=None)))
    assert inspector.complete
    assert inspector.usage is None


def test_the_last_usage_counts() -> None:
    sent = event(choices=[choice("x")], usage=ZERO) + event(choices=[], usage=USAGE)
    inspector, _ = run(sent)
    assert inspector.usage == read_usage(USAGE)
    assert inspector.usage_report == USAGE


def test_a_report_that_is_no_usage_does_not_replace_one_that_is() -> None:
    inspector, forwarded = run(event(choices=[choice("x")], usage=USAGE) + event(choices=[], usage={"x": 1}))
    assert inspector.usage == read_usage(USAGE)
    assert len(chunks(forwarded)) == 1


@pytest.mark.parametrize(
    "word", ["usage", "error", "[DONE]", '"usage":{"prompt_tokens":1}', '{"error":"x"}', "data: [DONE]\n\n"]
)
def test_content_that_looks_like_a_marker_is_content(word: str) -> None:
    reply = stream(["a", word, "b"])
    inspector, forwarded = run(wire(reply))
    assert inspector.complete
    assert [text for text in inspector.texts() if word in text] == [f"a{word}b"]
    assert [chunk["choices"][0]["delta"].get("content") for chunk in chunks(forwarded)][1:4] == ["a", word, "b"]


def test_an_error_event_first_leaves_nothing_to_forward() -> None:
    inspector, forwarded = run(wire(stream(error_after=0)))
    assert forwarded == b""
    assert inspector.reported_error
    assert not inspector.said_something
    assert not inspector.complete


def test_an_error_event_after_content_breaks_the_stream_and_is_not_forwarded() -> None:
    inspector, forwarded = run(wire(stream(["a", "b"], error_after=1)))
    assert inspector.reported_error
    assert inspector.said_something
    assert inspector.failure is not None
    assert not inspector.complete
    assert b"error" not in forwarded
    assert inspector.texts() == ["a"]


@pytest.mark.parametrize("data", [b'{"error":"words only"}', b'{"object":"error","message":"an older vLLM"}'])
def test_errors_in_other_shapes_are_errors(data: bytes) -> None:
    inspector, _ = run(event(choices=[choice("x")]) + b"data: " + data + b"\n\n")
    assert inspector.reported_error


VERDICT = {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}


@pytest.mark.parametrize("choices", [None, [], [choice("")], [choice(finish_reason="stop")], [choice("more")]])
@pytest.mark.parametrize("before", [[], [choice("", role="assistant")], [choice("x")], [choice("x", "stop")]])
@pytest.mark.parametrize("size", [None, 1])
def test_a_verdict_of_minimax_is_an_error_wherever_it_stands(before: Any, choices: Any, size: int | None) -> None:
    said = event(choices=before) if before else b""
    inspector, forwarded = run(said + event(choices=choices, **VERDICT) + b"data: [DONE]\n\n", size)
    assert inspector.reported_error == {"choices": choices, **VERDICT}
    assert not inspector.complete
    assert forwarded == said


def test_a_verdict_that_all_is_well_is_no_error() -> None:
    well = {"base_resp": {"status_code": 0, "status_msg": ""}}
    sent = event(choices=[choice('"base_resp": {"status_code": 1}')], **well)
    sent += event(choices=[choice("x", "stop")], **well)
    inspector, forwarded = run(sent)
    assert forwarded == sent
    assert inspector.complete


def test_a_null_error_is_no_error() -> None:
    sent = event(choices=[choice("x", "stop")], error=None)
    inspector, forwarded = run(sent)
    assert forwarded == sent
    assert inspector.complete


def test_an_end_in_the_middle_is_a_broken_stream() -> None:
    inspector, _ = run(wire(stream(finish=False, done=False)))
    assert not inspector.complete
    assert inspector.failure == "the stream ended before its answer did"


def test_an_end_without_done_is_whole_if_every_choice_finished() -> None:
    inspector, _ = run(wire(stream(done=False, n=2)), choices=2)
    assert inspector.complete
    assert not inspector.done


def test_an_end_without_done_is_broken_if_one_choice_did_not_finish() -> None:
    whole = wire(stream(["a"], done=False, n=2, usage=None))
    inspector, _ = run(b"".join(split(whole)[:-1]), choices=2)
    assert inspector.failure is not None


def test_an_end_without_done_is_broken_if_a_choice_was_never_heard_of() -> None:
    inspector, _ = run(wire(stream(done=False)), choices=2)
    assert inspector.failure is not None


def test_a_break_after_the_last_word_is_no_break() -> None:
    inspector = StreamInspector()
    inspector.feed(wire(stream(done=False, usage=None)))
    inspector.end("the connection broke")
    assert inspector.complete


def test_a_done_without_its_empty_line_is_a_done() -> None:
    inspector, _ = run(wire(stream()).rstrip(b"\n"))
    assert inspector.done


def test_a_last_event_without_its_empty_line_is_forwarded_with_one() -> None:
    last = event(choices=[choice("x", "stop")])
    inspector, forwarded = run(event(choices=[choice("a")]) + last[:-2])
    assert forwarded.endswith(last)
    assert inspector.complete


def test_half_an_event_is_never_forwarded() -> None:
    inspector, forwarded = run(event(choices=[choice("a")]) + b'data: {"choices":[{"ind')
    assert forwarded == event(choices=[choice("a")])
    assert inspector.failure is not None


def test_what_comes_after_done_is_not_forwarded() -> None:
    _, forwarded = run(wire(stream(["a"])) + event(choices=[choice("late")]))
    assert b"late" not in forwarded


@pytest.mark.parametrize("first", [b"data: {\n\n", b"data: []\n\n", b"data: hello\n\n"])
def test_a_stream_that_begins_with_no_chunk_is_refused(first: bytes) -> None:
    inspector, forwarded = run(first + event(choices=[choice("x")]))
    assert forwarded == b""
    assert inspector.failure == "the first event is not a chunk"
    assert not inspector.reported_error


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n"])
@pytest.mark.parametrize(
    "odd",
    [b'data: {"error": oops', b"data: secret", b'data:"secret"', b"data: [1]", b"data: {}]", b"data: 7", b"data: {"],
)
def test_what_is_no_object_later_on_is_left_out(odd: bytes, end: bytes) -> None:
    first, last = event(choices=[choice("a")]), event(choices=[choice("b", "stop")])
    inspector, forwarded = run(first + odd + end + last)
    assert forwarded == first + last
    assert inspector.complete
    assert inspector.texts() == ["ab"]


def test_an_object_of_several_lines_is_forwarded_untouched() -> None:
    in_lines = b'data: {"choices": [{"index": 0,\ndata: "delta": {"content": "c"}}\ndata: ]}\n\n'
    sent = event(choices=[choice("a")]) + in_lines + b"data:\n\n: ping\n\n" + event(choices=[choice("b", "stop")])
    inspector, forwarded = run(sent)
    assert forwarded == sent
    assert inspector.texts() == ["acb"]


def test_a_chunk_of_azures_filters_is_forwarded() -> None:
    first = event(choices=[], prompt_filter_results=[{"prompt_index": 0}])
    _, forwarded = run(first + wire(stream()))
    assert forwarded.startswith(first)


def test_a_stream_that_is_too_long_is_broken() -> None:
    inspector, forwarded = run(wire(stream(1000)), size=100, max_bytes=10_000)
    assert inspector.failure == "the stream is too long"
    assert len(forwarded) <= 10_000


def test_an_event_that_is_too_large_breaks_the_stream() -> None:
    inspector, _ = run(
        event(choices=[choice("a")]) + b"data: " + b"x" * 2_000_000, size=65_536, max_event_bytes=1_000_000
    )
    assert inspector.failure == "an event is too large"


def test_ordinary_chunks_are_forwarded_without_parsing_them(monkeypatch: pytest.MonkeyPatch) -> None:
    events = split(wire(stream(100, null_usage=True)))
    inspector = StreamInspector()
    inspector.feed(events[0])

    def fail(_: bytes) -> None:
        raise AssertionError("this chunk was parsed")

    monkeypatch.setattr(relay_module, "read_object", fail)
    for ordinary in events[1:-2]:
        assert inspector.feed(ordinary) is ordinary


def test_the_clients_usage_chunk_is_the_upstreams_with_extra_fields() -> None:
    report = {**USAGE, "queue_time": 0.5}
    inspector, _ = run(wire(stream(usage=report)))
    chunk = usage_event(inspector.envelope, inspector.usage_report, farebox={"cost_usd": "0.10"})
    assert chunk.endswith(b"\n\n")
    assert chunks(chunk) == [
        {
            "id": "chatcmpl-stand-in",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": "up-model",
            "choices": [],
            "usage": report,
            "farebox": {"cost_usd": "0.10"},
        }
    ]


def test_a_usage_chunk_can_be_made_where_the_upstream_reported_nothing() -> None:
    inspector, _ = run(wire(stream(usage=None)))
    [chunk] = chunks(usage_event(inspector.envelope, ZERO))
    assert chunk["usage"] == ZERO
    assert chunk["id"] == "chatcmpl-stand-in"
    assert chunk["choices"] == []


SCRIPTS = st.builds(
    stream,
    st.lists(st.text(max_size=6), max_size=5),
    usage=st.sampled_from([USAGE, ZERO, None]),
    usage_in=st.sampled_from(["chunk", "last_delta", "finish", "every_delta", "empty_choice"]),
    null_usage=st.booleans(),
    n=st.integers(1, 2),
    done=st.booleans(),
    finish=st.booleans(),
    error_after=st.sampled_from([None, None, 0, 2]),
    keep_alive=st.booleans(),
    ending=st.sampled_from([b"\n\n", b"\r\n\r\n", b"\r\r"]),
)


@settings(max_examples=300, deadline=None)
@given(SCRIPTS, st.lists(st.integers(0, 5000), max_size=20))
def test_where_the_chunks_end_changes_nothing(script: Reply, cuts: list[int]) -> None:
    sent = wire(script)
    whole, forwarded = run(sent)
    places = sorted({cut % (len(sent) + 1) for cut in cuts} | {0, len(sent)})
    inspector = StreamInspector()
    blocks = [inspector.feed(sent[start:end]) for start, end in pairwise(places)]
    blocks.append(inspector.end())
    assert b"".join(blocks) == forwarded
    assert all(split(block)[-1].endswith((b"\n\n", b"\r\n\r\n", b"\r\r")) for block in blocks if block)
    for name in ("usage", "usage_report", "complete", "done", "failure", "reported_error"):
        assert getattr(inspector, name) == getattr(whole, name), name
    assert inspector.texts() == whole.texts()


@settings(max_examples=100, deadline=None)
@given(SCRIPTS)
def test_a_client_that_did_not_ask_never_sees_usage_or_done(script: Reply) -> None:
    _, forwarded = run(wire(script))
    assert not any(chunk.get("usage") for chunk in chunks(forwarded))
    assert b"[DONE]" not in [data_of(one) for one in split(forwarded)]


def test_the_model_and_the_tier_are_those_that_the_first_chunk_or_the_last_report_names() -> None:
    first = event(model="m-1", service_tier="auto", choices=[choice("a")])
    middle = event(model="another", service_tier="flex", choices=[choice("b")])
    last = event(model="m-1", service_tier="priority", choices=[], usage=USAGE)
    inspector, _ = run(first + middle + event(model="m-1", choices=[choice(finish_reason="stop")]))
    assert (inspector.answered_model, inspector.served_tier) == ("m-1", "auto")
    inspector, _ = run(first + middle + last + b"data: [DONE]\n\n")
    assert (inspector.answered_model, inspector.served_tier) == ("m-1", "priority")
    inspector, _ = run(event(model="", choices=[choice("a", "stop")]))
    assert (inspector.answered_model, inspector.served_tier) == (None, None)


@pytest.mark.parametrize("first", [{}, {"model": ""}, {"model": None}])
def test_a_name_that_comes_late_is_the_public_one_too(first: dict[str, Any]) -> None:
    said = [choice("a"), choice("b"), choice("c", "stop")]
    named = event(model="lab-7", choices=[said[2]])
    sent = event(**first, choices=[said[0]]) + event(**first, choices=[said[1]]) + named * 2
    for size in (None, 7):
        inspector, forwarded = run(sent, size, model="public")
        assert b"lab-7" not in forwarded
        assert inspector.answered_model == "lab-7"


TOLD = "no room in lab-7 at 10.9.8.7"
ERRORS: dict[str, Any] = {
    "openai": {"error": {"message": TOLD, "type": "server_error"}},
    "detail": {"detail": TOLD},
    "rows": {"detail": [{"loc": ["body"], "msg": TOLD}]},
    "message": {"message": TOLD, "object": "error", "type": TOLD},
    "flat": {"message": TOLD},
    "after an id": {"request_id": "r1", "code": "InternalError", "message": TOLD},
    "after a path": {"path": "/v1/chat", "detail": [{"loc": ["body", "choices"], "msg": TOLD}]},
    "text": {"error": TOLD},
    "anthropic": {"type": "error", "error": {"type": "api_error", "message": TOLD}},
    "google": [{"error": {"code": 400, "message": TOLD}}],
    "metadata": {"error": {"message": "failed", "metadata": {"raw": TOLD}}},
}
FRAMES = {"data": b"data: %b\n\n", "named": b"event: error\ndata: %b\n\n", "none": b"%b\n\n", "CRLF": b"%b\r\n\r\n"}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("shape", ERRORS)
def test_no_word_of_an_error_goes_to_a_client_in_whatever_shape_and_frame(shape: str, frame: str) -> None:
    told = FRAMES[frame] % json.dumps(ERRORS[shape]).encode()
    for size in (None, 7):
        inspector, forwarded = run(event(choices=[choice("Hi")]) * 3 + told, size)
        assert forwarded == event(choices=[choice("Hi")]) * 3
        assert inspector.failure == "an error in place of an answer"
        assert inspector.reported_error is not None


def test_the_last_report_is_told_as_it_was_written_though_one_before_it_says_how_long_a_cache_is_kept() -> None:
    counts = {"prompt_tokens": 400, "completion_tokens": 1, "cache_creation_input_tokens": 300}
    first = event(choices=[choice("Hi")], usage={**counts, "cache_creation": {"ephemeral_5m_input_tokens": 300}})
    last = {**counts, "completion_tokens": 9, "total_tokens": 409, "of_its_vendor": "kept"}
    inspector, _ = run(first + event(choices=[], usage=last))
    assert inspector.usage_report == last


@pytest.mark.parametrize("word", ["[DONE]", "error", "server_error", "prompt_eval_count"])
def test_what_is_said_after_a_report_is_not_counted_by_it_whatever_it_looks_like(word: str) -> None:
    inspector = StreamInspector()
    for step in (event(choices=[choice("Hi")]), event(choices=[], usage=USAGE), event(choices=[choice(word)])):
        inspector.feed(step)
    assert not inspector.usage_is_final
    inspector.feed(b"data: [DONE]\n\n")
    assert inspector.complete and not inspector.usage_is_final


def test_what_is_no_line_of_an_event_is_left_out_wherever_it_is() -> None:
    said = event(choices=[choice("Hi")])
    noise = b"Traceback in lab-7\n\n"
    known = b": a comment\n\nid: 4\nretry: 5\nevent: x\n" + said
    ended = event(choices=[choice(None, "stop")])
    for sent in (said + noise + known + ended, noise + said + known + noise + ended, said + b"lab-7\n" + known + ended):
        inspector, forwarded = run(sent)
        assert forwarded == said + known + ended
        assert inspector.complete
