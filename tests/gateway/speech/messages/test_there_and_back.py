"""What chat completions and Anthropic's Messages can say alike is the same after it was translated there and back."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.dialects.messages.request import chat_of
from functions.farebox.gateway.speech.messages.models import ways_of
from functions.farebox.gateway.speech.messages.request import message_form
from functions.farebox.request.chat import check_chat
from functions.farebox.request.messages import check_message

WAYS = ways_of("claude-sonnet-4-5")
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip)
NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,20}", fullmatch=True)
ARGUMENTS = st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers(-9, 9) | WORDS, max_size=3)
TOOLS = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES, "parameters": st.just({"type": "object", "properties": {"a": {"type": "string"}}})},
        optional={"description": WORDS},
    ),
    max_size=3,
)
IMAGES = st.sampled_from(["https://example.com/a.png", "data:image/png;base64,aGk="]).map(
    lambda url: {"type": "image_url", "image_url": {"url": url}}
)
TEXTS = WORDS.map(lambda text: {"type": "text", "text": text})


@st.composite
def turns(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A user's words, what is answered to them and, where tools were called, their results, some times over."""
    said: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 3))):
        if not said or said[-1]["role"] != "tool":
            parts = draw(st.lists(TEXTS | IMAGES, min_size=1, max_size=3))
            one_text = len(parts) == 1 and parts[0]["type"] == "text"
            said.append({"role": "user", "content": parts[0]["text"] if one_text else parts})
        ids = draw(st.lists(NAMES, max_size=2, unique=True))
        answer: dict[str, Any] = {"role": "assistant", "content": draw(st.none() | WORDS if ids else WORDS)}
        if ids:
            answer["tool_calls"] = [_call(id, draw(NAMES), draw(ARGUMENTS)) for id in ids]
        said.append(answer)
        said += [{"role": "tool", "tool_call_id": id, "content": draw(WORDS)} for id in ids]
    return said


def _call(id: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": orjson.dumps(arguments).decode()}}


@given(
    turns=turns(),
    system=st.none() | WORDS,
    tools=TOOLS,
    choice=st.sampled_from([None, "auto", "none", "required"]),
    fields=st.fixed_dictionaries(
        {"max_tokens": st.integers(1, 9_999)},
        optional={
            "temperature": st.sampled_from([0, 0.5, 1]),
            "top_k": st.integers(1, 50),
            "stop": st.lists(WORDS, min_size=1, max_size=3),
            "user": NAMES,
        },
    ),
)
def test_a_chat_comes_back_from_anthropics_words(
    turns: list[dict[str, Any]],
    system: str | None,
    tools: list[dict[str, Any]],
    choice: str | None,
    fields: dict[str, Any],
) -> None:
    beginning = [] if system is None else [{"role": "system", "content": system}]
    chat: dict[str, Any] = {"model": "m", "messages": [*beginning, *turns], **fields}
    if tools:
        chat["tools"] = [{"type": "function", "function": tool} for tool in tools]
        if choice is not None:
            chat["tool_choice"] = choice
    form = message_form(check_chat(chat), WAYS)
    assert form.dropped == ()
    assert chat_of(check_message(form.body()).body()) == chat
