"""Doubts about an answer's count: what its upstream may charge for, and did not tell.

A report is taken at its word, and the client is charged by it. Where it cannot be all, the operator has the rest in the
books as a loss, and is told:

| what is found | is lost, beyond the charge |
| --- | --- |
| no report, from a model that may have thought unseen, or that said nothing | up to what was held for |
| a break in the middle, of which the upstream said nothing | up to what was held for |
| a completion of no tokens although text came, or of fewer than a fourth of what is counted in it | up to that count |
| a prompt of fewer tokens than a fourth of what is counted in what was sent | up to that count |
| no report, and more text than could be asked for | all that came |
| a search, or a call of another tool, and no price for one | up to what was held for |
| nothing of how often a tool with a price was called | the calls that were held for (`untold`) |
| a cost of its own, in USD, above the bill at list prices | the difference |

The counts are taken only where a cheap look has found too few: vocabularies differ by less than the factor in it.
"""

from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from functions.farebox.data_plane.admission import Admitted
from functions.farebox.data_plane.measure import FEW, Measured, Said, count_texts
from functions.farebox.data_plane.request import Request
from functions.farebox.pricing.bill import unpriced_calls
from functions.farebox.pricing.price import SEARCH, Price
from functions.farebox.request.counting import count_prompt
from functions.farebox.tokens.usage.usage import Usage

_MANY_BYTES = 32  # more than a token has, in a text of any length


@dataclass(slots=True)
class Doubt:
    """Why an answer may have cost more than it is charged. `at_most` is what was used then; `None`: nobody knows, so
    all that was held for. `cost` is what its upstream says itself, in nano-USD."""

    why: str
    at_most: Usage | None = None
    cost: int = 0


class Answered(Said, Protocol):
    """An answer that has come to its end, as far as it did."""

    @property
    def size(self) -> int:
        """About how many bytes of text are in it at most."""

    @property
    def told_cost(self) -> int:
        """What its upstream says that it cost, in nano-USD; 0 where it says nothing."""


async def doubt_of(
    answer: Answered, measured: Measured, request: Request, admitted: Admitted, price: Price
) -> Doubt | None:
    """What there is to doubt of an answer that reported its usage after all that it said."""
    usage, cost = measured.usage, answer.told_cost
    unpriced = unpriced_calls(price, usage)
    if unpriced:
        what = "it searched" if unpriced == [SEARCH] else f"it called {', '.join(unpriced)}"
        return Doubt(f"{what}, and there is no price for that", cost=cost)
    most = usage
    if request.completes and usage.completion_tokens * _MANY_BYTES < answer.size:
        most = await _with_what_came(answer, most, request)
    told = usage.prompt_tokens
    if told * _MANY_BYTES < len(request.checked.encoded) and told * FEW < admitted.prompt_bound:
        most = await _with_what_was_sent(most, request, admitted)
    if most is not usage:
        return Doubt("its report tells of less than what was sent or came", most, cost)
    return Doubt("its upstream says that it cost more", usage, cost) if cost else None


async def _with_what_came(answer: Answered, usage: Usage, request: Request) -> Usage:
    texts = answer.texts()
    chars = sum(map(len, texts)) + answer.uncounted_bytes()
    if usage.completion_tokens * FEW >= chars:  # few of them, if any, are of several tokens
        return usage
    counted = await count_texts(answer, request)
    if not _is_few(usage.completion_tokens, counted):
        return usage
    return replace(usage, completion_tokens=max(usage.completion_tokens, counted))


async def _with_what_was_sent(usage: Usage, request: Request, admitted: Admitted) -> Usage:
    counted = await count_prompt(request.checked, request.model, pass_fields=admitted.pass_fields)
    tokens = min(counted.tokens - counted.media_tokens, admitted.prompt_bound)
    if not _is_few(usage.prompt_tokens, tokens):
        return usage
    return replace(usage, prompt_tokens=max(usage.prompt_tokens, tokens))


def _is_few(told: int, counted: int) -> bool:
    return told * FEW < counted
