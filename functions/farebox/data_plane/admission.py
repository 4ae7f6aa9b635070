"""Admission: bounds what a request can cost, and holds that much of the wallet before it is sent anywhere.

The bound costs nothing: a byte bounds any token from above. Only where it does not fit the money (or the tokens of
the minute) that is left are the tokens counted exactly, and only then is the completion cap lowered to what the money
allows, never below a floor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.farebox.errors import InvalidRequest, OutOfMoney, RateLimited
from functions.farebox.gateway.call import CAP_FIELDS
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.pool import Hold, LeasePool
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.pricing.bill import ONE_BP, largest_completion, most
from functions.farebox.pricing.price import Price
from functions.farebox.tokens.counting import bound_prompt, count_prompt

DEFAULT_CAP = 4096  # tokens of one choice, where neither the client nor the price list names a limit
FLOOR = 16  # a completion cap is never lowered below this many tokens


@dataclass(slots=True)
class Admitted:
    """A request that is paid for. `cap` is the most tokens that each choice may have, `None` for embeddings."""

    hold: Hold
    cap: int | None
    choices: int
    prompt_bound: int  # tokens; a bound, or the exact count where that was taken


@dataclass(slots=True)
class _Wish:
    price: Price
    choices: int
    cap: int
    multiplier_bp: int

    def most(self, prompt: int, completion: int) -> int:
        """The most that so many tokens can cost this caller."""
        return most(self.price, prompt, completion, multiplier_bp=self.multiplier_bp)

    def ask(self, prompt: int, floor: int) -> Ask:
        """What to ask of the lease for a prompt of so many tokens, if the cap may go down to `floor`."""
        return Ask(
            ideal=self.most(prompt, self.choices * self.cap),
            minimum=self.most(prompt, self.choices * floor),
            tokens=prompt + self.choices * self.cap,
            tokens_minimum=prompt + self.choices * floor,
        )


async def admit(
    leases: LeasePool,
    uid: str,
    terms: KeyTerms,
    price: Price,
    body: Mapping[str, Any],
    raw: bytes,
    *,
    completes: bool,
    multiplier_bp: int = ONE_BP,
) -> Admitted:
    """Hold what a request may cost. `completes` is false for requests without a completion, such as embeddings;
    `multiplier_bp` is the caller's factor on list prices.

    Raises `InvalidRequest` for a prompt over the model's context, `OutOfMoney`, `RateLimited` or `StoreUnavailable`.
    """
    choices = (body.get("n") or 1) if completes else 1
    wish = _Wish(price, choices, _wanted_cap(price, body) if completes else 0, multiplier_bp)
    prompt = bound_prompt(raw, body, context_tokens=price.context_tokens)
    counted = price.context_tokens is not None and prompt > price.context_tokens
    if counted:
        prompt = await _count(price, body, prompt)
    try:
        hold = await leases.take(uid, terms, wish.ask(prompt, wish.cap), patient=False)
    except (OutOfMoney, RateLimited):
        if not counted:
            prompt = await _count(price, body, prompt)
        hold = await leases.take(uid, terms, wish.ask(prompt, min(FLOOR, wish.cap)))
    return Admitted(hold, _affordable_cap(wish, prompt, hold) if completes else None, choices, prompt)


def _wanted_cap(price: Price, body: Mapping[str, Any]) -> int:
    limits = [body[name] for name in CAP_FIELDS if body.get(name) is not None]
    if price.max_output_tokens is not None:
        limits.append(price.max_output_tokens)
    return min(limits, default=DEFAULT_CAP)


def _affordable_cap(wish: _Wish, prompt: int, hold: Hold) -> int:
    affordable = largest_completion(wish.price, prompt, hold.amount, multiplier_bp=wish.multiplier_bp)
    by_money = affordable // wish.choices
    by_tokens = (hold.share.tokens - prompt) // wish.choices
    return min(wish.cap, by_money, by_tokens)


async def _count(price: Price, body: Mapping[str, Any], bound: int) -> int:
    counted = await count_prompt(body, price.model, context_tokens=price.context_tokens)
    # An estimate may be off by half; what lies in between is the upstream's to judge, and costs nothing if refused.
    surely = counted.tokens if counted.exact else counted.tokens * 2 // 3
    if price.context_tokens is not None and surely > price.context_tokens:
        raise InvalidRequest(
            f"This model's context holds {price.context_tokens} tokens, but your messages have {counted.tokens}. "
            "Shorten them.",
            code="context_length_exceeded",
            param="messages",
        )
    return min(counted.ceiling, bound)
