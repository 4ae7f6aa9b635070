"""Admission: bounds what a request can cost, and holds that much of the wallet before it is sent anywhere.

The bound costs nothing: a byte bounds any token from above. Only where it does not fit the money, the tokens of the
minute or, beside an answer, the model's context are the tokens counted exactly; and only then is the completion cap
lowered to what those allow, never below a floor. What a vendor may call is lowered before that, where what is sent can
say so, until an answer of usual length fits beside it, but never below one call.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from msgspec import Struct

from functions.farebox.data_plane.prompt import Prompt
from functions.farebox.errors import InvalidRequest, OutOfMoney, RateLimited
from functions.farebox.gateway.speech.forms import Forms
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
from functions.farebox.request.tools.calls import MAX_TOOL_CALLS
from functions.farebox.tokens.found import LONGEST_CONTEXT, read_again
from functions.farebox.tokens.usage.usage import MAX_TOKENS

DEFAULT_CAP = 4096  # tokens of one choice, where neither the client nor the price list names a limit
FLOOR = 16  # a completion cap is never lowered below this many tokens
CALLS_HELD_FOR = 10  # of a tool, in one choice, where the request bounds them by nothing
HOUR_CACHE = "cache_write_1h"
_FEWER_CALLS = (
    "What its vendor's tools find is read as well, once more at every call: bound the calls, by a tool's 'max_uses' or "
    "by 'max_tool_calls', or leave the tools out."
)


NO_OTHERS: "Mapping[str, Admitted]" = MappingProxyType({})


class Admitted(Struct, frozen=True):
    """A request that is paid for. `cap` is the most tokens that each choice may have, `None` for embeddings; `tier` the
    service tier that it asked for and that has a price of its own. `pass_fields` are unknown fields that may be sent.
    `fewer_calls` is the most of each tool in a choice, where the request is to be sent with fewer than it asks for.
    `others` is the same by name for the fallback models that the hold covers as well.
    """

    hold: Hold
    cap: int | None
    prompt_bound: int  # tokens; a bound, or the exact count where that was taken, and all that tools may find
    output_bound: int  # tokens that can be charged at most, over all choices
    tier: str | None = None
    pass_fields: frozenset[str] = NO_FIELDS
    calls: Mapping[str, int] = NO_CALLS  # the most of each tool
    hour_cache: bool = False
    found: int = 0  # of `prompt_bound`, what tools may find and what is read again for it
    fewer_calls: int | None = None
    others: "Mapping[str, Admitted]" = NO_OTHERS

    @property
    def bound(self) -> Bound:
        """The most that its upstream may do for it."""
        tiers = (None,) if self.tier is None else (None, self.tier)
        sent = self.prompt_bound - self.found
        return Bound(sent, self.output_bound, tiers, self.calls, self.hour_cache, self.found)


@dataclass(slots=True)
class Offer:
    """A fallback model: the request in its name, and what `admit` is told of the model that was asked for."""

    checked: Checked
    tariff: Tariff
    pass_fields: frozenset[str] = NO_FIELDS
    told_context: int | None = None
    forms: Forms | None = None
    drop_fields: frozenset[str] = NO_FIELDS


class _Wish:
    """What a model may be charged for, and the cap that fits it.

    `tiers` may serve it, the one that it asks for last; `calls` is the most of each tool, and `fewer_calls` that of
    each in a choice, where that is less than was asked for. `others` are the forms that some upstream of it may be sent
    beside `checked`, nearly always none.
    """

    __slots__ = (
        "_called", "_finds", "_multiplier_bp", "_others", "_pass_fields", "_price", "_step_tokens", "_tries_beyond",
        "calls", "cap", "checked", "fewer_calls", "floor", "hour_cache", "prompt", "tiers",
    )  # fmt: skip

    def __init__(
        self,
        checked: Checked,
        tariff: Tariff,
        pass_fields: frozenset[str],
        drop_fields: frozenset[str],
        told_context: int | None,
        served_as: Callable[[str], frozenset[str]],
        multiplier_bp: int,
        others: Sequence[Checked],
    ) -> None:
        price = tariff.ceiling
        self.checked = checked
        self._others = others
        self._pass_fields = pass_fields
        self._price = price
        self._multiplier_bp = multiplier_bp
        self.tiers: tuple[str | None, ...] = (None,)
        self.calls = NO_CALLS
        self.fewer_calls: int | None = None
        self.hour_cache = False
        self._called: Sequence[Feature] = ()
        self._finds: Sequence[tuple[int, int]] = ()  # tokens that a call of a tool brings, and calls in a choice
        self._step_tokens = 0  # that are read for one call at most
        self._tries_beyond = False
        features = checked.features
        if others:
            features = features.union(*(other.features for other in others))
        if features:
            _refuse_unpriced(tariff, features)
            self._add_features(features, tariff, drop_fields)
        completes = checked.endpoint != "/embeddings"
        self.cap = _wanted_cap(price, checked) if completes else 0
        self.floor = min(FLOOR, self.cap)
        self.prompt = Prompt((checked, *others), tariff, pass_fields, told_context if completes else None, served_as)

    async def fit(self) -> None:
        """Lower the cap to what the context has room for. Raises `InvalidRequest` where it has none."""
        if not self.prompt.surely_fits_beside(self.cap):
            self.cap = min(self.cap, await self.prompt.room_beside(self.floor))

    def _add_features(self, features: frozenset[Feature], tariff: Tariff, drop_fields: frozenset[str]) -> None:
        """Count what has a price of its own."""
        called = [feature for feature in features if feature.name in self._price.calls]
        if called:
            is_unsent = self.checked.endpoint == "/responses" and MAX_TOOL_CALLS in drop_fields
            self._called = [_unbounded(feature) for feature in called] if is_unsent else called
            contexts = [each.context_tokens or LONGEST_CONTEXT for each in tariff.prices.values()]
            self._step_tokens = max(contexts)
            self._count_calls(None)
        self.hour_cache = any(feature.name == HOUR_CACHE for feature in features)
        tier = next((feature.name for feature in features if feature.param == "service_tier"), None)
        if tier is not None:
            self.tiers = (None, tier)

    def _count_calls(self, fewer: int | None) -> None:
        """Count the calls of tools; of those whose bound is sent, at most so many in a choice."""
        self.fewer_calls = fewer
        self._tries_beyond = False
        calls: dict[str, int] = {}
        finds = []
        for feature in self._called:
            times = _calls_in_a_choice(feature)
            if feature.bound_is_sent and (fewer is not None or feature.most is not None):
                times = times if fewer is None else min(times, fewer)
                self._tries_beyond = self.checked.endpoint == "/messages"
            calls[feature.name] = min(calls.get(feature.name, 0) + times * self.checked.generated, MAX_CALLS)
            finds.append((self._price.found_tokens(feature.name), times))
        self.calls, self._finds = calls, finds

    @property
    def _most_calls(self) -> int:
        """The most calls in a choice of a tool whose bound is sent; 0 where there is none."""
        return max((_calls_in_a_choice(feature) for feature in self._called if feature.bound_is_sent), default=0)

    @property
    def found(self) -> int:
        """The most tokens that are read beside the prompt: what its vendor's tools find, and all of it again for each
        of their calls."""
        if not self._finds:
            return 0
        again = read_again(self._finds, self.prompt.most, self._step_tokens, tries_beyond=self._tries_beyond)
        return min(self.checked.generated * again, MAX_TOKENS)

    @property
    def finds(self) -> bool:
        """Whether its vendor may find something for it, which is read as well."""
        return any(found for found, _ in self._finds)

    def output_bound(self, cap: int) -> int:
        """The most tokens of output that can be charged where each choice is sent with this cap."""
        bound = self.checked.output_bound(cap)
        return max(bound, *(other.output_bound(cap) for other in self._others)) if self._others else bound

    def most(self, found: int, output: int) -> int:
        """The most nano-USD that its prompt and so many tokens can cost this caller, in the dearest of its tiers."""
        bound = self._bound(found, output)
        return bound.cost(self._price, self._multiplier_bp)

    def _bound(self, found: int, output: int) -> Bound:
        sent = self.prompt.most
        if self.checked.media:  # which may be dearer than text, and is read again as well
            sent, found = sent + found, 0
        return Bound(sent, output, self.tiers, self.calls, self.hour_cache, found)

    def ask(self) -> Ask:
        """What to ask of the lease for all of it."""
        most, tokens = self._needs(self.cap)
        return Ask(most, most, tokens, tokens)

    def ask_less(self) -> Ask:
        """The same, or down to one call of each tool whose bound is sent and to the floor of the cap."""
        most, tokens = self._needs(self.cap)
        if self._most_calls > 1:
            self._count_calls(1)
        least, least_tokens = self._needs(self.floor)
        if self.fewer_calls is not None:
            self._count_calls(None)
        return Ask(most, least, tokens, least_tokens)

    def _needs(self, cap: int) -> tuple[int, int]:
        """The most nano-USD and tokens that it may take with that cap."""
        found, output = self.found, self.output_bound(cap)
        return self.most(found, output), self.prompt.most + found + output

    def largest_cap(self, hold: Hold) -> int:
        """The largest cap that a hold pays for."""
        bound = self._bound(self.found, 0)
        affordable = min(
            largest_completion(
                self._price,
                bound.prompt,
                hold.amount,
                tier=tier,
                calls=self.calls,
                hour_cache=self.hour_cache,
                found_tokens=bound.found,
                multiplier_bp=self._multiplier_bp,
            )
            for tier in self.tiers
        )
        tokens = min(affordable, hold.share.tokens - bound.prompt - bound.found)
        return min((tokens - form.output_bound(0)) // form.generated for form in (self.checked, *self._others))

    def fits(self, hold: Hold) -> bool:
        """Whether a hold pays for it, or for something less that it is lowered to."""
        return self._is_within(hold, self.cap) or (self.cap > 0 and self.lower(hold))

    def lower(self, hold: Hold) -> bool:
        """Lower the calls of tools, and then the cap, to what a hold pays for; whether that is as much as the least."""
        asked = most = self._most_calls
        if asked > 1:
            fits = 1
            while fits < most:
                calls = (fits + most + 1) // 2
                self._count_calls(calls if calls < asked else None)
                if self._is_within(hold, min(self.cap, DEFAULT_CAP)):
                    fits = calls
                else:
                    most = calls - 1
            self._count_calls(fits if fits < asked else None)
        largest = self.largest_cap(hold)
        self.cap = max(self.floor, min(self.cap, largest))
        return largest >= self.floor

    def _is_within(self, hold: Hold, cap: int) -> bool:
        """Whether a hold covers it with that cap."""
        amount, tokens = self._needs(cap)
        return amount <= hold.amount and tokens <= hold.share.tokens

    def admitted(self, hold: Hold, others: Mapping[str, Admitted] = NO_OTHERS) -> Admitted:
        """What is held for it, as its cap is now."""
        bound = self._bound(self.found, 0)
        return Admitted(
            hold,
            self.cap if self.checked.endpoint != "/embeddings" else None,
            bound.prompt + bound.found,
            self.output_bound(self.cap),
            self.tiers[-1],
            self._pass_fields,
            self.calls,
            self.hour_cache,
            bound.found,
            self.fewer_calls,
            others,
        )


async def admit(
    leases: LeasePool,
    uid: str,
    terms: KeyTerms,
    tariff: Tariff,
    checked: Checked,
    *,
    pass_fields: frozenset[str] = NO_FIELDS,
    drop_fields: frozenset[str] = NO_FIELDS,
    served_as: Callable[[str], frozenset[str]] = lambda _model: frozenset(),
    told_context: int | None = None,
    multiplier_bp: int = ONE_BP,
    others: Sequence[Offer] = (),
    forms: Forms | None = None,
) -> Admitted:
    """Hold what a request may cost. `pass_fields` are those that some upstream of it lets through, `drop_fields` those
    that some upstream is not sent, `told_context` is the context in tokens that its upstreams tell, `served_as` answers
    by what names they know a model, and `multiplier_bp` is the caller's factor on list prices.

    `forms` has the request in the dialects of its upstreams, where some speak another than that of `checked`, by which
    it is counted: what is held covers all that may be sent.

    `others` are its fallback models, by rank. The hold covers the dearest of them, or, where that is too much, those
    that what is held for the first pays for; a model that has no price for something in the request, or too short a
    context for it, is none of them.

    Raises `InvalidRequest` for what somebody who may answer has no price for and for a prompt over the model's context,
    `OutOfMoney`, `RateLimited` or `StoreUnavailable`.
    """
    others_forms = _other_forms(forms)
    wish = _Wish(checked, tariff, pass_fields, drop_fields, told_context, served_as, multiplier_bp, others_forms)
    await wish.fit()
    more = [other for each in others if (other := await _fitting(each, served_as, multiplier_bp)) is not None]
    try:
        asked = wish.ask()
        hold = await leases.take(uid, terms, _together(asked, more) if more else asked, patient=False)
    except (OutOfMoney, RateLimited):
        await wish.prompt.count()
        asked = wish.ask_less()
        try:
            hold = await leases.take(uid, terms, asked)
        except OutOfMoney as error:
            if wish.finds:
                raise OutOfMoney(f"{error.message} {_FEWER_CALLS}", code=error.code, param=error.param) from error
            raise
        more = [each for each in more if await _counted(each)]
    if hold.amount < asked.ideal or hold.share.tokens < asked.tokens:
        wish.lower(hold)
    if not more:
        return wish.admitted(hold)
    return wish.admitted(hold, {each.checked.model: each.admitted(hold) for each in more if each.fits(hold)})


def _calls_in_a_choice(feature: Feature) -> int:
    return CALLS_HELD_FOR if feature.most is None else feature.most


def _unbounded(feature: Feature) -> Feature:
    """A tool at somebody who is not sent its bound."""
    return replace(feature, most=None, bound_is_sent=False) if feature.bound_is_sent else feature


def _other_forms(forms: Forms | None) -> Sequence[Checked]:
    return () if forms is None else forms.others


async def _fitting(offer: Offer, served_as: Callable[[str], frozenset[str]], multiplier_bp: int) -> _Wish | None:
    """A fallback model that can be asked; `None` where it has no price for something, or no room."""
    try:
        forms = _other_forms(offer.forms)
        wish = _Wish(
            offer.checked,
            offer.tariff,
            offer.pass_fields,
            offer.drop_fields,
            offer.told_context,
            served_as,
            multiplier_bp,
            forms,
        )
        await wish.fit()
    except InvalidRequest:
        return None
    return wish


async def _counted(wish: _Wish) -> bool:
    """Count the prompt of a fallback model; whether there is room for it."""
    try:
        await wish.prompt.count()
    except InvalidRequest:
        return False
    return True


def _together(asked: Ask, others: Iterable[_Wish]) -> Ask:
    """What covers whichever of them answers."""
    asks = [asked, *(each.ask() for each in others)]
    amount, tokens = max(each.ideal for each in asks), max(each.tokens for each in asks)
    return Ask(amount, amount, tokens, tokens)


def _refuse_unpriced(tariff: Tariff, asked: frozenset[Feature]) -> None:
    """Refuse what nobody could charge: it would be served at the operator's cost."""
    features = sorted(asked, key=lambda feature: feature.param)
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
