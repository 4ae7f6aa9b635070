"""How the stand-in reads a body: the fields that its kind of server knows, wherever they came from."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_TOKENS = 1_000_000  # that any server generates for one choice
WITHOUT_CAP = 20_000  # that one generates where it was told no cap that it reads
UNTOLD_BYTES_A_TOKEN = 6  # where nobody tells, a text of words has a token for so many at least
SEARCHES = 10  # for one choice, where nothing bounds them
FRAMING = {"model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "service_tier"} | {
    *("max_output_tokens", "store", "truncation", "max_tool_calls"),
}
_REPEATED = re.compile(rb"(.{1,16}?)\1{3,}", re.DOTALL)
_LABELS = {"metadata", "user", "prompt_cache_key", "safety_identifier", "stop", "logit_bias", "moderation"} | {
    *("stop_sequences", "include", "client_metadata", "context_management"),
}
_TEXTS_ALONE = ("/completions", "/embeddings")
_DATA = {"url", "data", "file_data", "image_url"}
_MEDIA = {"image_url": 765, "image": 765, "input_image": 765, "input_audio": 30, "file": 1500, "input_file": 1500}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a server understands of a request. `text_bytes` are all that a model could read of it."""

    path: str
    model: str
    stream: bool
    cap: int
    choices: int
    made: int  # completions that are generated, of which `choices` come back
    text_bytes: int
    plain_bytes: int  # of them, without what is repeated at once, which some vocabularies hold for next to nothing
    media_tokens: int
    tokens: int  # that came as numbers
    searches: int
    code: int  # times that it may be run
    tries_beyond: bool  # it is told how often it may search, and may try more often
    speaks: bool
    tier: str | None
    cache_s: int | None  # how long the prompt is to be kept
    thinks: bool
    completes: bool  # and does not embed
    is_legacy: bool  # texts, not chats


def read_request(path: str, raw: bytes, cap_field: str) -> Asked:
    """Read a request as a lenient server with a lenient proxy before it does."""
    body: dict[str, Any] = json.loads(raw)
    steered = body.get("extra_body")
    if isinstance(steered, dict):
        body = {**body, **steered}
    models = body.get("models") or body.get("fallbacks")
    given = body.get("input", body.get("prompt"))
    prompts = _prompts(body.get("prompt"))
    choices = _amount(body.get("n"), 1)
    made = max(choices, _amount(body.get("best_of"), 1)) * prompts
    choices *= prompts
    cap = min(_amount(body.get(cap_field), WITHOUT_CAP), MOST_TOKENS)
    if body.get("enable_thinking") or "thinking_budget" in body:
        cap += _amount(body.get("thinking_budget"), 0)
    texts = {name: value for name, value in body.items() if name not in FRAMING}
    if path in _TEXTS_ALONE:
        leads_to = {"text": body["suffix"]} if "suffix" in body else {}
        texts = {"input": given if isinstance(given, str) else " ".join(_flat(given)), **leads_to}
    read = list(_texts(texts))
    prompt = list(_said({name: value for name, value in texts.items() if name not in _LABELS}))
    modalities = body.get("modalities") or ()
    names = ("reasoning", "thinking", "reasoning_effort", "enable_thinking")
    wishes = [body.get(name) for name in names]
    return Asked(
        path=path,
        model="dear" if models else str(body["model"]),
        stream=body.get("stream") is True,
        cap=cap,
        choices=choices,
        made=made,
        text_bytes=sum(map(len, read)),
        plain_bytes=sum(len(_REPEATED.sub(rb"\1", each)) for each in prompt),
        media_tokens=sum(_media(texts)),
        tokens=sum(_numbers(given)) if path in _TEXTS_ALONE else 0,
        searches=_calls(body, "search") * made,
        code=_calls(body, "code_") * made,
        tries_beyond=path == "/messages" and any("max_uses" in tool for tool in _objects(body.get("tools"))),
        speaks="audio" in modalities or "audio" in body,
        tier=body.get("service_tier"),
        cache_s=_cache_s(body),
        completes=path != "/embeddings",
        is_legacy=path == "/completions",
        thinks=any(wish and not any(no in str(wish) for no in ("none", "disabled", "False")) for wish in wishes),
    )


def _prompts(prompt: object) -> int:
    """How many there are: tokens are one."""
    return len(prompt) if isinstance(prompt, list) and prompt and not isinstance(prompt[0], int) else 1


def _amount(value: object, otherwise: int) -> int:
    if type(value) is not int and not isinstance(value, str | float):
        return otherwise
    try:
        return max(int(value), 0) or otherwise
    except (ValueError, OverflowError):
        return otherwise


def _texts(value: Any, name: str = "") -> Iterator[bytes]:
    if isinstance(value, str):
        if name not in _DATA:
            yield value.encode(errors="replace")
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key.encode(errors="replace")
            yield from _texts(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)


def _said(value: Any) -> Iterator[bytes]:
    """Texts that are read by any model, without what is around them."""
    for each in _objects(value):
        if str(each.get("type")) not in _MEDIA:
            for name in ("content", "text", "input", "instructions", "description"):
                if isinstance(each.get(name), str):
                    yield each[name].encode(errors="replace")


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _objects(each)


def _media(value: Any) -> Iterator[int]:
    for each in _objects(value):
        kind = each.get("type")
        if isinstance(kind, str) and kind in _MEDIA:
            yield _MEDIA[kind]


def _flat(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, list):
        for each in value:
            yield from _numbers(each) if isinstance(each, list) else iter((1,) if isinstance(each, int) else ())


def _calls(body: Mapping[str, Any], name: str) -> int:
    if name == "search" and ("web_search_options" in body or body.get("plugins") or body.get("enable_search")):
        return SEARCHES
    tools = body.get("tools")
    for tool in tools if isinstance(tools, list) else ():
        kind = tool.get("type") if isinstance(tool, dict) else None
        if isinstance(kind, str) and name in kind:
            return _amount(tool.get("max_uses", body.get("max_tool_calls")), SEARCHES)
    return 0


def _cache_s(body: Any) -> int | None:
    kept = [each["cache_control"] for each in _objects(body) if isinstance(each.get("cache_control"), dict)]
    if not kept:
        return None
    return 3600 if any(each.get("ttl") == "1h" for each in kept) else 300
