"""The usage object that a client is shown, in OpenAI's form."""

from typing import Any

from functions.farebox.tokens.usage.reading import read_usage
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage


def as_client_reads(usage: Usage, report: dict[str, Any] | None) -> dict[str, Any]:
    """The upstream's own report where it is in OpenAI's form and says all that is charged, else ours."""
    if report is None or not _is_count(report.get("completion_tokens")) or not is_readable(report):
        return usage_as_openai(usage)
    told = read_usage(report)
    return report if told is not None and told.comes_to(usage) else usage_as_openai(usage)


def is_readable(report: object) -> bool:
    """Whether clients of OpenAI's API can read a report, with whatever else is in it, or there is none."""
    if report is None:
        return True
    if not isinstance(report, dict) or not _is_count(report.get("prompt_tokens")):
        return False
    for name in ("completion_tokens", "total_tokens"):
        if not _is_count(report.get(name, 0)):
            return False
    return all(_are_counts(report.get(name)) for name in ("prompt_tokens_details", "completion_tokens_details"))


def _are_counts(details: object) -> bool:
    if details is None:
        return True
    return isinstance(details, dict) and all(value is None or _is_count(value) for value in details.values())


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_TOKENS


def usage_as_openai(usage: Usage) -> dict[str, Any]:
    """`{prompt_tokens, completion_tokens, total_tokens}`, and the details of which there is something to tell."""
    read = {
        "cached_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_writes,
        "audio_tokens": usage.audio_input_tokens,
        "image_tokens": usage.image_input_tokens,
    }
    written = {
        "reasoning_tokens": usage.reasoning_tokens,
        "audio_tokens": usage.audio_output_tokens,
        "image_tokens": usage.image_output_tokens,
    }
    details = {"prompt_tokens_details": read, "completion_tokens_details": written}
    told = {name: {part: tokens for part, tokens in parts.items() if tokens} for name, parts in details.items()}
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        **{name: parts for name, parts in told.items() if parts},
    }
