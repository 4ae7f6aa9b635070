"""What Anthropic's models take, by their names: each generation refuses what another wants
(https://docs.anthropic.com/en/docs/about-claude/models/migration-guide)."""

import re
from dataclasses import dataclass
from typing import Literal

_CLAUDE = re.compile(r"claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ways:
    """How a model thinks: not at all, as far as a `budget` goes, or `adaptive`ly by an effort; and which of
    temperature, `top_p` and `top_k` it takes: all, not both of the first two, none."""

    thinking: Literal["none", "budget", "adaptive"]
    sampling: Literal["all", "one", "none"]


def ways_of(model: str) -> Ways:
    """The ways of a model by its upstream's name. A Claude without a number is taken for a new one; who else speaks
    Messages follows those of before."""
    found = _CLAUDE.search(model)
    if found is None:
        return Ways("adaptive", "none") if "claude" in model.lower() else Ways("budget", "all")
    version = (int(found[1]), int(found[2] or 0))
    thinking: Literal["none", "budget", "adaptive"] = "budget" if version < (4, 6) else "adaptive"
    sampling: Literal["all", "one", "none"] = "all" if version < (4, 1) else "one"
    return Ways("none" if version < (3, 7) else thinking, "none" if version >= (4, 7) else sampling)
