"""The audit of members' and projects' budgets: each against the entries and leases of the wallet that it counts in."""

from collections import Counter

from functions.farebox.audit.fault import MISSING, Fault, budget_faults
from functions.farebox.ledger.funds import Scope
from functions.farebox.limits.belongs import Belongs
from functions.farebox.limits.group_budget import GroupKind, group_budget_path, read_group_budget
from functions.farebox.storage import Document

Counted = tuple[GroupKind, str, str]  # kind, its id, and the period


class GroupSums:
    """What a wallet's entries and leases say that its members and projects have spent, and hold."""

    def __init__(self) -> None:
        self._spent: Counter[Counted] = Counter()
        self._reserved: Counter[Counted] = Counter()
        self._named: set[tuple[GroupKind, str]] = set()  # and not seen

    def add_entry(self, entry: Document) -> None:
        """Count a ledger entry of usage."""
        metadata = entry.data["metadata"]
        self._add(self._spent, Belongs.from_data(metadata), metadata.get("period", ""), -entry.data["amount"])

    def add_unspent(self, scope: Scope, amount: int) -> None:
        """Count what an open lease keeps reserved."""
        self._add(self._reserved, scope.belongs, scope.period, amount)

    def faults(self, kind: GroupKind, document: Document) -> list[Fault]:
        """What of a budget does not add up, when everything that counts in it was added."""
        budget = read_group_budget(document)
        self._named.discard((kind, document.id))
        counted = (kind, document.id, budget.period)
        return budget_faults(
            document.path,
            "budget",
            "its keys come to {} USD",
            spent=(budget.spent, self._spent[counted]),
            reserved=(budget.reserved, self._reserved[counted]),
        )

    def missing(self, uid: str) -> list[Fault]:
        """A fault for each budget of a wallet that should be there and was not, when those that are were seen."""
        return [Fault(group_budget_path(uid, *each), MISSING) for each in sorted(self._named)]

    def _add(self, sums: Counter[Counted], belongs: Belongs, period: str, amount: int) -> None:
        if belongs.member is not None:
            sums["member", belongs.member, period] += amount
            self._named.add(("member", belongs.member))
        if belongs.project is not None:
            sums["project", belongs.project, period] += amount
            self._named.add(("project", belongs.project))
