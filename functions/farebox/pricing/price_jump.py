"""A slip of the finger in a new price: no rate may move tenfold unless somebody insists."""

from collections.abc import Iterator

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import format_usd
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.rates import ALL_CLASSES
from functions.farebox.pricing.tiers import usd_name

JUMP = 10  # a price that goes up or down by this factor or more is a slip until somebody insists


def refuse_jump(last: Price, price: Price) -> None:
    """Raise `InvalidRequest` with code `price_jump` where anything that had a price has another now, tenfold or more
    away: for prompts of any length, in any service tier."""
    for field, before, after in _moves(last, price):
        if before != after and max(before, after) >= JUMP * min(before, after):
            raise InvalidRequest(
                f"The price of {price.model}: {field} would go from {format_usd(before)} to {format_usd(after)}, "
                f"by a factor of {JUMP} or more. Send it with force if that is meant.",
                code="price_jump",
                param=field,
            )


def _moves(last: Price, price: Price) -> Iterator[tuple[str, int, int]]:
    """Every price that both have, by its field, before and after."""
    lengths = sorted({0, *(rates.above_prompt_tokens for rates in (*last.variants, *price.variants))})
    for tier in ("", *sorted(last.service_tiers & price.service_tiers)):
        for above in lengths:
            before, after = last.rates(above + 1, tier), price.rates(above + 1, tier)
            path = f"service_tiers.{tier}." if tier else ""
            path += f"tiers[above {above}]." if above else ""
            for name in ALL_CLASSES:
                if getattr(before, name) is not None and getattr(after, name) is not None:
                    yield path + usd_name(name), before.rate(name), after.rate(name)
    yield "request_usd", last.request, price.request
    for name in last.calls.keys() & price.calls.keys():
        yield "search_usd" if name == "search" else f"tools_usd.{name}", last.calls[name], price.calls[name]
