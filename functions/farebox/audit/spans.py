"""The audit of budgets of a day, a week and in total: each against the entries, leases and holds that count in it."""

from collections import Counter

from functions.farebox.kit.money import format_usd
from functions.farebox.limits.span_budgets import (
    OWN,
    PARTIES,
    SPANS,
    Days,
    Span,
    period_in,
    read_span_budgets,
    span_budgets_path,
)
from functions.farebox.storage import Document, Query, Store

PAGE = 500

Counted = tuple[str, Span, str]  # a key's id or `OWN`, the span, and the period


class SpanSums:
    """What a wallet's entries, leases and holds say that it and its keys have spent, and hold."""

    def __init__(self) -> None:
        self._spent: Counter[Counted] = Counter()
        self._reserved: Counter[Counted] = Counter()

    def add_entry(self, entry: Document) -> None:
        """Count a ledger entry of usage, which refers to the key."""
        days = Days.from_data(entry.data["metadata"])
        self._add(self._spent, days, entry.data["reference"], -entry.data["amount"])

    def add_unspent(self, days: Days, key: str, amount: int) -> None:
        """Count what an open lease or hold keeps reserved."""
        self._add(self._reserved, days, key, amount)

    async def faults(self, store: Store, uid: str) -> list[tuple[str, str]]:
        """`(path, problem)` of each budget that does not add up, and of each that should be there and is not."""
        found: list[tuple[str, str]] = []
        named = {name for name, _, _ in (*self._spent, *self._reserved)}
        async for document in store.scan(Query(f"wallets/{uid}/span_budgets", limit=PAGE)):
            named.discard(document.id)
            found += [(document.path, problem) for problem in self._problems(document)]
        missing = [span_budgets_path(uid, None if name == OWN else name) for name in sorted(named)]
        return found + [(path, "it was spent of, and is not there") for path in missing]

    def _problems(self, document: Document) -> list[str]:
        problems = []
        for span, budget in read_span_budgets(document.data).items():
            counted = (document.id, span, budget.period)
            spent, reserved = self._spent[counted], self._reserved[counted]
            pairs = (("spent", budget.spent, spent), ("reserved", budget.reserved, reserved))
            problems += [
                f"{format_usd(told)} USD is {name} of its budget ({span}), what counts in it is {format_usd(summed)}"
                for name, told, summed in pairs
                if told != summed
            ]
        return problems

    def _add(self, sums: Counter[Counted], days: Days, key: str, amount: int) -> None:
        for party in PARTIES:
            if day := days.of(party):
                for span in SPANS:
                    sums[key if party == "key" else OWN, span, period_in(span, day)] += amount
