"""What a vendor has told so far, in its own reckoning: counts of which nobody has decided yet which holds which."""

from dataclasses import dataclass, field, fields, replace
from operator import attrgetter

from functions.farebox.tokens.usage.counts import larger
from functions.farebox.tokens.usage.usage import Calls


@dataclass(slots=True)
class Report:
    """The counts of one report, or of several that were merged; `None` is not told. Tokens, but for `searches`,
    `calls` and `heard_s`."""

    prompt: int | None = None  # under a name that means the whole prompt, its cached part included
    uncached: int | None = None  # under a name that means the prompt without what the cache read and wrote
    besides: int | None = None  # read besides the prompt: results of tools, citations
    completion: int | None = None
    counted_prompt: int | None = None  # where what is billed is told apart, which goes before it
    counted_completion: int | None = None  # likewise
    total: int | None = None
    cached: int | None = None
    cached_audio: int | None = None  # of `cached`
    cached_image: int | None = None  # of `cached`
    cache_write: int | None = None  # for however long
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    audio_input: int | None = None
    image_input: int | None = None
    heard_s: int | None = None  # seconds of sound in the prompt, whose tokens may be in the total alone
    reasoning: int | None = None  # under a name that means a part of the completion
    thoughts: int | None = None  # under a name that means reasoning beside the completion
    audio_output: int | None = None
    image_output: int | None = None
    searches: int | None = None
    caches_apart: int | None = None  # 1: the cache's counts stand where Anthropic has them, beside the prompt's
    calls: Calls | None = field(default=None, kw_only=True)  # of other tools than searches

    @property
    def whole_prompt(self) -> int | None:
        """The prompt as it is billed, else as it was counted."""
        return self.counted_prompt if self.prompt is None else self.prompt

    @property
    def generated(self) -> int | None:
        """The completion, likewise."""
        return self.counted_completion if self.completion is None else self.completion

    @property
    def tells_prompt(self) -> bool:
        """Whether a prompt is told under a name that means one."""
        return self.whole_prompt is not None or self.uncached is not None

    @property
    def lacks_prompt(self) -> bool:
        """Whether the prompt is missing, or nothing, although something was written or there is a total, and what is
        told of it is nothing or less than the total has: nobody generates from nothing."""
        if self.whole_prompt or self.uncached or self.heard_s:
            return False
        if not any(self._read):
            return any((self.total, *self._written))
        return (self.total or 0) > sum(tokens or 0 for tokens in (*self._read, *self._written))

    @property
    def tells_only_total(self) -> bool:
        """Whether both sides are missing, or nothing."""
        return not any(self._written) and not any(replace(self, cached=None)._read) and self.lacks_prompt

    @property
    def _read(self) -> tuple[int | None, ...]:
        """Parts of what was read."""
        caches = (self.cached, self.cache_write, self.cache_write_5m, self.cache_write_1h)
        return *caches, self.besides, self.audio_input, self.image_input

    @property
    def _written(self) -> tuple[int | None, ...]:
        """What was generated, and its parts."""
        return self.generated, self.reasoning, self.thoughts, self.audio_output, self.image_output


_values = attrgetter(*(each.name for each in fields(Report) if not each.kw_only))


def merge(earlier: Report | None, later: Report | None) -> Report | None:
    """Two reports of one answer as one: the larger of each count, whichever came first.

    A zero report takes nothing back, counts that grow end at their last, and it makes no difference over how many
    chunks one report is spread. What the counts mean is decided when all are there (`reading`), so that a detail which
    comes late is never added to the total that it was already part of.
    """
    if earlier is None or later is None:
        return later if earlier is None else earlier
    merged = Report(*map(larger, _values(earlier), _values(later)))
    if earlier.calls or later.calls:
        merged.calls = most_calls(earlier.calls or (), later.calls or ())
    return merged


def most_calls(*told: Calls) -> Calls:
    """How often each tool was called, of several counts of the same calls."""
    most: dict[str, int] = {}
    for calls in told:
        for name, times in calls:
            most[name] = max(times, most.get(name, 0))
    return tuple(sorted(most.items()))
