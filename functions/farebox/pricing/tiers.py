"""The rates of an entry: a model's own, those of longer prompts, and those of other service tiers.

    {input_usd_per_1m, ..., tiers: [{above_prompt_tokens, input_usd_per_1m, ...}],
     service_tiers: {flex: {input_usd_per_1m, ..., tiers: [...]}}}

Whoever pays the most for a prompt of so many tokens pays the most for every shorter one: no class is ever cheaper in a
tier of longer prompts. A class that nobody named within a tier follows its side there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from functions.farebox.kit.money import NANOS_PER_USD, format_usd
from functions.farebox.pricing.entry import Entry
from functions.farebox.pricing.rates import (
    ALL_CLASSES,
    DEAR_CLASSES,
    INPUT_SIDE,
    STAND_INS,
    Rates,
    dearest,
    without_own,
)

MAX_UNIT_PRICE = 100_000 * NANOS_PER_USD


def usd_name(token_class: str) -> str:
    """The field of an entry that a class has its price in."""
    return f"{token_class}_usd_per_1m"


RATE_FIELDS = tuple(map(usd_name, ALL_CLASSES))
_TIER_FIELDS = ("above_prompt_tokens", *RATE_FIELDS)
_SERVICE_TIER_FIELDS = (*RATE_FIELDS, "tiers")


def read_rates(entry: Entry, outside: Rates | None = None) -> dict[str, Any]:
    """What an entry's classes cost, as the fields of `Rates`.

    A class that it does not name costs what its side does, `input` or `output`; within a tier what `without_own` says.
    Raises `InvalidRequest`.
    """
    own: dict[str, int] = {
        name: entry.usd(usd_name(name), MAX_UNIT_PRICE) for name in ALL_CLASSES if entry.has(usd_name(name))
    }
    for name in ("input", "output"):
        if name not in own:
            raise entry.bad(usd_name(name), "it is missing")
    level: set[str] = set()
    for name in ALL_CLASSES:
        otherwise = _otherwise(name, own, outside)
        if otherwise is None:
            continue
        if name in DEAR_CLASSES and own.get(name) == otherwise:
            level.add(name)
        own.setdefault(name, min(otherwise, MAX_UNIT_PRICE))
    return {**own, "level": frozenset(level)}


def _otherwise(token_class: str, own: Mapping[str, int], outside: Rates | None) -> int | None:
    """What a class costs that an entry does not name, by what its others do; `None` where it stays without a rate."""
    stand_in = STAND_INS.get(token_class)
    if stand_in and (outside is None or getattr(outside, token_class) is None):
        return None
    side = own["input" if token_class in INPUT_SIDE else "output"]
    return side if outside is None else without_own(token_class, outside, side, own[stand_in] if stand_in else 0)


def read_variants(entry: Entry, standard: Rates, reserved: Collection[str]) -> tuple[Rates, ...]:
    """What varies: the rates of longer prompts and of service tiers, each tier's shortest prompts first. No service
    tier may have a `reserved` name. Raises `InvalidRequest`."""
    tiers = _read_tiers(entry, standard, ())
    variants = list(tiers)
    for name, each in entry.named_objects("service_tiers", _SERVICE_TIER_FIELDS).items():
        if name in reserved:
            raise entry.bad("service_tiers", f"{name} is no name for one")
        rates = Rates(**read_rates(each, standard), service_tier=name)
        variants += [rates, *_read_tiers(each, rates, tiers)]
    return tuple(variants)


def _read_tiers(entry: Entry, base: Rates, standard: Sequence[Rates]) -> list[Rates]:
    """The tiers of longer prompts on top of `base`. At a length that `standard` names and the entry does not, each
    class costs what is dearer."""
    given: dict[int, Entry] = {}
    for each in entry.objects("tiers", _TIER_FIELDS):
        above = each.tokens("above_prompt_tokens")
        if above is None or above <= max(given, default=0):
            raise each.bad("above_prompt_tokens", "write a number, and the tiers by it, the lowest first")
        given[above] = each
    dearer = {tier.above_prompt_tokens: tier for tier in standard}
    tiers: list[Rates] = []
    for above in sorted(given.keys() | dearer.keys()):
        below = tiers[-1] if tiers else base
        own = read_rates(given[above], below) if above in given else dearest([below, dearer[above]])
        tier = Rates(**own, service_tier=base.service_tier, above_prompt_tokens=above)
        for name in ALL_CLASSES:
            if tier.rate(name) < below.rate(name):
                raise given[above].bad(usd_name(name), "it is less than a shorter prompt costs")
        tiers.append(tier)
    return tiers


def write_rates(rates: Rates, outside: Rates | None = None) -> dict[str, Any]:
    """The fields that `read_rates` reads, every class written out that has a rate; but a dear one that has none of its
    own is left for `read_rates` to find, which would take it for one."""
    named = (name for name in ALL_CLASSES if name not in DEAR_CLASSES or rates.has_own(name, outside))
    values = {usd_name(name): getattr(rates, name) for name in named}
    return {field: format_usd(value) for field, value in values.items() if value is not None}


def write_set_rates(rates: Rates, outside: Rates | None = None) -> dict[str, Any]:
    """The same, but of the classes alone that have another rate than `read_rates` would find for them, or were given
    it by name: the others follow when what they follow is changed."""
    own = {name: rate for name in ALL_CLASSES if (rate := getattr(rates, name)) is not None}

    def follows(name: str) -> bool:
        otherwise = None if name in rates.level else _otherwise(name, own, outside)
        return otherwise is not None and own[name] == min(otherwise, MAX_UNIT_PRICE)

    return {usd_name(name): format_usd(own[name]) for name in own if name in ("input", "output") or not follows(name)}


def write_variants(variants: Iterable[Rates], standard: Rates, *, as_set: bool = False) -> dict[str, Any]:
    """The fields that `read_variants` reads; a price that varies in nothing has none. `as_set` as `to_config` has it:
    without a service tier's lengths that follow from the standard one's."""
    write = write_set_rates if as_set else write_rates
    entry: dict[str, Any] = {}
    lengths: dict[int, Rates] = {}  # of the standard service tier
    below = standard
    for rates in variants:
        if not rates.service_tier:
            lengths[rates.above_prompt_tokens] = rates
        elif as_set and _is_dearest(rates, below, lengths.get(rates.above_prompt_tokens)):
            below = rates
            continue
        if rates.service_tier and not rates.above_prompt_tokens:
            entry.setdefault("service_tiers", {})[rates.service_tier] = write(rates, standard)
        else:
            within = entry["service_tiers"][rates.service_tier] if rates.service_tier else entry
            tier = {"above_prompt_tokens": rates.above_prompt_tokens, **write(rates, below)}
            within.setdefault("tiers", []).append(tier)
        below = rates
    return entry


def _is_dearest(rates: Rates, below: Rates, standard: Rates | None) -> bool:
    """Whether a service tier's rates are those that `_read_tiers` finds where an entry does not name their length."""
    if standard is None or rates.level:
        return False
    return all(getattr(rates, name) == rate for name, rate in dearest([below, standard]).items())
