"""The audit of members' and projects' budgets: each against the entries and leases of the wallet that it counts in."""

from collections import Counter

from functions.farebox.kit.money import format_usd
from functions.farebox.ledger.funds import Scope
from functions.farebox.limits.belongs import Belongs
from functions.farebox.limits.group_budget import GroupKind, group_budget_path, read_group_budget
from functions.farebox.storage import Document, Query, Store

PAGE = 500

Counted = tuple[GroupKind, str, str]  # kind, its id, and the period


class GroupSums:
    """What a wallet's entries and leases say that its members and projects have spent, and hold."""

    def __init__(self) -> None:
        self._spent: Counter[Counted] = Counter()
        self._reserved: Counter[Counted] = Counter()

    def add_entry(self, entry: Document) -> None:
        """Count a ledger entry of usage."""
        metadata = entry.data["metadata"]
        self._add(self._spent, Belongs.from_data(metadata), metadata.get("period", ""), -entry.data["amount"])

    def add_unspent(self, scope: Scope, amount: int) -> None:
        """Count what an open lease keeps reserved."""
        self._add(self._reserved, scope.belongs, scope.period, amount)

    async def faults(self, store: Store, uid: str) -> list[tuple[str, str]]:
        """`(path, problem)` of each budget that does not add up, and of each that should be there and is not."""
        found: list[tuple[str, str]] = []
        named = {(kind, name) for kind, name, _ in (*self._spent, *self._reserved)}
        of_members = Query(f"wallets/{uid}/member_budgets", limit=PAGE)
        of_projects = Query(f"wallets/{uid}/project_budgets", limit=PAGE)
        queries: tuple[tuple[GroupKind, Query], ...] = (("member", of_members), ("project", of_projects))
        for kind, query in queries:
            async for document in store.scan(query):
                named.discard((kind, document.id))
                found += [(document.path, problem) for problem in self._problems(kind, document)]
        return found + [(group_budget_path(uid, *each), "it was spent of, and is not there") for each in sorted(named)]

    def _problems(self, kind: GroupKind, document: Document) -> list[str]:
        budget = read_group_budget(document)
        counted = (kind, document.id, budget.period)
        pairs = (("spent", budget.spent, self._spent[counted]), ("reserved", budget.reserved, self._reserved[counted]))
        return [
            f"{format_usd(told)} USD is {name} of its budget, its keys come to {format_usd(summed)} USD"
            for name, told, summed in pairs
            if told != summed
        ]

    def _add(self, sums: Counter[Counted], belongs: Belongs, period: str, amount: int) -> None:
        if belongs.member is not None:
            sums["member", belongs.member, period] += amount
        if belongs.project is not None:
            sums["project", belongs.project, period] += amount
