"""What a new price would change: who would pay what more, from what they used of the model of late.

Aggregates hold counts of tokens by class and no requests, so what both prices come to is computed at their standard
rates, without the tiers of longer prompts and other service tiers, and scaled by each payer's factor on list prices.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.farebox.kit.money import ceil_div
from functions.farebox.pricing.bill import charge
from functions.farebox.pricing.price import Price
from functions.farebox.storage import Filter, Query, Store
from functions.farebox.tokens.usage.usage import Usage

DAYS = 30
MOST_SHOWN = 100
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Effect:
    """What a payer's use of a model comes to at the price that counts, and at another. Amounts in nano-USD; `before`
    is 0 where there is no price yet."""

    user: str
    requests: int
    paid: int  # what they paid in fact, at whatever price counted then
    before: int
    after: int


async def preview_price(store: Store, new: Price, old: Price | None, now: datetime) -> list[Effect]:
    """The effect on everybody who used the model in the last `DAYS` days, those whom it costs most first."""
    first = (now.date() - timedelta(days=DAYS - 1)).isoformat()
    used: dict[str, Counter[str]] = {}
    where = (Filter("model", "==", new.model), Filter("date", ">=", first))
    async for row in store.scan(Query("usage_days", where, order_by="date", limit=_PAGE)):
        counts = {name: value for name, value in row.data.items() if type(value) is int}
        used.setdefault(row.data["user"], Counter()).update(counts)
    effects = [_effect(user, counts, new, old) for user, counts in used.items() if counts["requests"]]
    return sorted(effects, key=lambda each: (each.before - each.after, each.user))


def _effect(user: str, counts: Counter[str], new: Price, old: Price | None) -> Effect:
    cost, listed = counts["cost"], counts["list_cost"]

    def own(price: Price) -> int:
        """At a payer's own factor, which what they paid tells; at list prices where they paid nothing."""
        at_list = _at_list(price, counts)
        return ceil_div(at_list * cost, listed) if cost and listed else at_list

    return Effect(user, counts["requests"], counts["charged"], 0 if old is None else own(old), own(new))


def _at_list(price: Price, counts: Counter[str]) -> int:
    prompt, completion = counts["prompt_tokens"], counts["completion_tokens"]
    usage = Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=min(counts["cached_tokens"], prompt),
        reasoning_tokens=min(counts["reasoning_tokens"], completion),
    )
    return charge(_standard(price), usage, max(0, counts["requests"] - counts["errors"])).total


def _standard(price: Price) -> Price:
    """Its standard rates alone: all tokens of a month together are no long prompt."""
    return replace(price, variants=())
