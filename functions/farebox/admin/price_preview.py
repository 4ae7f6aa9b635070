"""What a new price would change: who would pay what more, from what they used of the model of late.

Aggregates hold counts of tokens by class and no requests. So what both prices come to is computed at their standard
rates, scaled by each payer's factor on list prices and, where a price has tiers, by what they make of the requests that
were looked at (`tier_share.py`).
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.farebox.admin.tier_share import MOST_PAYERS, Samples, sample_requests
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


@dataclass(frozen=True, slots=True)
class Preview:
    """The effect on everybody who used the model in the last `DAYS` days, those whom it costs most first, and how many
    requests were looked at to tell the share of tiers: none where neither price has any."""

    effects: list[Effect]
    looked_at: int


async def preview_price(store: Store, new: Price, old: Price | None, now: datetime) -> Preview:
    """What would change for whom, from what they used in the last `DAYS` days."""
    since = now - timedelta(days=DAYS - 1)
    used: dict[str, Counter[str]] = {}
    where = (Filter("model", "==", new.model), Filter("date", ">=", since.date().isoformat()))
    async for row in store.scan(Query("usage_days", where, order_by="date", limit=_PAGE)):
        counts = {name: value for name, value in row.data.items() if type(value) is int}
        used.setdefault(row.data["user"], Counter()).update(counts)
    payers = [user for user, counts in used.items() if counts["requests"]]
    samples = Samples({})
    if new.variants or (old is not None and old.variants):
        heaviest = sorted(payers, key=lambda user: -used[user]["list_cost"])[:MOST_PAYERS]
        samples = await sample_requests(store, new.model, heaviest, since)
    effects = [_effect(user, used[user], new, old, samples) for user in payers]
    return Preview(sorted(effects, key=lambda each: (each.before - each.after, each.user)), samples.requests)


def _effect(user: str, counts: Counter[str], new: Price, old: Price | None, samples: Samples) -> Effect:
    cost, listed = counts["cost"], counts["list_cost"]

    def own(price: Price) -> int:
        """At a payer's own factor, which what they paid tells; at list prices where they paid nothing."""
        standard = _standard(price)
        at_list = samples.with_tiers(price, standard, user, _at_list(standard, counts))
        return ceil_div(at_list * cost, listed) if cost and listed else at_list

    return Effect(user, counts["requests"], counts["charged"], 0 if old is None else own(old), own(new))


def _at_list(standard: Price, counts: Counter[str]) -> int:
    prompt, completion = counts["prompt_tokens"], counts["completion_tokens"]
    usage = Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=min(counts["cached_tokens"], prompt),
        reasoning_tokens=min(counts["reasoning_tokens"], completion),
    )
    return charge(standard, usage, max(0, counts["requests"] - counts["errors"])).total


def _standard(price: Price) -> Price:
    """Its standard rates alone: all tokens of a month together are no long prompt."""
    return replace(price, variants=())
