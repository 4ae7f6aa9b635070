"""Admission: bounds what a request can cost, and holds that much of the wallet before it is sent anywhere.

The bound costs nothing: a byte bounds any token from above. Only where it does not fit the money, the tokens of the
minute or, beside an answer, the model's context are the tokens counted exactly; and only then is the completion cap
lowered to what those allow, never below a floor.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.farebox.data_plane.prompt import Prompt
from functions.farebox.errors import OutOfMoney, RateLimited
from functions.farebox.gateway.upstream import NO_FIELDS
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.pool import Hold, LeasePool
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.pricing.bill import MAX_CALLS, NO_CALLS, ONE_BP, largest_completion, most
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.request.checked import Checked
from functions.farebox.request.fate import Feature, unsupported

DEFAULT_CAP = 4096  # tokens of one choice, where neither the client nor the price list names a limit
FLOOR = 16  # a completion cap is never lowered below this many tokens
CALLS_HELD_FOR = 10  # of a tool, in one choice, where the request bounds them by nothing
HOUR_CACHE = "cache_write_1h"


@dataclass(slots=True)
class Admitted:
    """A request that is paid for. `cap` is the most tokens that each choice may have, `None` for embeddings; `tier` the
    service tier that it asked for and that has a price of its own. `pass_fields` are unknown fields that may be sent.
    """

    hold: Hold
    cap: int | None
    prompt_bound: int  # tokens; a bound, or the exact count where that was taken
    output_bound: int  # tokens that can be charged at most, over all choices
    tier: str | None = None
    pass_fields: frozenset[str] = NO_FIELDS


@dataclass(slots=True)
class _Wish:
    """What a request may be charged for, beside its prompt and its choices."""

    price: Price
    checked: Checked
    tiers: tuple[str | None, ...]  # that it may be served in
    calls: Mapping[str, int]
    hour_cache: bool
    multiplier_bp: int

    def most(self, prompt: int, cap: int) -> int:
        """The most nano-USD that it can cost this caller, in the dearest of its tiers."""
        output = self.checked.output_bound(cap)
        costs = [
            most(
                self.price,
                prompt,
                output,
                tier=tier,
                calls=self.calls,
                hour_cache=self.hour_cache,
                multiplier_bp=self.multiplier_bp,
            )
            for tier in self.tiers
        ]
        return max(costs)

    def ask(self, prompt: int, cap: int, floor: int) -> Ask:
        """What to ask of the lease for a prompt of so many tokens, if the cap may go down to `floor`."""
        ideal, tokens = self.most(prompt, cap), prompt + self.checked.output_bound(cap)
        if floor == cap:
            return Ask(ideal, ideal, tokens, tokens)
        return Ask(ideal, self.most(prompt, floor), tokens, prompt + self.checked.output_bound(floor))

    def largest_cap(self, prompt: int, hold: Hold) -> int:
        """The largest cap that a hold pays for."""
        affordable = min(
            largest_completion(
                self.price,
                prompt,
                hold.amount,
                tier=tier,
                calls=self.calls,
                hour_cache=self.hour_cache,
                multiplier_bp=self.multiplier_bp,
            )
            for tier in self.tiers
        )
        beside = self.checked.output_bound(0)
        return (min(affordable, hold.share.tokens - prompt) - beside) // self.checked.generated


async def admit(
    leases: LeasePool,
    uid: str,
    terms: KeyTerms,
    tariff: Tariff,
    checked: Checked,
    *,
    pass_fields: frozenset[str] = NO_FIELDS,
    multiplier_bp: int = ONE_BP,
) -> Admitted:
    """Hold what a request may cost. `pass_fields` are those that some upstream of it lets through, `multiplier_bp` is
    the caller's factor on list prices.

    Raises `InvalidRequest` for what somebody who may answer has no price for and for a prompt over the model's context,
    `OutOfMoney`, `RateLimited` or `StoreUnavailable`.
    """
    price = tariff.ceiling
    if checked.features:
        _refuse_unpriced(tariff, checked)
    tier = _tier(checked)
    completes = checked.endpoint != "/embeddings"
    cap = _wanted_cap(price, checked) if completes else 0
    floor = min(FLOOR, cap)
    prompt = Prompt(checked, tariff, pass_fields)
    if not prompt.surely_fits_beside(cap):
        cap = min(cap, await prompt.room_beside(floor))
    wish = _Wish(
        price,
        checked,
        (None,) if tier is None else (None, tier),
        _calls(price, checked),
        any(feature.name == HOUR_CACHE for feature in checked.features),
        multiplier_bp,
    )
    try:
        asked = wish.ask(prompt.most, cap, cap)
        hold = await leases.take(uid, terms, asked, patient=False)
    except (OutOfMoney, RateLimited):
        await prompt.count()
        asked = wish.ask(prompt.most, cap, floor)
        hold = await leases.take(uid, terms, asked)
    if hold.amount < asked.ideal or hold.share.tokens < asked.tokens:
        cap = max(floor, min(cap, wish.largest_cap(prompt.most, hold)))
    return Admitted(hold, cap if completes else None, prompt.most, checked.output_bound(cap), tier, pass_fields)


def _refuse_unpriced(tariff: Tariff, checked: Checked) -> None:
    """Refuse what nobody could charge: it would be served at the operator's cost."""
    for feature in sorted(checked.features, key=lambda feature: feature.param):
        if tariff.lacks((feature.name,)) is not None:
            raise unsupported(
                feature.param,
                f"this model has no price for {feature.name!r} here. Leave it out, or ask for a model whose pricing "
                "has one: GET /v1/models.",
            )


def _tier(checked: Checked) -> str | None:
    return next((feature.name for feature in checked.features if feature.param == "service_tier"), None)


def _calls(price: Price, checked: Checked) -> Mapping[str, int]:
    """The most calls of each tool that has a price of its own."""
    if not checked.features or not price.calls:
        return NO_CALLS
    return {
        feature.name: min(_most_calls(feature) * checked.generated, MAX_CALLS)
        for feature in checked.features
        if feature.name in price.calls
    }


def _most_calls(feature: Feature) -> int:
    return CALLS_HELD_FOR if feature.most is None else feature.most


def _wanted_cap(price: Price, checked: Checked) -> int:
    """What the client named, at most what the model writes at once."""
    if checked.cap is None:
        return price.max_output_tokens or DEFAULT_CAP
    return checked.cap if price.max_output_tokens is None else min(checked.cap, price.max_output_tokens)
