"""A whole answer in another dialect and the stream that it comes to are made of each other, and nothing is lost."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.gateway.speech.inspector import SpokenInspector
from functions.farebox.gateway.speech.reader import Reader
from functions.farebox.gateway.speech.readers import READERS
from functions.farebox.gateway.stream.transcript import completion_texts
from functions.farebox.tokens.usage.places import usage_in

MESSAGES, RESPONSES = READERS["/messages"], READERS["/responses"]
texts = st.text(min_size=1, max_size=12)
inputs = st.dictionaries(texts, st.integers(-(2**53), 2**53) | texts, max_size=3)


def objects(kind: str, **fields: object) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of one type: each field is a text of any kind, or as it is given."""
    return st.fixed_dictionaries(
        {"type": st.just(kind)}
        | {name: each if isinstance(each, st.SearchStrategy) else st.just(each) for name, each in fields.items()}
    )


blocks = st.one_of(
    objects("text", text=texts),
    objects("thinking", thinking=texts, signature=texts),
    objects("redacted_thinking", data=texts),
    objects("tool_use", id=texts, name=texts, input=inputs),
)
parts = objects("output_text", text=texts, annotations=[]) | objects("refusal", refusal=texts)
summaries = st.lists(objects("summary_text", text=texts), max_size=2)
items = st.one_of(
    objects("message", role="assistant", content=st.lists(parts, max_size=2)),
    objects("reasoning", summary=summaries, encrypted_content=texts),
    objects("function_call", call_id="c", name=texts, arguments=texts),
    objects("custom_tool_call", call_id="c", name=texts, input=texts),
    objects("web_search_call", status="completed"),
)
answers = st.one_of(
    st.tuples(
        st.just(MESSAGES),
        st.builds(
            lambda content: {
                "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content,
                "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 7},
            },
            st.lists(blocks, max_size=4),
        ),
    ),
    st.tuples(
        st.just(RESPONSES),
        st.builds(
            lambda output, status: {
                "id": "resp_1", "object": "response", "model": "m", "status": status, "output": output,
                "incomplete_details": None if status == "completed" else {"reason": "max_output_tokens"},
                "usage": {"input_tokens": 9, "output_tokens": 7, "total_tokens": 16},
            },
            st.lists(items, max_size=4),
            st.sampled_from(["completed", "incomplete"]),
        ),
    ),
)  # fmt: skip


@given(answers)
def test_there_and_back_nothing_changes(answer: tuple[Reader, dict[str, Any]]) -> None:
    reader, whole = answer
    assert reader.as_whole(reader.as_events(whole)) == whole


@given(answers)
def test_the_books_are_kept_by_the_same_either_way(answer: tuple[Reader, dict[str, Any]]) -> None:
    reader, whole = answer
    inspector = SpokenInspector(reader, passes_on=True, model=None)
    inspector.feed(reader.as_events(whole))
    assert inspector.complete
    completion = reader.completion(whole)
    assert inspector.usage == usage_in(completion)
    assert Counter("".join(completion_texts(completion))) <= Counter("".join(inspector.texts()))


@pytest.mark.parametrize("malformed", [None, 3, "x", [], {}, {"type": 3}, {"type": "text"}, {"type": "reasoning"}])
@pytest.mark.parametrize("reader", [MESSAGES, RESPONSES])
def test_what_is_malformed_is_passed_on_as_it_is(reader: Reader, malformed: Any) -> None:
    whole = {"id": "x", "status": "completed", reader.result: [malformed, {"type": "message", "content": [malformed]}]}
    events = reader.as_events(whole)
    assert reader.as_whole(events)["id"] == "x"
    if reader is RESPONSES:
        assert reader.as_whole(events) == whole
