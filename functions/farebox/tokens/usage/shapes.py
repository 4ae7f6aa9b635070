"""The shapes that vendors report in, a reader each. Which of them read a report is decided by the fields that it has.

A proxy mixes shapes (LiteLLM writes OpenAI's and Anthropic's counts side by side), so all that fit read it, and what
they find is merged. Nothing is decided here about what holds what: a reader knows only what its field names mean.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce

from functions.farebox.tokens.hosted_tools import priced_as
from functions.farebox.tokens.usage.counts import Object, child, count, inner, larger, largest, rows
from functions.farebox.tokens.usage.report import Report, merge, most_calls
from functions.farebox.tokens.usage.usage import Calls

_CACHED = (
    *("cached_tokens", "cache_read_input_tokens", "cached_input_tokens", "cache_read_tokens", "cache_read"),
    "cached_read_tokens",  # Bifrost's
    "cached_prompt_text_tokens",  # of xAI's own client
)
_CACHE_WRITE = (
    "cache_write_tokens",
    "cache_creation_tokens",
    "cache_creation_input_tokens",
    "cache_write_input_tokens",
    "cache_creation",  # an object elsewhere; a count in LangChain
    "cached_creation_tokens",  # new-api's
    "cached_write_tokens",  # Bifrost's
    "caching_tokens",  # Requesty's
)
_PROMPT_DETAILS = (
    "prompt_tokens_details", "input_tokens_details", "prompt_token_details", "input_token_details",
)  # fmt: skip
_COMPLETION_DETAILS = (
    "completion_tokens_details", "output_tokens_details", "completion_token_details", "output_token_details",
)  # fmt: skip
_FOR_5M = ("ephemeral_5m_input_tokens", "claude_cache_creation_5_m_tokens")  # the latter of each is new-api's
_FOR_1H = ("ephemeral_1h_input_tokens", "claude_cache_creation_1_h_tokens")
_LIFETIMES = ("cache_creation", "cache_creation_token_details", "cache_write_tokens_details")
_ANTHROPIC_CACHES = ("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation")

_SEARCH = "search"

Reader = Callable[[Object], Report]


def read_openai(report: Object) -> Report:
    """OpenAI's chat, Responses and embeddings, and all who follow: DeepSeek, Moonshot, Groq, xAI, Mistral, Together,
    Fireworks, OpenRouter, DashScope, Voyage, Jina, vLLM, LiteLLM. Totals hold their details."""
    read = [report, *inner(report, *_PROMPT_DETAILS)]
    of_cached = [holder for one in read for holder in inner(one, "cached_tokens_details")]
    write = [report, *[holder for one in read for holder in inner(one, *_LIFETIMES)]]
    wrote = inner(report, *_COMPLETION_DETAILS)
    return Report(
        prompt=largest([report], ("prompt_tokens",) if _is_anthropic(report) else ("prompt_tokens", "input_tokens")),
        completion=largest([report], ("completion_tokens", "output_tokens")),
        total=largest([report], ("total_tokens",)),
        cached=largest(read, (*_CACHED, "num_cached_tokens")),  # the last is Mistral's
        cached_audio=largest(of_cached, ("audio_tokens",)),
        cached_image=largest(of_cached, ("image_tokens",)),
        cache_write=largest(read, _CACHE_WRITE),
        cache_write_5m=largest(write, _FOR_5M),
        cache_write_1h=largest(write, _FOR_1H),
        audio_input=largest(read[1:], ("audio_tokens",)),
        heard_s=count(report.get("prompt_audio_seconds")),  # Mistral's
        image_input=largest(read[1:], ("image_tokens",)),
        reasoning=largest([*wrote, report], ("reasoning_tokens", "reasoning")),
        audio_output=largest(wrote, ("audio_tokens",)),
        image_output=largest(wrote, ("image_tokens",)),
    )


def read_anthropic(report: Object) -> Report:
    """Anthropic's Messages: `input_tokens` are those that the cache neither read nor wrote
    (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching)."""
    return Report(uncached=largest([report], ("input_tokens",)), caches_apart=1) if _is_anthropic(report) else Report()


def _is_anthropic(report: Object) -> bool:
    """Whether a report's `input_tokens` are Anthropic's. Proxies write the names of its caches without counts in them
    beside OpenAI's details, which then say what was cached."""
    if report.keys().isdisjoint(_ANTHROPIC_CACHES):
        return False
    of_anthropic = largest([report, child(report, "cache_creation")], (*_ANTHROPIC_CACHES, *_FOR_5M, *_FOR_1H))
    return bool(of_anthropic) or not largest(inner(report, *_PROMPT_DETAILS), (*_CACHED, *_CACHE_WRITE))


def read_iterations(report: Object) -> Report:
    """Anthropic's `iterations`, one each time that a model was asked for the one answer. Their sum is billed: the
    counts beside them leave out what compacted the prompt, and whoever gave advice
    (https://platform.claude.com/docs/en/build-with-claude/compaction-threshold). Nothing is billed of a model that
    declined before it said anything, so that another answered
    (https://platform.claude.com/docs/en/build-with-claude/refusals-and-fallback)."""
    steps = rows(report, "iterations")
    if any(step.get("type") == "fallback_message" for step in steps):
        steps = [step for step in steps if count(step.get("output_tokens"))]
    writes = [child(step, "cache_creation") for step in steps]
    told: dict[str, object] = _sums(steps, ("input_tokens", "output_tokens", *_ANTHROPIC_CACHES[:2]))
    told["cache_creation"] = _sums(writes, (_FOR_5M[0], _FOR_1H[0]))
    return replace(read_openai(told), uncached=count(told["input_tokens"])) if steps else Report()


def read_deepseek(report: Object) -> Report:
    """DeepSeek: the prompt is what the cache hit and what it missed."""
    hit, miss = count(report.get("prompt_cache_hit_tokens")), count(report.get("prompt_cache_miss_tokens"))
    return Report(prompt=None if hit is None or miss is None else hit + miss, cached=hit)


def read_gemini(report: Object) -> Report:
    """Google's `usageMetadata`: cached tokens in the prompt, thoughts beside the candidates, results of tools beside
    the prompt (https://ai.google.dev/api/generate-content#UsageMetadata)."""
    read = rows(report, "promptTokensDetails", "prompt_tokens_details")
    cached = rows(report, "cacheTokensDetails", "cache_tokens_details")
    wrote = rows(report, "candidatesTokensDetails", "responseTokensDetails", "candidates_tokens_details")
    return Report(
        prompt=largest([report], ("promptTokenCount", "prompt_token_count", "total_input_tokens")),
        besides=largest([report], ("toolUsePromptTokenCount", "tool_use_prompt_token_count", "total_tool_use_tokens")),
        completion=largest(
            [report],
            ("candidatesTokenCount", "candidates_token_count", "responseTokenCount", "total_output_tokens"),
        ),
        total=largest([report], ("totalTokenCount", "total_token_count")),
        cached=largest([report], ("cachedContentTokenCount", "cached_content_token_count", "total_cached_tokens")),
        cached_audio=_of_modality(cached, "AUDIO"),
        cached_image=_of_modality(cached, "IMAGE"),
        audio_input=_of_modality(read, "AUDIO"),
        image_input=_of_modality(read, "IMAGE"),
        thoughts=largest([report], ("thoughtsTokenCount", "thoughts_token_count", "total_thought_tokens")),
        audio_output=_of_modality(wrote, "AUDIO"),
        image_output=_of_modality(wrote, "IMAGE"),
    )


def read_bedrock(report: Object) -> Report:
    """Bedrock's Converse and its invocation metrics: as with Anthropic, the input is what no cache read or wrote
    (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html)."""
    of_an_hour = [row.get("inputTokens") for row in rows(report, "cacheDetails") if row.get("ttl") == "1h"]
    return Report(
        uncached=largest([report], ("inputTokens", "inputTokenCount")),
        completion=largest([report], ("outputTokens", "outputTokenCount")),
        total=largest([report], ("totalTokens", "totalTokenCount")),
        cached=largest([report], ("cacheReadInputTokens", "cacheReadInputTokenCount")),
        cache_write=largest(
            [report],
            ("cacheWriteInputTokens", "cacheWriteInputTokenCount", "cacheCreationInputTokens"),
        ),
        cache_write_1h=reduce(larger, map(count, of_an_hour), None),
        caches_apart=1,
    )


def read_camel_case(report: Object) -> Report:
    """OpenAI's counts as programs in JavaScript rename them: the AI SDK's gateways, Workers AI's, Oracle's."""
    read = [report, *inner(report, "promptTokensDetails", "inputTokensDetails", "inputTokenDetails")]
    wrote = [report, *inner(report, "completionTokensDetails", "outputTokensDetails", "outputTokenDetails")]
    return Report(
        prompt=largest([report], ("promptTokens", "inputTokens")),
        completion=largest([report], ("completionTokens", "outputTokens")),
        total=largest([report], ("totalTokens",)),
        cached=largest(read, ("cachedInputTokens", "cachedTokens", "cacheReadTokens")),
        cache_write=largest(read, ("cacheWriteTokens",)),
        audio_input=largest(read[1:], ("audioTokens",)),
        reasoning=largest(wrote, ("reasoningTokens",)),
        audio_output=largest(wrote[1:], ("audioTokens",)),
    )


def read_cohere(report: Object) -> Report:
    """Cohere: of each side what it bills, else what it counted. Images are counted beside the text, searches by its
    rerankers."""
    billed, counted = child(report, "billed_units"), child(report, "tokens")
    return Report(
        prompt=largest([billed], ("input_tokens",)),
        completion=largest([billed], ("output_tokens",)),
        counted_prompt=largest([counted], ("input_tokens",)),
        counted_completion=largest([counted], ("output_tokens",)),
        cached=largest([report], ("cached_tokens",)),
        image_input=largest([billed], ("image_tokens",)),
        searches=largest([billed], ("search_units",)),
    )


def read_ollama(report: Object) -> Report:
    """Ollama's own API, at the top of its answer, and llama.cpp's. Cached tokens are in the prompt."""
    return Report(
        prompt=largest([report], ("prompt_eval_count", "tokens_evaluated")),
        cached=count(report.get("prompt_eval_cached_count")),
        completion=largest([report], ("eval_count", "tokens_predicted")),
    )


def read_perplexity(report: Object) -> Report:
    """Perplexity: what its deep research cites is read, and billed, beside the prompt, and what it thinks is written
    beside the completion; its total has neither (https://docs.perplexity.ai/getting-started/pricing)."""
    cited, said = count(report.get("citation_tokens")), count(report.get("completion_tokens"))
    thought = count(report.get("reasoning_tokens")) if cited is not None else None
    return Report(
        besides=cited,
        completion=None if said is None or thought is None else said + thought,
        searches=count(report.get("num_search_queries")),
    )


def read_tools(report: Object) -> Report:
    """Searches, and calls of other tools that ran at the vendor, of Anthropic, OpenRouter, xAI and LiteLLM. The same
    searches may be told as sources and as calls."""
    used = inner(report, "server_tool_use", "server_tool_use_details")
    details = inner(report, "prompt_tokens_details", "input_tokens_details")
    ran = inner(report, "server_side_tool_usage_details", "server_side_tool_usage")
    found = largest(
        [report, *used, *details], ("web_search_requests", "web_search_calls", "num_sources_used", "num_web_searches")
    )
    searched: list[int] = []
    calls = [_calls_in(tools, searched) for tools in (*used, *ran)]
    told = most_calls(*calls)
    if found is not None:  # sources, of all kinds of searches
        found = max(0, found - sum(times for name, times in told if _SEARCH in name))
    return Report(searches=reduce(larger, searched, found), calls=told or None)


def _calls_in(tools: Object, searched: list[int]) -> Calls:
    """The calls in one list of counts by the tool; all of its searches in the web are added to `searched`. A search
    that is not known by its name is one of them."""
    found = 0
    calls: dict[str, int] = {}
    for name, value in tools.items():
        times = count(value)
        tool = priced_as(name) or (_SEARCH if _SEARCH in name.lower() else None)
        if times is not None and tool == _SEARCH:
            found += times
        elif times is not None and tool is not None:
            calls[tool] = calls.get(tool, 0) + times
    if found or any(_SEARCH in name.lower() for name in tools):
        searched.append(found)
    return tuple(calls.items())


_OF_OPENAI = frozenset(
    {"prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "total_tokens", "reasoning_tokens"}
    | {*_CACHED, *_CACHE_WRITE, *_LIFETIMES, *_PROMPT_DETAILS, *_COMPLETION_DETAILS, "num_cached_tokens"}
)
_OF_GEMINI = frozenset(
    {"promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount"}
    | {"prompt_token_count", "candidates_token_count", "thoughts_token_count", "cached_content_token_count"}
    | {"total_input_tokens", "total_output_tokens", "total_thought_tokens", "total_cached_tokens"}
    | {"toolUsePromptTokenCount", "responseTokenCount", "total_token_count"}
)
_OF_BEDROCK = frozenset(
    {"cacheReadInputTokens", "cacheWriteInputTokens", "cacheCreationInputTokens", "cacheDetails", "inputTokenCount"}
    | {"outputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount"}
)
_OF_TOOLS = frozenset(
    {"server_tool_use", "server_tool_use_details", "server_side_tool_usage_details", "server_side_tool_usage"}
    | {"web_search_requests", "web_search_calls", "num_sources_used", "num_web_searches"}
    | {"prompt_tokens_details", "input_tokens_details"}
)
_READERS: tuple[tuple[frozenset[str], Reader], ...] = (
    (_OF_OPENAI, read_openai),
    (frozenset(_ANTHROPIC_CACHES), read_anthropic),
    (frozenset({"iterations"}), read_iterations),
    (frozenset({"prompt_cache_hit_tokens", "prompt_cache_miss_tokens"}), read_deepseek),
    (_OF_GEMINI, read_gemini),
    (_OF_BEDROCK, read_bedrock),
    (frozenset({"billed_units", "tokens"}), read_cohere),
    (frozenset({"prompt_eval_count", "eval_count", "tokens_evaluated", "tokens_predicted"}), read_ollama),
    (frozenset({"citation_tokens", "num_search_queries"}), read_perplexity),
    (_OF_TOOLS, read_tools),
)
_CAMEL_CASE = frozenset(
    {"promptTokens", "completionTokens", "inputTokens", "outputTokens", "totalTokens", "cachedInputTokens"}
)


def read_shape(report: object) -> Report | None:
    """What a report object tells; `None` where no count of tokens or searches is in it."""
    if not isinstance(report, dict):
        return None
    told: Report | None = None
    for names, read in _READERS:
        if not names.isdisjoint(report):
            told = merge(told, read(report))
    if not _CAMEL_CASE.isdisjoint(report) and _OF_BEDROCK.isdisjoint(report):
        told = merge(told, read_camel_case(report))
    if told is None and isinstance(within := report.get("usage"), dict) and "usage" not in within:
        return read_shape(within)  # a proxy wrapped it once more
    return None if told is None or told in (_NOTHING, _NOTHING_APART) else told


_NOTHING, _NOTHING_APART = Report(), Report(caches_apart=1)


def _sums(found: list[Object], names: Iterable[str]) -> dict[str, object]:
    """What stands under each name in all of them."""
    return {name: sum([count(each.get(name)) or 0 for each in found]) for name in names}


def _of_modality(found: list[Object], modality: str) -> int | None:
    """The tokens of one modality in Google's lists: `[{"modality": "AUDIO", "tokenCount": 5}]`."""
    holders = [row for row in found if row.get("modality") == modality]
    return largest(holders, ("tokenCount", "token_count"))
