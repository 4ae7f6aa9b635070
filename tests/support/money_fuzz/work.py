"""What an upstream does for a request, in all and step by step."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from tests.support.money_fuzz.price_table import Worked, bill

UNSEEN = 4  # counts differ by as much between vocabularies: who tells a fourth bills a fourth, for all one can know


@dataclass(slots=True)
class Work:
    """What an upstream did for a request. `told`: its report reached the other side, or could not be clearer."""

    upstream: str
    model: str
    worked: Worked
    told: bool = False
    told_prompt: bool = False  # what was read, as a stream's first event has it
    lies: str | None = None
    failed: str | None = None
    tier: str | None = None
    untold_prompt: int = 0
    mute: bool = False
    # Prompt, completion and what of the prompt was cached, where it lies by too little for anybody to see.
    says: tuple[int, int, int] | None = None
    cut_s: float | None = None  # when it was stopped, by the loop's clock
    swapped: str | None = None  # the model that was asked for, where another answers, as its first byte says
    has_spoken: bool = False  # a byte of it arrived

    @property
    def cost(self) -> int:
        """Nano-USD at list prices; where nothing was told, of what surely was done."""
        worked = self.worked if self.told else replace(self.worked, searches=0, code=0)
        if not self.told and not self.told_prompt:
            worked = Worked(self.untold_prompt, worked.completion, reasoning=worked.reasoning)
        if not self.told and self.says is not None:
            prompt, completion, cached = self.says
            if worked.prompt <= prompt * UNSEEN:
                worked.prompt = min(worked.prompt, prompt)
                worked.cached = min(worked.prompt, cached)
            if worked.completion <= completion * UNSEEN and not worked.reasoning:
                worked.completion = min(worked.completion, completion)
        hidden = self.swapped if not self.has_spoken else None  # nobody can know that it is another
        return bill(hidden or self.model, worked, self.tier)


@dataclass(slots=True)
class Step:
    """Something that is sent after a while, and what was done for it."""

    after_s: float
    piece: bytes = b""
    completion: int = 0
    reasoning: int = 0
    final: Worked | None = None  # all that was done, as the piece tells it
    read: Worked | None = None  # what was read of the prompt and of caches, as the piece tells it
    fails: bool = False


def summary(work: Work) -> dict[str, Any]:
    """A work, for a report."""
    return {name: value for name, value in asdict(work).items() if value}
