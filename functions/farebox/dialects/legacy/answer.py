"""Translates a chat completion to a legacy completion
(https://platform.openai.com/docs/api-reference/completions/object)."""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.farebox.dialects.completion import Origin, origin_of, text_of
from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.legacy.request import prompt_of
from functions.farebox.gateway.stream.transcript import choices_of

_KEPT = ("usage", "service_tier", "system_fingerprint")


def completion_of(chat: Mapping[str, Any], asked: Mapping[str, Any]) -> Json:
    """The completion, of all the choices that there are."""
    echoed = echo_of(asked)
    choices = [choice_of(index, choice, "message", echoed, 0) for index, choice in choices_of(chat)]
    kept = {name: chat[name] for name in _KEPT if chat.get(name) is not None}
    return {**head_of(origin_of(chat).known, asked), "choices": choices, **kept}


def head_of(origin: Origin, asked: Mapping[str, Any]) -> Json:
    """What a completion and each of its chunks begin with: both have one name."""
    return {
        "id": f"cmpl-{origin.id.removeprefix('chatcmpl-')}",
        "object": "text_completion",
        "created": origin.created,
        "model": origin.model or asked["model"],
    }


def echo_of(asked: Mapping[str, Any]) -> str:
    """What is repeated before the answer."""
    return prompt_of(asked) if asked.get("echo") else ""


def choice_of(index: int, choice: Mapping[str, Any], holder: str, echoed: str, offset: int) -> Json:
    """A choice, or a piece of one that has come to `offset` characters before; what is said is in its `holder`."""
    written: Json = {
        "text": echoed + text_of(choice.get(holder)),
        "index": index,
        "logprobs": _logprobs(choice.get("logprobs"), offset),
        "finish_reason": choice.get("finish_reason"),
    }
    if choice.get("stop_reason") is not None:  # vLLM's field
        written["stop_reason"] = choice["stop_reason"]
    return written


def _logprobs(told: object, offset: int) -> Json | None:
    """Probabilities, in lists beside each other where chats have one of objects."""
    tokens = list(_tokens(told.get("content"))) if isinstance(told, Mapping) else []
    if not tokens:
        return None
    offsets = []
    for each in tokens:
        offsets.append(offset)
        offset += len(str(each.get("token", "")))
    return {
        "tokens": [each.get("token") for each in tokens],
        "token_logprobs": [each.get("logprob") for each in tokens],
        "top_logprobs": [
            {str(top.get("token")): top.get("logprob") for top in _tokens(each.get("top_logprobs"))} for each in tokens
        ],
        "text_offset": offsets,
    }


def _tokens(told: object) -> Iterator[Mapping[str, Any]]:
    return (each for each in told if isinstance(each, Mapping)) if isinstance(told, list) else iter(())
