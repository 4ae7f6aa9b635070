"""Where vendors put their reports: in a whole answer, or in one chunk of a stream."""

import re
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from functions.farebox.tokens.hosted_tools import priced_as
from functions.farebox.tokens.usage.counts import Object, child, inner, rows
from functions.farebox.tokens.usage.plain import read_plain
from functions.farebox.tokens.usage.reading import usage_of
from functions.farebox.tokens.usage.report import Report, merge
from functions.farebox.tokens.usage.shapes import read_ollama, read_shape
from functions.farebox.tokens.usage.usage import Calls, Usage

# Under these names a report stands, at the top of an answer or in one of the holders.
_REPORTS = frozenset({"usage", "usageMetadata", "usage_metadata", "amazon-bedrock-invocationMetrics"})
# `x_groq` is Groq's; an event of Anthropic's holds a message, one of the Responses API a response, one of Bedrock's
# Converse metadata.
_HOLDERS = frozenset({"x_groq", "message", "response", "delta", "metadata"})
_TIERS = frozenset({"service_tier", "serviceTier", "response", "message", "x_groq"})
_ANSWERS = ("response", "message", "x_groq")
_COUNTS = frozenset({"prompt_eval_count", "eval_count", "tokens_evaluated", "tokens_predicted"})
_REPORTED = _REPORTS | _COUNTS | {"prompt_eval_cached_count"}
_ELSEWHERE = frozenset({*_REPORTS, *_HOLDERS, *_COUNTS, "meta", "output"}) - {"usage"}
_ACTS_ON_PAGES = ("open_page", "find_in_page")
GROUNDINGS = frozenset({"groundingMetadata", "grounding_metadata", "vertex_ai_grounding_metadata"})
EXECUTED = "executed_tools"
_TOLD = GROUNDINGS | {EXECUTED}
_BY_ANSWER = re.compile(r"gemini-[12](?![0-9])")
_SEARCH_CALL = "search"  # in the type of an item of the Responses API, or of a tool that Groq ran


def read_report(payload: Mapping[str, object]) -> Report | None:
    """All that an answer or a chunk tells of what was used; `None` where it tells nothing."""
    told: Report | None = None
    for holder in _holders(payload):
        for name in holder.keys() & _REPORTS:
            told = merge(told, read_shape(holder[name]))
    if "meta" in payload:  # Cohere's embeddings, and its first chat API
        told = merge(told, read_shape(payload["meta"]))
    if not payload.keys().isdisjoint(_COUNTS):
        told = merge(told, read_ollama(payload))
    searches, calls = listed_calls(payload)
    return merge(told, Report(searches=searches, calls=calls or None)) if searches or calls else told


def has_report(payload: Mapping[str, object]) -> bool:
    """Whether a report stands anywhere in an answer or a chunk, of whatever worth."""
    for holder in _holders(payload):
        for name in holder.keys() & _REPORTS:
            if holder[name] is not None:
                return True
    return not payload.keys().isdisjoint(_COUNTS)


def plain_report(chunk: Mapping[str, object]) -> Usage | None:
    """What a chunk reports that reports nothing but OpenAI's own counts, in their place and beside no choice; `None`
    for any other. It comes to what `read_report` would find in it."""
    usage = chunk.get("usage")
    if not isinstance(usage, dict) or chunk.get("choices") or not chunk.keys().isdisjoint(_ELSEWHERE):
        return None
    return read_plain(usage)


def usage_in(payload: Mapping[str, object]) -> Usage | None:
    """The usage of a whole answer, a completion or embeddings; `None` where it must be counted."""
    usage = payload.get("usage")
    if isinstance(usage, dict) and "choices" in payload:
        plain = read_plain(usage)
        if plain is not None:
            searches, calls = listed_calls(payload)
            return replace(plain, searches=searches, calls=calls) if searches or calls else plain
    report = read_report(payload)
    if report is None:
        return None
    return completion_usage(report) if "choices" in payload else embedding_usage(report)


def completion_usage(report: Report) -> Usage | None:
    """What the report of a completion comes to; `None` where it does not tell what was generated. Where it tells that
    alone, or only a total, the prompt is still to be counted (`Usage.prompt_is_told`)."""
    if report.total and report.tells_only_total:
        usage = usage_of(Report(total=report.total, cached=report.cached, searches=report.searches, calls=report.calls))
        return None if usage is None else replace(usage, prompt_is_told=False, is_total=True)
    if report.generated is None and not (report.total is not None and report.tells_prompt):
        return None
    return usage_of(report)


def embedding_usage(report: Report) -> Usage | None:
    """What the report of embeddings comes to: everything that was told was read, for nothing is generated. `None` where
    it does not tell what was read."""
    usage = usage_of(report)
    if usage is None or not usage.prompt_is_told:
        return None
    prompt = max(usage.total_tokens, report.total or 0) if report.total is not None else usage.prompt_tokens
    return Usage(
        prompt_tokens=prompt,
        cached_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        audio_input_tokens=usage.audio_input_tokens,
        cache_write_1h_tokens=usage.cache_write_1h_tokens,
        image_input_tokens=usage.image_input_tokens,
        searches=usage.searches,
        calls=usage.calls,
    )


def without_reports(chunk: Mapping[str, object]) -> dict[str, object]:
    """A chunk with every report taken out, wherever it stood. What else its holders say stays."""
    left = {name: value for name, value in chunk.items() if name not in _REPORTED}
    for name in left.keys() & _HOLDERS:
        holder = left[name]
        if isinstance(holder, dict) and not holder.keys().isdisjoint(_REPORTS):
            left[name] = without_reports(holder)
    choices = left.get("choices")
    if isinstance(choices, list):
        left["choices"] = [without_reports(choice) if isinstance(choice, dict) else choice for choice in choices]
    return left


def served_tier(payload: Mapping[str, object]) -> str | None:
    """The service tier that the answer says it was served at, in the vendor's word."""
    tier = payload.get("service_tier")
    if type(tier) is str and tier:
        return tier
    usage = payload.get("usage")
    if payload.keys().isdisjoint(_TIERS) and (type(usage) is not dict or usage.keys().isdisjoint(_TIERS)):
        return None
    tier = _tier_in(payload)
    if tier is None and not payload.keys().isdisjoint(_ANSWERS):
        tier = next((tier for answer in inner(payload, *_ANSWERS) if (tier := _tier_in(answer)) is not None), None)
    return tier


def answered_model(payload: Mapping[str, object]) -> str | None:
    """The model that the answer says answered, in the vendor's word."""
    model = payload.get("model")
    if type(model) is str and model:
        return model
    for holder in (payload, *inner(payload, "response", "message")):
        for name in ("model", "modelVersion"):
            model = holder.get(name)
            if isinstance(model, str) and model:
                return model
    return None


def _tier_in(answer: Object) -> str | None:
    """In an answer, or in its report."""
    usage = answer.get("usage")
    for holder in (answer, usage) if isinstance(usage, dict) else (answer,):
        tier = holder.get("service_tier") or holder.get("serviceTier")
        if isinstance(tier, dict):  # Bedrock's
            tier = tier.get("type")
        if isinstance(tier, str) and tier:
            return tier
    return None


def _holders(payload: Mapping[str, object]) -> Iterator[Object]:
    yield payload
    yield from inner(payload, *payload.keys() & _HOLDERS)
    for choice in rows(payload, "choices"):
        yield choice
        yield from inner(choice, "delta", "message")


def listed_calls(payload: Mapping[str, object]) -> tuple[int, Calls]:
    """The searches that an answer lists, where it does not count them, and the calls of other tools that ran at the
    vendor: OpenAI's items, Groq's tools, what Gemini was grounded in. OpenAI bills no page that was opened, or looked
    through, after a search."""
    items: list[Object] = []
    if "output" in payload or "response" in payload:
        items += [*rows(payload, "output"), *rows(child(payload, "response"), "output")]
    grounded = inner(payload, *payload.keys() & GROUNDINGS)
    choices = payload.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        for said in (choice, choice.get("message"), choice.get("delta")) if isinstance(choice, dict) else ():
            if isinstance(said, dict) and not said.keys().isdisjoint(_TOLD):
                items += rows(said, EXECUTED)
                grounded += inner(said, *said.keys() & GROUNDINGS)
    if not items and not grounded:
        return 0, ()
    searches, calls = _grounded(payload, grounded)
    for item in items:
        kind = item.get("type")
        if not isinstance(kind, str) or item.get("execution") == "client":
            continue
        tool = priced_as(kind) or (_SEARCH_CALL if kind.startswith(_SEARCH_CALL) else None)
        if tool == _SEARCH_CALL and child(item, "action").get("type") not in _ACTS_ON_PAGES:
            searches += 1
        elif tool is not None and tool != _SEARCH_CALL:
            calls[tool] = calls.get(tool, 0) + 1
    return searches, tuple(sorted(calls.items()))


def _grounded(payload: Mapping[str, object], told: list[Object]) -> tuple[int, dict[str, int]]:
    """What Google bills of grounding: each search since Gemini 3, the whole answer before, and so with its maps
    (https://ai.google.dev/gemini-api/docs/pricing)."""
    searches = 0
    calls: dict[str, int] = {}
    for one in told:
        asked = [name for name in ("webSearchQueries", "web_search_queries") if isinstance(one.get(name), list)]
        searches += max([len(queries) for name in asked if isinstance(queries := one[name], list)], default=0)
        if any("maps" in chunk for chunk in rows(one, "groundingChunks", "grounding_chunks")):
            calls["google_maps"] = calls.get("google_maps", 0) + 1
    by_answer = _BY_ANSWER.search(answered_model(payload) or "") is not None
    return min(searches, len(told)) if by_answer else searches, calls
