"""The audit of the monthly budgets of a user and of their keys: each against what counts in it.

An entry tells its month. Older ones do not, and of those that no lease tells it of either it is only known that they
may have counted: a budget is in order then as long as it lies between what did and what may have.
"""

from collections import Counter
from collections.abc import Iterator

from functions.farebox.audit.fault import MISSING, Fault, budget_faults
from functions.farebox.limits.budget import Budget
from functions.farebox.metering.reports import KEY as METERED
from functions.farebox.storage import Document

OWN = ""  # stands in the place of a key for the user's own budget

Counted = tuple[str, str]  # a key's id or `OWN`, and the month


class MonthSums:
    """What a wallet's entries, leases and holds say that it and its keys have spent, and hold. Nano-USD."""

    def __init__(self) -> None:
        self.keys: set[str] = set()  # that have a budget
        self._spent: Counter[Counted] = Counter()
        self._reserved: Counter[Counted] = Counter()
        self._untold: Counter[str] = Counter()  # spent in a month that nothing tells

    def add_entry(self, entry: Document, period_of_lease: str) -> None:
        """Count a ledger entry of usage, which refers to the key; and the month of its lease, if that is there."""
        amount, period = -entry.data["amount"], entry.data["metadata"].get("period") or period_of_lease
        for name in self._counted_in(entry.data["reference"]):
            if period:
                self._spent[name, period] += amount
            else:
                self._untold[name] += amount

    def add_unspent(self, period: str, key: str, amount: int) -> None:
        """Count what an open lease or hold keeps reserved."""
        for name in self._counted_in(key):
            self._reserved[name, period] += amount

    def faults(self, path: str, budget: Budget | None, name: str = OWN) -> list[Fault]:
        """What of a budget, which is kept at `path`, does not add up, when everything that counts in it was added."""
        if budget is None:
            return [Fault(path, MISSING)]
        spent, reserved = self._spent[name, budget.period], self._reserved[name, budget.period]
        may_be = spent <= budget.spent <= spent + self._untold[name]
        return budget_faults(
            path,
            "monthly budget",
            "what counts in it is {}",
            spent=(budget.spent, budget.spent if may_be else spent),
            reserved=(budget.reserved, reserved),
        )

    def _counted_in(self, key: str) -> Iterator[str]:
        yield OWN
        if key and key != METERED:
            self.keys.add(key)
            yield key
