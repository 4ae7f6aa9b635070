"""Usage as an upstream reports it: reads the `usage` object of an OpenAI-style answer.

An upstream may be a stranger's server. Nothing it writes here can crash a request or mint money: what is malformed
counts as missing, and a class of tokens never exceeds the total that it is part of.

OpenAI counts reasoning inside `completion_tokens`. xAI counts it beside them and Gemini's thoughts are in
`total_tokens` alone, so what the total has beyond prompt and completion was generated too, and is charged as reasoning.
"""

from dataclasses import dataclass
from typing import Any

MAX_TOKENS = 100_000_000  # a count beyond this is malformed; the largest contexts are about a hundredth of it


@dataclass(slots=True)
class Usage:
    """Token counts of one answer. The totals include the classes; the classes do not overlap."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0  # of the prompt
    cache_write_tokens: int = 0  # of the prompt
    audio_input_tokens: int = 0  # of the prompt
    reasoning_tokens: int = 0  # of the completion
    audio_output_tokens: int = 0  # of the completion

    def __post_init__(self) -> None:
        classes = (
            self.cached_tokens,
            self.cache_write_tokens,
            self.audio_input_tokens,
            self.reasoning_tokens,
            self.audio_output_tokens,
        )
        if min(*classes, self.plain_input_tokens, self.plain_output_tokens) < 0:
            raise ValueError(f"no class of tokens may be negative or exceed its total: {self}")

    @property
    def plain_input_tokens(self) -> int:
        """Prompt tokens that are in none of its classes."""
        return self.prompt_tokens - self.cached_tokens - self.cache_write_tokens - self.audio_input_tokens

    @property
    def plain_output_tokens(self) -> int:
        """Completion tokens that are in none of its classes."""
        return self.completion_tokens - self.reasoning_tokens - self.audio_output_tokens

    @property
    def total_tokens(self) -> int:
        """Prompt and completion."""
        return self.prompt_tokens + self.completion_tokens


def read_usage(report: object) -> Usage | None:
    """The usage that an upstream reported, or `None` where it reported none that can be used.

    `0` is a number. With one total missing, the other and `total_tokens` give it; else it is 0, as for embeddings.
    """
    if not isinstance(report, dict):
        return None
    prompt, completion = _count(report, "prompt_tokens"), _count(report, "completion_tokens")
    total = _count(report, "total_tokens")
    if prompt is None and completion is None:
        return None
    if prompt is None:
        prompt = max((total or 0) - (completion or 0), 0)
    details = report.get("completion_tokens_details")
    reasoning = _count(details, "reasoning_tokens") or 0
    if completion is None:
        completion = max((total or 0) - prompt, 0)
    elif total is not None and total > prompt + completion:
        reasoning = max(reasoning, total - prompt - completion)
        completion = total - prompt
    prompt_details = report.get("prompt_tokens_details")
    cached, cache_write, audio_input = _within(
        prompt,
        _count(prompt_details, "cached_tokens"),
        # Anthropic's word for it, which proxies pass on.
        _count(prompt_details, "cache_write_tokens", "cache_creation_tokens"),
        _count(prompt_details, "audio_tokens"),
    )
    reasoning, audio_output = _within(completion, reasoning, _count(details, "audio_tokens"))
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=cached,
        cache_write_tokens=cache_write,
        audio_input_tokens=audio_input,
        reasoning_tokens=reasoning,
        audio_output_tokens=audio_output,
    )


def _count(mapping: object, *names: str) -> int | None:
    """The first of these fields that holds a sane count. A bool is an `int` in Python, and no count."""
    if not isinstance(mapping, dict):
        return None
    for name in names:
        value: Any = mapping.get(name)
        if type(value) is int and 0 <= value <= MAX_TOKENS:
            return value
    return None


def _within(total: int, *classes: int | None) -> list[int]:
    """Each class cut to what the total has left after those before it."""
    cut = []
    for count in classes:
        cut.append(min(count or 0, total))
        total -= cut[-1]
    return cut
