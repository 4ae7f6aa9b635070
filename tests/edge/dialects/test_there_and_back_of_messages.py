"""Conversations of Anthropic's dialect, written as chats and back again: what a chat can say is not lost. What is lost,
and listed in `docs/dialects.md`, is taken out beforehand by `sayable`."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.farebox.dialects.messages.request import chat_of
from functions.farebox.gateway.speech.messages.models import ways_of
from functions.farebox.gateway.speech.messages.request import message_form
from functions.farebox.request.chat import check_chat
from functions.farebox.request.messages import check_message

Json = dict[str, Any]

# As recorded of programs; names and texts are drawn anew.
_CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])
_TEXTS = st.text(_CHARACTERS, min_size=1, max_size=40).filter(str.strip)
_NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,20}", fullmatch=True)
_LEAVES = st.none() | st.booleans() | st.integers(-999, 999) | _TEXTS
_VALUES = st.recursive(_LEAVES, lambda each: st.lists(each, max_size=3))
_INPUTS = st.dictionaries(_NAMES, _VALUES, max_size=3)
_IMAGES = st.sampled_from(["iVBORw0KGgo=", "/9j/4AAQ"]).map(
    lambda data: {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
)
_FILES = _TEXTS.map(
    lambda title: {
        "type": "document",
        "title": title,
        "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
    }
)
_SAID = _TEXTS.map(lambda text: {"type": "text", "text": text})


@st.composite
def _turn(draw: st.DrawFn, number: int) -> list[Json]:
    """What a user says; perhaps a call of several tools, and what they came to."""
    said: list[Json] = draw(st.lists(_SAID | _IMAGES | _FILES, min_size=1, max_size=3))
    answer: Json = draw(_SAID)
    calls: list[Json] = [
        {"type": "tool_use", "id": f"toolu_{number}_{n}", "name": name, "input": input}
        for n, (name, input) in enumerate(draw(st.lists(st.tuples(_NAMES, _INPUTS), max_size=3)))
    ]
    results: list[Json] = [
        {"type": "tool_result", "tool_use_id": call["id"], "content": [{"type": "text", "text": draw(_TEXTS)}]}
        for call in calls
    ]
    turns = [{"role": "user", "content": said}, {"role": "assistant", "content": [answer, *calls]}]
    if results:
        turns += [{"role": "user", "content": results}, {"role": "assistant", "content": [draw(_SAID)]}]
    return turns


@st.composite
def _requests(draw: st.DrawFn) -> Json:
    turns = [each for number in range(draw(st.integers(1, 3))) for each in draw(_turn(number))]
    tools = [
        {"name": name, "description": draw(_TEXTS), "input_schema": {"type": "object", "properties": {}}}
        for name in draw(st.lists(_NAMES, min_size=1, max_size=3, unique=True))
    ]
    choice = draw(st.sampled_from([{"type": "auto"}, {"type": "any"}, {"type": "none"}]) | st.none())
    request: Json = {
        "model": "m",
        "max_tokens": draw(st.integers(1, 9999)),
        "system": [{"type": "text", "text": draw(_TEXTS)}],
        "messages": [*turns, {"role": "user", "content": [draw(_SAID)]}],
        "tools": tools,
        "temperature": draw(st.sampled_from([0, 0.5, 1])),
        "top_k": draw(st.integers(1, 99)),
        "stop_sequences": draw(st.lists(_TEXTS, min_size=1, max_size=3)),
        "metadata": {"user_id": draw(_NAMES)},
        "stream": draw(st.booleans()),
    }
    if choice is not None:
        request["tool_choice"] = choice
        if choice["type"] != "none" and draw(st.booleans()):
            request["tool_choice"] = {**choice, "disable_parallel_tool_use": True}
    if draw(st.booleans()):
        request["output_config"] = {"format": {"type": "json_schema", "schema": {"type": "object"}}}
    return request


def sayable(request: Json) -> Json:
    """As it comes back: turns of one role that follow each other are one, and a stream is a stream or not named."""
    told = {name: value for name, value in request.items() if name != "stream" or value}
    turns: list[Json] = []
    for message in request["messages"]:
        if turns and turns[-1]["role"] == message["role"]:
            turns[-1] = {**message, "content": [*turns[-1]["content"], *message["content"]]}
        else:
            turns.append(message)
    return {**told, "messages": turns}


@settings(max_examples=40, deadline=None)
@given(_requests())
def test_nothing_that_a_chat_can_say_is_lost_on_the_way_there_and_back(request: Json) -> None:
    chat = check_chat(chat_of(check_message(request).body()))
    assert chat.dropped == ()
    back = message_form(chat, ways_of("m"))
    assert back.dropped == ()
    assert back.body() == sayable(request)
