"""What the counts of a report come to. Vendors differ in what holds what, so arithmetic decides before a name does.

A report tells the prompt, the completion, perhaps their total, and parts of them. Each part is either *inside* its side
(OpenAI's cached and reasoning tokens) or stands *beside* it (Anthropic's caches, xAI's reasoning, Gemini's thoughts).

- A part that does not fit into its side stands beside it.
- Where a total was told, what stands beside is chosen so that everything sums to it, departing as little as can be
  from what the names mean.
- Where nothing decides, the names do.
- What the total has beyond everything told was generated too, and is charged as reasoning; where sound was heard that
  nobody counted, it is that sound.
"""

from dataclasses import dataclass, replace
from itertools import combinations

from functions.farebox.tokens.usage.plain import read_plain
from functions.farebox.tokens.usage.report import Report
from functions.farebox.tokens.usage.shapes import read_shape
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage

_CACHES, _HEARD, _WRITTEN, _SPOKEN = ("cached", "written"), ("heard",), ("reasoning", "spoken"), ("spoken",)


@dataclass(slots=True)
class _Part:
    """A part of a side. `of_prompt` or of the completion; `beside` by the meaning of its name."""

    name: str
    tokens: int
    of_prompt: bool
    beside: bool


def read_usage(report: object) -> Usage | None:
    """The usage that a report object tells, or `None` where it tells none that can be used. `0` is a number."""
    if not isinstance(report, dict):
        return None
    usage = read_plain(report)
    if usage is not None:
        return usage
    told = read_shape(report)
    return None if told is None else usage_of(told)


def usage_of(report: Report) -> Usage | None:
    """What a report comes to; `None` where neither side nor total was told.

    With one side missing, the other and the total give it. A total alone is a prompt, as with embeddings. Where a total
    leaves nothing for a prompt, or there is none, the prompt is not told: nobody generates from nothing.
    """
    told, completion, total = report.whole_prompt, report.generated, report.total
    if not report.tells_prompt and completion is None and total is None:
        return None
    if report.lacks_prompt:
        report = replace(report, prompt=None, counted_prompt=None, uncached=None)
        told = None
    is_apart = report.uncached is not None and (told is None or told <= report.uncached)
    prompt = report.uncached if is_apart else told
    writes_5m, writes_1h = _writes(report)
    reasoning = max(report.reasoning or 0, report.thoughts or 0)
    of_media = (report.audio_output or 0) + (report.image_output or 0)
    parts = [
        _Part("cached", report.cached or 0, True, is_apart),
        _Part("written", writes_5m + writes_1h, True, is_apart),
        _Part("heard", (report.audio_input or 0) + (report.image_input or 0), True, False),
        _Part("reasoning", reasoning, False, report.thoughts is not None),
        _Part("spoken", of_media, False, False),
    ]
    if prompt is None or completion is None:
        prompt, completion = _missing_side(prompt, completion, total, parts)
    is_told = report.tells_prompt or report.generated is None or prompt > 0
    besides = report.besides or 0
    if total is not None and total < prompt + completion + besides:
        total += besides  # it leaves them out
    prompt += besides

    beside, unexplained = _decide(prompt, completion, total, parts, caches_apart=bool(report.caches_apart))
    heard = report.audio_input or 0
    if unexplained and report.heard_s and not heard:
        heard, prompt, unexplained = unexplained, prompt + unexplained, 0
    prompt += sum(part.tokens for part in parts if part.of_prompt and part.name in beside)
    completion += sum(part.tokens for part in parts if not part.of_prompt and part.name in beside) + unexplained
    audio = max(heard - (report.cached_audio or 0), 0)
    image = max((report.image_input or 0) - (report.cached_image or 0), 0)
    prompt, completion = min(prompt, MAX_TOKENS), min(completion, MAX_TOKENS)
    # A sound may be cached as well, which nobody may have told: it counts as cached.
    cached, writes_1h, writes_5m, audio, image = _within(prompt, report.cached or 0, writes_1h, writes_5m, audio, image)
    reasoning, audio_output, image_output = _within(
        completion, reasoning + unexplained, report.audio_output or 0, report.image_output or 0
    )
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=cached,
        cache_write_tokens=writes_5m,
        audio_input_tokens=audio,
        reasoning_tokens=reasoning,
        audio_output_tokens=audio_output,
        cache_write_1h_tokens=writes_1h,
        image_input_tokens=image,
        image_output_tokens=image_output,
        searches=report.searches or 0,
        calls=report.calls or (),
        lifetimes_told=bool(report.cache_write_5m or report.cache_write_1h),
        prompt_is_told=is_told,
    )


def _writes(report: Report) -> tuple[int, int]:
    """Cache writes for five minutes or an unknown time, and for an hour. The sum of both may be told beside them, and
    bounds them: what one report has for five minutes and the next for an hour was written once."""
    minutes, hour = report.cache_write_5m or 0, report.cache_write_1h or 0
    whole = max(report.cache_write, minutes, hour) if report.cache_write else minutes + hour
    return whole - hour, hour


def _missing_side(prompt: int | None, completion: int | None, total: int | None, parts: list[_Part]) -> tuple[int, int]:
    """Both sides, of which at least one was not told. What the total gives holds its own parts."""
    cached, written, _, reasoning, _ = parts
    if completion is None and prompt is not None:
        caches = cached.tokens + written.tokens
        counted = prompt + (caches if cached.beside or caches > prompt else 0)
        reasoning.beside = total is None
        return prompt, max((total or counted) - counted, 0)
    completion = completion or 0
    stands_beside = reasoning.beside or reasoning.tokens > completion or completion + reasoning.tokens == total
    counted = completion + (reasoning.tokens if stands_beside else 0)
    cached.beside = written.beside = total is None
    return max((total or counted) - counted, 0), completion


def _decide(
    prompt: int, completion: int, total: int | None, parts: list[_Part], *, caches_apart: bool
) -> tuple[frozenset[str], int]:
    """The parts that stand beside their sides, and how many tokens of the total remain unexplained."""
    told = [part for part in parts if part.tokens]
    meant = frozenset(part.name for part in told if part.beside)
    spare = None if total is None else total - prompt - completion
    if spare is not None and spare >= 0:
        for flips in range(len(told) + 1):
            for flipped in combinations(told, flips):
                beside = meant.symmetric_difference(part.name for part in flipped)
                if _sum(told, beside) == spare and _fits(prompt, completion, told, beside):
                    return beside, 0
    beside = _fitting(prompt, completion, told, meant)
    left = (spare or 0) - _sum(told, beside)
    caches = frozenset(part.name for part in told if part.name in _CACHES)
    if caches_apart and not caches & beside and left >= _sum(told, caches):
        beside |= caches
        left -= _sum(told, caches)
    reasoning = parts[3]
    if reasoning.tokens and reasoning.name not in beside and left >= reasoning.tokens:
        beside |= {reasoning.name}
        left -= reasoning.tokens
    return beside, max(left, 0)


def _fitting(prompt: int, completion: int, told: list[_Part], beside: frozenset[str]) -> frozenset[str]:
    """What stands beside, with whatever does not fit into its side put there as well."""
    sizes = {part.name: part.tokens for part in told}
    for room, names in ((prompt, _CACHES), (prompt, _HEARD), (completion, _WRITTEN), (completion, _SPOKEN)):
        inside = [name for name in names if name in sizes and name not in beside]
        if sum([sizes[name] for name in inside]) > room:
            beside |= frozenset(inside[: 1 if names is _WRITTEN else None])  # of what is written, reasoning goes first
    return beside


def _fits(prompt: int, completion: int, told: list[_Part], beside: frozenset[str]) -> bool:
    """Whether the parts that are inside have room there. A sound in the prompt may be a cached one."""
    inside = {part.name: part.tokens for part in told if part.name not in beside}
    return (
        inside.get("cached", 0) + inside.get("written", 0) <= prompt
        and inside.get("heard", 0) <= prompt
        and inside.get("reasoning", 0) + inside.get("spoken", 0) <= completion
    )


def _sum(told: list[_Part], names: frozenset[str]) -> int:
    return sum([part.tokens for part in told if part.name in names])


def _within(total: int, *classes: int) -> list[int]:
    """Each class cut to what the total has left after those before it."""
    cut = []
    for tokens in classes:
        cut.append(min(tokens, total))
        total -= cut[-1]
    return cut
