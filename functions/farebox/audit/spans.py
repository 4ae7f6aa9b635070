"""The audit of budgets of a day, a week and in total: each against the entries, leases and holds that count in it."""

from collections import Counter

from functions.farebox.audit.fault import MISSING, Fault, budget_faults
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
from functions.farebox.storage import Document

Counted = tuple[str, Span, str]  # a key's id or `OWN`, the span, and the period


class SpanSums:
    """What a wallet's entries, leases and holds say that it and its keys have spent, and hold."""

    def __init__(self) -> None:
        self._spent: Counter[Counted] = Counter()
        self._reserved: Counter[Counted] = Counter()
        self._named: set[str] = set()  # and not seen

    def add_entry(self, entry: Document) -> None:
        """Count a ledger entry of usage, which refers to the key."""
        days = Days.from_data(entry.data["metadata"])
        self._add(self._spent, days, entry.data["reference"], -entry.data["amount"])

    def add_unspent(self, days: Days, key: str, amount: int) -> None:
        """Count what an open lease or hold keeps reserved."""
        self._add(self._reserved, days, key, amount)

    def faults(self, document: Document) -> list[Fault]:
        """What of the budgets of a wallet or key does not add up, when everything that counts in them was added."""
        self._named.discard(document.id)
        faults: list[Fault] = []
        for span, budget in read_span_budgets(document.data).items():
            counted = (document.id, span, budget.period)
            faults += budget_faults(
                document.path,
                f"budget ({span})",
                "what counts in it is {}",
                spent=(budget.spent, self._spent[counted]),
                reserved=(budget.reserved, self._reserved[counted]),
            )
        return faults

    def missing(self, uid: str) -> list[Fault]:
        """A fault for each of a wallet that should be there and was not, when those that are were seen."""
        paths = [span_budgets_path(uid, None if name == OWN else name) for name in sorted(self._named)]
        return [Fault(path, MISSING) for path in paths]

    def _add(self, sums: Counter[Counted], days: Days, key: str, amount: int) -> None:
        for party in PARTIES:
            if day := days.of(party):
                name = key if party == "key" else OWN
                self._named.add(name)
                for span in SPANS:
                    sums[name, span, period_in(span, day)] += amount
