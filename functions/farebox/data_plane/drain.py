"""Drains: an upstream that is listened to after its client has hung up, for the count that only it knows.

What a client was sent can be counted here, but for what nobody sees: what a model thinks to itself, what media come
to, what a search finds, and whether anything was done at all before the first word. Where there may be such, the
upstream is read on, relayed to nobody, until it has reported its usage, or `FAREBOX_DRAIN_S` are over since the client
went. Where there is not, it is stopped at once.

A request **may be thought about unseen** if any of this is so:

- it asks for reasoning (`reasoning`, `thinking`, or another of its names), unless it says none;
- its model is known to reason by its name, be it the public one, the upstream's or the price's;
- the price has a price of its own for reasoning;
- what came shows thoughts, which may be a summary of them, or a report that counts some.
"""

import re
from collections.abc import Mapping

from functions.farebox.data_plane.disconnect import HangUp, HungUp
from functions.farebox.data_plane.request import Request
from functions.farebox.gateway.answers import Source, StreamAnswer
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.pricing.price import Price

_REASONING = ("reasoning", "reasoning_effort", "thinking", "enable_thinking", "thinking_budget")
_TIER = "service_tier"
_NO_REASONING = frozenset({"none", "off", "disabled"})
_REASONS = re.compile(
    r"(^|[/.:~@])(o[1-9](?![a-z\d])|gpt-(?!5[\d.]*-chat)[5-9]|gpt-oss|codex|gemini-(2\.5|[3-9])|gemini-(flash|pro)-latest"
    r"|grok-([4-9]|3-mini|code)|qwq|qwen-?3|magistral|kimi-k[2-9]|glm-(4\.[5-9]|[5-9]|z1)|minimax-m|step-[3-9]|sonar-(reason|deep)"
    r"|nova-(2|premier)|deepseek-(v?[4-9]|v3\.[1-9])|seed-|hunyuan-t|ernie-x)"
    r"|reason|think|deepseek-?r\d|[-/]r1(?![a-z\d])",
    re.IGNORECASE,
)


def reasons_by_name(model: str) -> bool:
    """Whether a model is known to think before it speaks, by its name. One that only does when it is asked to, such as
    Claude, is not."""
    return _REASONS.search(model) is not None


def asks_to_reason(body: Mapping[str, object]) -> bool:
    """Whether a request asks for reasoning, in whichever words."""
    return any(body.get(name) and not _declines(body[name]) for name in _REASONING)


def _declines(wish: object) -> bool:
    if isinstance(wish, Mapping):
        words = [wish.get(name) for name in ("type", "effort")]
        return wish.get("enabled") is False or any(isinstance(word, str) and word in _NO_REASONING for word in words)
    return isinstance(wish, str) and wish in _NO_REASONING


class Drain:
    """Whether a stream is to be listened to after its client has gone, and the listening."""

    def __init__(self, request: Request, source: Source, price: Price) -> None:
        checked, names = request.checked, (request.model, source.model, source.price)
        self._hides = (
            asks_to_reason(checked.fields)
            or any(reasons_by_name(name) for name in names)
            or price.reasoning != price.output
            or any(feature.param != _TIER for feature in checked.features)  # searches, sound: what comes is no text
            or bool(checked.media)
        )
        self._spoke = False

    @property
    def may_hide(self) -> bool:
        """Whether more may be done than is seen, by what was asked for and of whom."""
        return self._hides

    def hides(self, seen: StreamInspector) -> bool:
        """Whether more may have been done than was seen."""
        usage = seen.usage
        thought = usage is not None and usage.reasoning_tokens > 0
        return self._hides or thought or seen.thought_something or seen.media_tokens() > 0

    def is_over(self, seen: StreamInspector) -> bool:
        """Whether all is known that was done until now: reported, or there to be counted.

        Before the first word nothing is: not even a report counts then, for it may have come before the thinking.
        """
        if seen.over:
            return True
        self._spoke = self._spoke or seen.said_something
        if not self._spoke:
            return False
        usage = seen.usage
        if usage is not None and seen.usage_is_final:
            return True
        self._hides = self.hides(seen)
        return not self._hides

    async def listen(self, answer: StreamAnswer, hang_up: HangUp, drain_s: float) -> bool:
        """Read on, until it is over or the time is; answers whether it is over."""
        seen = answer.inspector
        try:
            while not self.is_over(seen):
                await hang_up.outlast(lambda: anext(answer, None), drain_s)
        except HungUp:
            return self.is_over(seen)
        return True
