"""The ceiling of several prices: whoever pays by it pays by none of them more."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from functions.farebox.pricing.price import Price
from functions.farebox.pricing.rates import ALL_CLASSES, Rates, dearest


def ceiling(prices: Sequence[Price]) -> Price:
    """The dearest of each class, at each length of a prompt and in each service tier, and of each call; and the limits
    that every one of them keeps."""
    first, *others = prices
    if not others:
        return first
    varied = [price for price in prices if price.variants]
    lengths = sorted({0, *(rates.above_prompt_tokens for price in varied for rates in price.variants)})
    tiers = ["", *sorted({tier for price in varied for tier in price.service_tiers})]
    variants = (
        Rates(
            **dearest([price.rates(above + 1, tier) for price in prices]), service_tier=tier, above_prompt_tokens=above
        )
        for tier in tiers
        for above in lengths
        if tier or above
    )
    calls = {name: max(price.call(name) for price in prices) for price in prices for name in price.calls}
    tools = {name for price in prices for name in price.tools_tokens}
    return replace(
        first,
        **dearest(prices),
        variants=tuple(variants),
        calls=calls,
        tools_tokens={name: max(price.found_tokens(name) for price in prices) for name in tools},
        request=max(price.request for price in prices),
        context_tokens=_least(price.context_tokens for price in prices),
        max_output_tokens=_least(price.max_output_tokens for price in prices),
    )


def dearest_of(prices: Sequence[Price]) -> Price:
    """The first that is as dear as all others in everything, or else their ceiling, by the name of the first one."""
    most = ceiling(prices)
    return next((price for price in prices if _terms(price) == _terms(most)), most)


def _terms(price: Price) -> tuple[object, ...]:
    return (*(price.rate(name) for name in ALL_CLASSES), price.variants, price.calls, price.tools_tokens, price.request)


def _least(limits: Iterable[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
