"""What makers of answers have in common: which lie is told, and what is said of the usage."""

import random
from typing import Any

from tests.support.money_fuzz.price_table import Worked
from tests.support.money_fuzz.reading import Asked
from tests.support.money_fuzz.values import WORDS
from tests.support.money_fuzz.work import Step, Work

_NONSENSE: list[Any] = [
    {"prompt_tokens": -5, "completion_tokens": -(10**6), "total_tokens": -1},
    {"prompt_tokens": 1.5, "completion_tokens": 2.5},
    {"prompt_tokens": "many", "completion_tokens": None},
    {"prompt_tokens": 10**12, "completion_tokens": 10**18, "total_tokens": 10**30},
    {"prompt_tokens": 10**6, "completion_tokens": 7, "total_tokens": 10**6 + 7},
    {"prompt_tokens": 1e300, "completion_tokens": True},
    {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 900}},
    {"prompt_tokens": 3, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": -900}},
    {"prompt_tokens": [], "completion_tokens": {}},
    {"total_tokens": 5},
    {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    {"server_tool_use": {"web_search_requests": 10**9}, "prompt_tokens": 1, "completion_tokens": 1},
    {"server_tool_use": {"web_search_requests": -3}, "prompt_tokens": 1, "completion_tokens": 1},
    [],
    "none",
    5,
]


class Maker:
    """Writes answers of one dialect. `prompt` and `completion` are its names for the two sides of a report."""

    prompt, completion = "prompt_tokens", "completion_tokens"
    junk: tuple[bytes, ...] = (b"", b"<html>", b"[]", b"{}", b"\xff\xfe")
    junk_events: tuple[bytes, ...] = (
        b"",
        b"data: {}\n\n",
        b"data: [DONE]\n\n",
        b"data: {\n\n",
        b"{}",
        b"data: []\n\n",
        b"\xff\xff\n\n",
        b"data: " + b"x" * 3_000_000,
    )

    def __init__(self, rng: random.Random, asked: Asked, work: Work, lie: str | None) -> None:
        self._rng, self._asked, self._work, self._lie = rng, asked, work, lie
        self._mute = work.mute = lie == "no usage" or rng.random() < 0.08

    def plain(self, words: int, final: Worked) -> list[Step]:
        """A whole answer."""
        if self._lie == "junk":
            return [Step(0.0, self._rng.choice(self.junk))]
        if self._lie == "error inside":
            return [Step(0.0, b'{"error":{"message":"no"}}')]
        return self._whole(words, final)

    def stream(self, words: int, final: Worked, pause_s: float) -> list[Step]:
        """A stream of words."""
        if self._lie == "junk":
            return [Step(0.0, self._rng.choice(self.junk_events))]
        return self._events(words, final, pause_s)

    def _whole(self, words: int, final: Worked) -> list[Step]:
        raise NotImplementedError

    def _events(self, words: int, final: Worked, pause_s: float) -> list[Step]:
        raise NotImplementedError

    def _text(self, words: int) -> str:
        return " ".join(self._rng.choices(WORDS, k=words))

    @property
    def _tells(self) -> bool:
        return not self._mute and self._lie != "nonsense usage"

    def _told(self, final: Worked) -> Worked | None:
        return final if self._tells else None

    def _breaks(self, n: int, words: int) -> bool:
        return n == words // 2 and (self._lie == "broken off" or self._rng.random() < 0.02)

    def _nonsense(self) -> Any:
        told = self._rng.choice(_NONSENSE)
        if not isinstance(told, dict):
            return told
        prompt, completion = told.get("prompt_tokens"), told.get("completion_tokens")
        if type(prompt) is int and type(completion) is int and min(prompt, completion) > 0:
            cached = int(told.get("prompt_tokens_details", {}).get("cached_tokens", 0))
            self._work.says = prompt + cached, completion, cached
        elif type(told.get("total_tokens")) is int and prompt is None:
            self._work.says = told["total_tokens"], 0, 0
        return {self._renamed(name): value for name, value in told.items()}

    def _renamed(self, name: str) -> str:
        return name.replace("prompt_tokens", self.prompt).replace("completion_tokens", self.completion)

    def _bent(self, usage: dict[str, Any]) -> dict[str, Any]:
        """Now and then, whole numbers as others write them."""
        if self._rng.random() < 0.05:
            wrong = self._rng.choice([float, str])
            for name in usage.keys() & {self.prompt, self.completion, "total_tokens"}:
                usage[name] = wrong(usage[name])
        return usage
