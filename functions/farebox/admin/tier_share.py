"""How much of what payers use a price charges at its tiers: those of longer prompts, and other service tiers.

Aggregates hold no requests, so the newest ones of those who use the model most tell it. A payer of whom none was looked
at is taken to be as the others together.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from functions.farebox.kit.money import ceil_div
from functions.farebox.pricing.bill import Bill, charge
from functions.farebox.pricing.price import Price
from functions.farebox.storage import Store
from functions.farebox.storage.pages import TimeRange
from functions.farebox.tokens.usage.usage import Usage
from functions.farebox.usage.listing import UsageFilter, page_usage
from functions.farebox.usage.record import UsageRecord

MOST_PAYERS = 100
MOST_REQUESTS = 50  # of each
_AT_ONCE = 10  # reads
# Where a bill's line says how many tokens of a class there were.
_COUNTS = {
    "cached_input": "cached_tokens",
    "cache_write": "cache_write_tokens",
    "cache_write_1h": "cache_write_1h_tokens",
    "audio_input": "audio_input_tokens",
    "image_input": "image_input_tokens",
    "reasoning": "reasoning_tokens",
    "audio_output": "audio_output_tokens",
    "image_output": "image_output_tokens",
}


class Samples:
    """Requests of a model, by payer."""

    def __init__(self, by_payer: Mapping[str, Sequence[UsageRecord]]) -> None:
        self._by_payer = by_payer
        self._everybodys = tuple(chain.from_iterable(by_payer.values()))

    @property
    def requests(self) -> int:
        """How many were looked at."""
        return len(self._everybodys)

    def with_tiers(self, price: Price, standard: Price, payer: str, amount: int) -> int:
        """An amount of nano-USD at a price's `standard` rates alone, as it is with all of its rates."""
        if not price.variants:
            return amount
        requests = self._by_payer.get(payer) or self._everybodys
        whole = sum(_cost(price, request) for request in requests)
        plain = sum(_cost(standard, request) for request in requests)
        return ceil_div(amount * whole, plain) if plain else amount


async def sample_requests(store: Store, model: str, payers: Iterable[str], since: datetime) -> Samples:
    """The newest requests of each of these payers, `MOST_REQUESTS` at most, that were charged."""
    gate = asyncio.Semaphore(_AT_ONCE)
    wanted = UsageFilter(model=model, span=TimeRange(start=since))

    async def newest(payer: str) -> tuple[str, list[UsageRecord]]:
        async with gate:
            page = await page_usage(store, payer, wanted, limit=MOST_REQUESTS, after=None)
        return payer, [record for record in page.items if record.outcome.bill and record.outcome.tokens]

    return Samples(dict(await asyncio.gather(*map(newest, payers))))


def _cost(price: Price, record: UsageRecord) -> int:
    """What a request comes to at a price, in nano-USD."""
    outcome = record.outcome
    if outcome.bill is None or outcome.tokens is None or "multiplier" in outcome.bill:
        return 0  # bills of the first version are stored as they are shown
    bill = Bill.from_data(outcome.bill)
    classes: dict[str, Any] = {  # its fields by name
        _COUNTS[line.token_class]: line.count for line in bill.lines if line.token_class in _COUNTS
    }
    usage = Usage(prompt_tokens=outcome.tokens.prompt, completion_tokens=outcome.tokens.completion, **classes)
    return charge(price, usage, tier=price.tier_served(bill.service_tier or None, outcome.service_tier)).total
