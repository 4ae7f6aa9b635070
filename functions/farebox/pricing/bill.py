"""Bills: the most that a request can cost, and what it did cost. Whole numbers only; rounded once, up.

Unit prices are nano-USD per 1,000,000 tokens, so a published "0.0375 USD per 1M" is exactly 37,500,000. One token at
such a price costs millionths of a nano-USD: **femto-USD** (1e-15 USD), in which a bill's lines are exact. Their sum
times the multiplier is rounded up to a whole nano-USD, so no request that has a price is free, and a million requests
are charged what their sum is worth, give or take a millionth of a cent in all.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import NANOS_PER_USD, ceil_div, format_usd
from functions.farebox.pricing.price import PRICED_TOKENS, SEARCH, Price
from functions.farebox.pricing.rates import Rates
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage

FEMTOS_PER_NANO = 1_000_000
ONE_BP = 10_000  # a multiplier of exactly 1, in basis points
MAX_MULTIPLIER_BP = 100 * ONE_BP
_EXACT_PER_NANO = FEMTOS_PER_NANO * ONE_BP  # femto-USD times basis points: what sums are kept in until they are rounded
_EXACT_PLACES = 19  # decimals of one of these in USD
MAX_CALLS = 10_000  # of one tool, in one request; a count beyond this is malformed
NO_CALLS: Mapping[str, int] = {}


class Line(Struct, frozen=True):
    """One position of a bill: `count` at `unit_price` nano-USD per `per` of them."""

    token_class: str  # a class of `Rates`, `request`, or a tool of `Price.calls`
    count: int
    unit_price: int
    per: int

    @property
    def amount(self) -> int:
        """Femto-USD, exact."""
        return self.count * self.unit_price * (FEMTOS_PER_NANO // self.per)


class Bill(Struct, frozen=True):
    """What a request cost and why. A class of which there was nothing has no line.

    `service_tier` and `above_prompt_tokens` tell the rates that its lines have: `""` and 0 are the standard ones.
    """

    model: str
    price_version: str
    lines: tuple[Line, ...]
    multiplier_bp: int = ONE_BP
    service_tier: str = ""
    above_prompt_tokens: int = 0

    @property
    def total(self) -> int:
        """Nano-USD: the exact sum times the multiplier, rounded up."""
        return ceil_div(self._exact, _EXACT_PER_NANO)

    @property
    def list_total(self) -> int:
        """What it comes to at list prices."""
        return self.total if self.multiplier_bp == ONE_BP else replace(self, multiplier_bp=ONE_BP).total

    @property
    def _exact(self) -> int:
        return sum([line.amount for line in self.lines]) * self.multiplier_bp

    def _rates(self) -> dict[str, str | int]:
        """Which rates its lines have, where they are not the standard ones."""
        told: dict[str, str | int] = {}
        if self.service_tier:
            told["service_tier"] = self.service_tier
        if self.above_prompt_tokens:
            told["above_prompt_tokens"] = self.above_prompt_tokens
        return told

    def to_data(self) -> dict[str, Any]:
        """For storage: whole numbers, from which `bill_json` writes what a receipt shows."""
        return {
            "model": self.model,
            "price_version": self.price_version,
            "multiplier_bp": self.multiplier_bp,
            **self._rates(),
            "lines": [
                {"class": line.token_class, "count": line.count, "unit_price": line.unit_price, "per": line.per}
                for line in self.lines
            ],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Bill":
        """From storage."""
        lines = (Line(line["class"], line["count"], line["unit_price"], line["per"]) for line in data["lines"])
        return cls(
            data["model"],
            data["price_version"],
            tuple(lines),
            data["multiplier_bp"],
            data.get("service_tier", ""),
            data.get("above_prompt_tokens", 0),
        )

    def to_json(self) -> dict[str, Any]:
        """For receipts: enough for `recompute`, and to do it by hand.

        `total_usd = ceil(multiplier * sum of count * unit_price_usd / per, to 1e-9)`, and
        `exact_usd + rounding_usd = total_usd`.
        """
        exact = self._exact
        total = ceil_div(exact, _EXACT_PER_NANO)
        return {
            "model": self.model,
            "price_version": self.price_version,
            **self._rates(),
            "lines": [
                {
                    "class": line.token_class,
                    "count": line.count,
                    "unit_price_usd": format_usd(line.unit_price),
                    "per": line.per,
                    "amount_usd": _format_exact(line.amount * ONE_BP),
                }
                for line in self.lines
            ],
            "multiplier": format_multiplier(self.multiplier_bp),
            "exact_usd": _format_exact(exact),
            "rounding_usd": _format_exact(total * _EXACT_PER_NANO - exact),
            "total_usd": format_usd(total),
        }


def charge(
    price: Price,
    usage: Usage,
    n_requests: int = 1,
    *,
    tier: str | None = None,
    multiplier_bp: int = ONE_BP,
) -> Bill:
    """The bill for what was used, all of it at the rates that its prompt's length reached.

    `tier` is the service tier that served it (`Price.tier_served`), `multiplier_bp` the seller's factor on the list
    price. A call of a tool that has no price here is on no bill (`unpriced_calls`).
    """
    rates = price.rates(usage.prompt_tokens, tier) if price.variants else price
    counts = (
        ("input", usage.plain_input_tokens),
        ("cached_input", usage.cached_tokens),
        ("cache_write", usage.cache_write_tokens),
        ("audio_input", usage.audio_input_tokens),
        ("output", usage.plain_output_tokens),
        ("reasoning", usage.reasoning_tokens),
        ("audio_output", usage.audio_output_tokens),
    )
    lines = [Line(name, count, getattr(rates, name), PRICED_TOKENS) for name, count in counts if count]
    if usage.cache_write_1h_tokens or usage.image_input_tokens or usage.image_output_tokens:
        rarer = (
            ("cache_write_1h", usage.cache_write_1h_tokens),
            ("image_input", usage.image_input_tokens),
            ("image_output", usage.image_output_tokens),
        )
        lines += [Line(name, count, rates.rate(name), PRICED_TOKENS) for name, count in rarer if count]
    if price.request and n_requests:
        lines.append(Line("request", n_requests, price.request, 1))
    if price.calls and (usage.searches or usage.calls):
        made = _calls_made(price, usage)
        lines += [
            Line(name, min(made[name], MAX_CALLS), price.calls[name], 1) for name in price.calls if made.get(name)
        ]
    return Bill(price.model, price.version, tuple(lines), multiplier_bp, rates.service_tier, rates.above_prompt_tokens)


def unpriced_calls(price: Price, usage: Usage) -> list[str]:
    """The tools that were called and that a model has no price for."""
    called = [name for name, times in usage.calls if times]
    return [name for name in (*called, *([SEARCH] if usage.searches else ())) if price.tool_priced_as(name) is None]


def _calls_made(price: Price, usage: Usage) -> dict[str, int]:
    """The calls that are charged, by the names of their prices."""
    made = {SEARCH: usage.searches}
    for name, times in usage.calls:
        priced = price.tool_priced_as(name)
        if priced is not None:
            made[priced] = made.get(priced, 0) + times
    return made


def most(
    price: Price,
    prompt_tokens: int,
    completion_tokens: int,
    n_requests: int = 1,
    *,
    tier: str | None = None,
    calls: Mapping[str, int] = NO_CALLS,
    hour_cache: bool = True,
    found_tokens: int = 0,
    multiplier_bp: int = ONE_BP,
) -> int:
    """The most nano-USD that so many tokens can cost, whichever classes they turn out to be in.

    With `n` choices, `completion_tokens` is `n` times the cap. `tier` is the service tier asked for, `calls` the most
    calls of each tool, searches among them. `hour_cache` is false where nothing is written into a cache for an hour.
    `found_tokens` are texts that the prompt has beside what was sent.
    """
    rates = price.rates(prompt_tokens + found_tokens, tier) if price.variants else price
    femtos = _prompt_cost(rates, prompt_tokens, found_tokens, hour_cache=hour_cache)
    femtos += completion_tokens * rates.dearest_output
    femtos += (n_requests * price.request + _calls_cost(price, calls)) * FEMTOS_PER_NANO
    return ceil_div(femtos * multiplier_bp, _EXACT_PER_NANO)


def largest_completion(
    price: Price,
    prompt_tokens: int,
    money: int,
    n_requests: int = 1,
    *,
    tier: str | None = None,
    calls: Mapping[str, int] = NO_CALLS,
    hour_cache: bool = True,
    found_tokens: int = 0,
    multiplier_bp: int = ONE_BP,
) -> int:
    """The most completion tokens, over all choices, for which `most` fits into `money` nano-USD: 0 if not one does."""
    rates = price.rates(prompt_tokens + found_tokens, tier) if price.variants else price
    femtos = money * _EXACT_PER_NANO // multiplier_bp
    femtos -= _prompt_cost(rates, prompt_tokens, found_tokens, hour_cache=hour_cache)
    femtos -= (n_requests * price.request + _calls_cost(price, calls)) * FEMTOS_PER_NANO
    if femtos < 0:
        return 0
    return min(femtos // rates.dearest_output, MAX_TOKENS) if rates.dearest_output else MAX_TOKENS


def _prompt_cost(rates: Rates, prompt_tokens: int, found_tokens: int, *, hour_cache: bool) -> int:
    cost = prompt_tokens * (rates.dearest_input if hour_cache else rates.dearest_input_5m)
    return cost + found_tokens * rates.dearest_text(hour_cache=hour_cache) if found_tokens else cost


def _calls_cost(price: Price, calls: Mapping[str, int]) -> int:
    return sum([count * price.call(name) for name, count in calls.items()]) if calls else 0


def bill_json(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a receipt shows of a stored bill. Those of the first version are stored as they are shown."""
    return stored if "multiplier" in stored else Bill.from_data(stored).to_json()


def recompute(bill: Mapping[str, Any]) -> int:
    """The total of a bill, in nano-USD, from its JSON alone: what anybody can do with a receipt, offline."""
    exact = sum(
        (line["count"] * Fraction(line["unit_price_usd"]) / line["per"] for line in bill["lines"]), start=Fraction()
    )
    return ceil(exact * Fraction(bill["multiplier"]) * NANOS_PER_USD)


def parse_multiplier(text: str) -> int:
    """The basis points of a multiplier such as `"1.25"`: above 0, at most 100, at most four decimals."""
    whole, _, decimals = text.partition(".")
    if not (f"{whole}{decimals}".isascii() and whole.isdigit() and f"{decimals}0".isdigit() and len(text) <= 8):
        raise InvalidRequest(
            "Write a multiplier as a decimal string of at most eight characters, like 1.25.",
            code="invalid_multiplier",
            param="multiplier",
        )
    if len(decimals) > 4 or not 0 < (points := int(whole + decimals.ljust(4, "0"))) <= MAX_MULTIPLIER_BP:
        raise InvalidRequest(
            "A multiplier is above 0, at most 100, and has at most four decimals.",
            code="invalid_multiplier",
            param="multiplier",
        )
    return points


def format_multiplier(points: int) -> str:
    """The shortest decimal string of a multiplier: `"1"`, `"1.25"`."""
    return _decimal(points, 4)


def _format_exact(amount: int) -> str:
    return _decimal(amount, _EXACT_PLACES)


def _decimal(number: int, places: int) -> str:
    """`number * 10**-places` as the shortest exact decimal string."""
    whole, fraction = divmod(number, 10**places)
    return f"{whole}.{fraction:0{places}d}".rstrip("0").rstrip(".")
