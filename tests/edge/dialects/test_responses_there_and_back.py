"""A request for a response that becomes a chat, and is written as one for a response again, means the same: what a chat
can say of it is not lost. What is lost, docs/dialects.md lists."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.dialects.responses.request import chat_of
from functions.farebox.dialects.responses.tools import function_name
from functions.farebox.gateway.speech.responses.request import response_form
from functions.farebox.request.chat import check_chat
from functions.farebox.request.responses import check_response

Json = dict[str, Any]

texts = st.text(min_size=1, max_size=20)
names = st.from_regex(r"[a-z]{1,9}", fullmatch=True)
IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}
FILE = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}
heard = st.one_of(st.builds(lambda text: {"type": "input_text", "text": text}, texts), st.just(IMAGE), st.just(FILE))
said = st.builds(lambda text: {"type": "output_text", "text": text, "annotations": []}, texts)
messages = st.one_of(
    st.builds(
        lambda role, content: {"type": "message", "role": role, "content": content},
        st.sampled_from(["user", "system", "developer"]),
        texts | st.lists(heard, min_size=1, max_size=3),
    ),
    st.builds(
        lambda content: {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": content,
        },
        st.lists(said, min_size=1, max_size=2),
    ),
)
called = st.one_of(
    st.builds(lambda name, text: {"type": "function_call", "name": name, "arguments": text}, names, texts),
    st.builds(lambda name, text: {"type": "custom_tool_call", "name": name, "input": text}, names, texts),
    st.builds(
        lambda name, space: {"type": "function_call", "namespace": space, "name": name, "arguments": "{}"}, names, names
    ),
)
results = texts | st.lists(heard, min_size=1, max_size=3)


@st.composite
def steps(draw: st.DrawFn) -> list[Json]:
    """Some calls at once, and what they came to; or something that is said."""
    calls = draw(st.lists(called, max_size=3))
    if not calls:
        return [draw(messages)]
    items = [{**call, "call_id": f"call_{draw(st.integers(0, 10**9))}_{n}"} for n, call in enumerate(calls)]
    outputs = [
        {"type": f"{item['type']}_output", "call_id": item["call_id"], "output": draw(results)} for item in items
    ]
    return items + outputs


tools = st.one_of(
    st.builds(
        lambda name, text, strict: {
            "type": "function", "name": name, "description": text, "strict": strict,
            "parameters": {"type": "object", "properties": {}},
        },
        names, texts, st.booleans(),
    ),
    st.builds(lambda name, text: {"type": "custom", "name": name, "description": text}, names, texts),
)  # fmt: skip
requests = st.fixed_dictionaries(
    {"model": st.just("m"), "input": st.lists(steps(), min_size=1, max_size=4).map(lambda each: list(chain(*each)))},
    optional={
        "instructions": texts,
        "tools": st.lists(tools, min_size=1, max_size=3, unique_by=lambda tool: tool["name"]),
        "max_output_tokens": st.integers(16, 9_000),
        "temperature": st.sampled_from([0, 0.5, 1]),
        "top_p": st.sampled_from([0.1, 1]),
        "reasoning": st.builds(lambda effort: {"effort": effort}, st.sampled_from(["low", "medium", "high"])),
        "text": st.sampled_from(
            [
                {"verbosity": "low"},
                {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True}},
                {"format": {"type": "json_object"}, "verbosity": "high"},
            ]
        ),
        "prompt_cache_key": texts,
        "safety_identifier": texts,
        "service_tier": st.just("default"),
    },
)


@given(requests)
def test_a_conversation_means_the_same(asked: Json) -> None:
    own = check_response(asked).body()
    back = response_form(check_chat(chat_of(own))).body()
    given = [{"role": "system", "content": asked["instructions"]}] if "instructions" in asked else []
    assert list(meaning(back["input"])) == list(meaning([*given, *own["input"]]))
    alike = own.keys() - {"input", "instructions", "tools", "include"}
    assert {name: back.get(name) for name in alike} == {name: own[name] for name in alike}
    assert [function_of(tool) for tool in back.get("tools", ())] == [function_of(tool) for tool in own.get("tools", ())]


def meaning(items: list[Json]) -> Iterator[tuple[object, ...]]:
    """What items say, in the order in which a chat has it: the assistant's words before its calls, and what tools show
    behind all that they say."""
    shown: list[object] = []
    for item in items:
        kind = item.get("type", "message")
        if kind.endswith("_output"):
            output = item["output"]
            parts = [{"type": "input_text", "text": output}] if isinstance(output, str) else output
            media = [part for part in parts if part["type"] != "input_text"]
            text = "".join(part["text"] for part in parts if part["type"] == "input_text")
            yield "result", item["call_id"], text or "It is in the next message."
            if media:
                shown += [f"What {item['call_id']} came to:", *map(part_of, media)]
            continue
        if shown:
            yield "user", *joined(shown)
            shown = []
        if kind == "message":
            content = item["content"]
            parts = [content] if isinstance(content, str) else map(part_of, content)
            yield item["role"], *joined(parts)
        else:
            name = function_name(item["name"], item.get("namespace"))
            arguments = orjson.dumps({"input": item["input"]}).decode() if "input" in item else item["arguments"]
            yield "call", item["call_id"], name, arguments
    if shown:
        yield "user", *joined(shown)


def part_of(part: Json) -> object:
    return part["text"] if "text" in part else orjson.dumps(part, option=orjson.OPT_SORT_KEYS)


def joined(parts: Any) -> list[object]:
    """Parts, with texts that follow one another in one."""
    whole: list[object] = []
    for part in parts:
        if whole and isinstance(part, str) and isinstance(whole[-1], str):
            whole[-1] += part
        else:
            whole.append(part)
    return whole


def function_of(tool: Json) -> tuple[object, ...]:
    if tool["type"] == "custom":
        return tool["name"], tool["description"], False
    return tool["name"], tool["description"], tool["strict"]
