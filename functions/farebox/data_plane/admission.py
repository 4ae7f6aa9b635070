"""Admission: bounds what a request can cost, and holds that much of the wallet before it is sent anywhere.

The bound costs nothing: a byte bounds any token from above. Only where it does not fit the money, the tokens of the
minute or, beside an answer, the model's context are the tokens counted exactly; and only then is the completion cap
lowered to what those allow, never below a floor.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from functions.farebox.data_plane.prompt import Prompt
from functions.farebox.errors import OutOfMoney, RateLimited
from functions.farebox.gateway.upstream import NO_FIELDS
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.pool import Hold, LeasePool
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.pricing.bill import MAX_CALLS, NO_CALLS, ONE_BP, largest_completion
from functions.farebox.pricing.bound import Bound
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
    calls: Mapping[str, int] = field(default_factory=lambda: NO_CALLS)  # the most of each tool
    hour_cache: bool = False

    @property
    def bound(self) -> Bound:
        """The most that its upstream may do for it."""
        tiers = (None,) if self.tier is None else (None, self.tier)
        return Bound(self.prompt_bound, self.output_bound, tiers, self.calls, self.hour_cache)


@dataclass(slots=True)
class _Wish:
    """What a request may be charged for, beside its prompt and its choices."""

    price: Price
    checked: Checked
    multiplier_bp: int
    tiers: tuple[str | None, ...] = (None,)  # that it may be served in, the one that it asks for last
    calls: Mapping[str, int] = field(default_factory=lambda: NO_CALLS)  # the most of each tool
    hour_cache: bool = False

    def add_features(self) -> None:
        """Count what has a price of its own."""
        tools = self.price.calls
        features = self.checked.features
        self.calls = {feature.name: self._most_calls(feature) for feature in features if feature.name in tools}
        self.hour_cache = any(feature.name == HOUR_CACHE for feature in features)
        tier = next((feature.name for feature in features if feature.param == "service_tier"), None)
        if tier is not None:
            self.tiers = (None, tier)

    def _most_calls(self, feature: Feature) -> int:
        in_one_choice = CALLS_HELD_FOR if feature.most is None else feature.most
        return min(in_one_choice * self.checked.generated, MAX_CALLS)

    def most(self, prompt: int, output: int) -> int:
        """The most nano-USD that so many tokens can cost this caller, in the dearest of its tiers."""
        bound = Bound(prompt, output, self.tiers, self.calls, self.hour_cache)
        return bound.cost(self.price, self.multiplier_bp)

    def ask(self, prompt: int, cap: int, floor: int) -> Ask:
        """What to ask of the lease for a prompt of so many tokens, if the cap may go down to `floor`."""
        output = self.checked.output_bound(cap)
        ideal, tokens = self.most(prompt, output), prompt + output
        if floor == cap:
            return Ask(ideal, ideal, tokens, tokens)
        least = self.checked.output_bound(floor)
        return Ask(ideal, self.most(prompt, least), tokens, prompt + least)

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
    served_as: Callable[[str], frozenset[str]] = lambda _model: frozenset(),
    told_context: int | None = None,
    multiplier_bp: int = ONE_BP,
) -> Admitted:
    """Hold what a request may cost. `pass_fields` are those that some upstream of it lets through, `told_context` is
    the context in tokens that its upstreams tell, `served_as` answers by what names they know a model, and
    `multiplier_bp` is the caller's factor on list prices.

    Raises `InvalidRequest` for what somebody who may answer has no price for and for a prompt over the model's context,
    `OutOfMoney`, `RateLimited` or `StoreUnavailable`.
    """
    price = tariff.ceiling
    wish = _Wish(price, checked, multiplier_bp)
    if checked.features:
        _refuse_unpriced(tariff, checked)
        wish.add_features()
    completes = checked.endpoint != "/embeddings"
    cap = _wanted_cap(price, checked) if completes else 0
    floor = min(FLOOR, cap)
    prompt = Prompt(checked, tariff, pass_fields, told_context if completes else None, served_as)
    if not prompt.surely_fits_beside(cap):
        cap = min(cap, await prompt.room_beside(floor))
    try:
        asked = wish.ask(prompt.most, cap, cap)
        hold = await leases.take(uid, terms, asked, patient=False)
    except (OutOfMoney, RateLimited):
        await prompt.count()
        asked = wish.ask(prompt.most, cap, floor)
        hold = await leases.take(uid, terms, asked)
    if hold.amount < asked.ideal or hold.share.tokens < asked.tokens:
        cap = max(floor, min(cap, wish.largest_cap(prompt.most, hold)))
    output = checked.output_bound(cap)
    return Admitted(
        hold,
        cap if completes else None,
        prompt.most,
        output,
        wish.tiers[-1],
        pass_fields,
        wish.calls,
        wish.hour_cache,
    )


def _refuse_unpriced(tariff: Tariff, checked: Checked) -> None:
    """Refuse what nobody could charge: it would be served at the operator's cost."""
    features = sorted(checked.features, key=lambda feature: feature.param)
    lack = tariff.lacks([feature.name for feature in features])
    if lack is None:
        return
    asking = next(feature for feature in features if feature.name == lack)
    tier = next((feature.name for feature in features if feature.param == "service_tier"), lack)
    where = "" if tier == lack else f" in the service tier {tier!r}"
    raise unsupported(
        asking.param,
        f"this model has no price for {lack!r}{where} here. Leave it out, or ask for a model whose pricing has one: "
        "GET /v1/models.",
    )


def _wanted_cap(price: Price, checked: Checked) -> int:
    """What the client named, at most what the model writes at once."""
    if checked.cap is None:
        return price.max_output_tokens or DEFAULT_CAP
    return checked.cap if price.max_output_tokens is None else min(checked.cap, price.max_output_tokens)
