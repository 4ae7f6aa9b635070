"""The books of one wallet, as they are read: what a document says is added up, and at the end held against the others.

Of documents only sums are kept, and of each lease a few numbers: that bounds what an audit holds in memory.
"""

from collections import Counter
from functools import partial
from typing import NamedTuple

from functions.farebox.audit.door import read
from functions.farebox.audit.fault import Fault
from functions.farebox.audit.groups import GroupSums
from functions.farebox.audit.months import MonthSums
from functions.farebox.audit.records import record_fault
from functions.farebox.audit.spans import SpanSums
from functions.farebox.kit.money import format_usd
from functions.farebox.leases.lease import Lease, lease_path
from functions.farebox.ledger.chain import Chain
from functions.farebox.ledger.verify import wallet_fault
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.span_budgets import Days
from functions.farebox.limits.tenant_budget import Membership
from functions.farebox.storage import Document
from functions.farebox.usage.record import UsageRecord


class LeaseBooks(NamedTuple):
    """What of a lease its entries and records are held against. Nano-USD."""

    granted: int
    settled: int
    is_open: bool
    was_swept: bool
    period: str


class WalletBooks:
    """The books of one wallet. Its leases are added before its records, and its budgets after everything else; entries
    and records come by their ids, of two that are alike the entry first."""

    def __init__(self, uid: str) -> None:
        self.uid = uid
        self.records = 0
        self.chain = Chain()
        self.spent_of_tenants: Counter[Membership] = Counter()
        self.reserved_of_tenants: Counter[Membership] = Counter()
        self.leases: dict[str, LeaseBooks] = {}
        self.wallet: Document | None = None
        self._entered: Counter[str] = Counter()  # of usage, by lease
        self._charged: Counter[str] = Counter()  # by lease
        self._orphaned: Counter[str] = Counter()  # charged, by lease that is not there
        self._usage = self._aggregated = self._open = 0
        self._last_entry: tuple[str, int] = ("", 0)
        self.months = MonthSums()
        self._groups, self._spans = GroupSums(), SpanSums()
        self._budget_faults: list[Fault] = []
        self._record_faults: list[Fault] = []
        self.unreadable: list[Fault] = []

    def add(self, kind: str, document: Document) -> None:
        """Add a document of one of the kinds that `reading` names. What cannot be read is `unreadable`."""
        self.unreadable += read(kind, document, partial(self._add, kind))

    def faults(self) -> list[Fault]:
        """What does not add up, when everything was added; of what cannot be read nothing can be said but that."""
        return self.unreadable or [*self._wallet_faults(), *self._record_faults, *self._orphan_faults()]

    def _add(self, kind: str, document: Document) -> list[Fault]:
        match kind:
            case "wallets":
                Wallet.from_data(document.data)
                self.wallet = document
            case "leases":
                self._add_lease(Lease.from_document(document))
            case "authorizations":
                self._add_hold(document)
            case "usage_days":
                self._aggregated += document.data.get("charged", 0)
            case "transactions":
                self._add_entry(document)
            case "usage":
                self._add_record(document)
            case "member_budgets":
                self._budget_faults += self._groups.faults("member", document)
            case "project_budgets":
                self._budget_faults += self._groups.faults("project", document)
            case "span_budgets":
                self._budget_faults += self._spans.faults(document)
        return []

    def _add_lease(self, lease: Lease) -> None:
        self.leases[lease.id] = LeaseBooks(
            lease.granted, lease.settled, lease.is_open, lease.was_swept, lease.scope.period
        )
        if lease.is_open:
            self._open += lease.unspent
            self._groups.add_unspent(lease.scope, lease.unspent)
            self._spans.add_unspent(lease.scope.days, lease.key, lease.unspent)
            self.months.add_unspent(lease.scope.period, lease.key, lease.unspent)
            self.reserved_of_tenants[lease.scope.membership] += lease.unspent

    def _add_hold(self, hold: Document) -> None:
        if hold.data["state"] == "open":
            amount = hold.data["amount"]
            self._open += amount
            self._spans.add_unspent(Days.from_data(hold.data), "", amount)
            self.months.add_unspent(hold.data["period"], "", amount)
            self.reserved_of_tenants[Membership.from_data(hold.data)] += amount

    def _add_entry(self, entry: Document) -> None:
        self.chain.add(entry.data)
        amount = entry.data["amount"]
        self._last_entry = (entry.id, amount)
        if entry.data["type"] == "usage":
            self._usage -= amount
            lease_id = entry.id.partition(".")[0]
            self._entered[lease_id] -= amount
            lease = self.leases.get(lease_id)
            self.months.add_entry(entry, "" if lease is None else lease.period)
            self._groups.add_entry(entry)
            self._spans.add_entry(entry)
            self.spent_of_tenants[Membership.from_data(entry.data["metadata"])] -= amount

    def _add_record(self, found: Document) -> None:
        record = UsageRecord.from_data(found.data)
        self.records += 1
        if problem := record_fault(record):
            self._record_faults.append(Fault(found.path, problem))
        if record.late or record.lease is None:  # charged by an entry of its own
            self._add_own_charge(found, record.outcome.charged)
        elif record.is_complete:
            lease = self.leases.get(record.lease)
            if lease is None:
                self._orphaned[record.lease] += record.outcome.charged
            elif record.accounted or not lease.was_swept:
                self._charged[record.lease] += record.outcome.charged

    def _add_own_charge(self, found: Document, charged: int) -> None:
        if charged and self._last_entry != (found.id, -charged):
            problem = "it was charged by itself, but the ledger has no entry for it"
            self._record_faults.append(Fault(found.path, problem))

    def _wallet_faults(self) -> list[Fault]:
        path = wallet_path(self.uid)
        if not self.chain.is_whole:
            return [Fault(path, "its entries are no chain")]
        if problem := wallet_fault(self.wallet, self.chain.total, self.chain.entries):
            return [Fault(path, problem)]
        if self.wallet is None:
            is_anything = self.leases or self._open or self._aggregated
            return [Fault(path, "there are leases, authorizations or charges but no wallet")] if is_anything else []
        data = self.wallet.data
        faults = [fault for lease_id in self.leases for fault in self._lease_faults(lease_id)]
        if data["reserved"] != self._open:
            told, held = format_usd(data["reserved"]), format_usd(self._open)
            faults.append(Fault(path, f"{told} USD is reserved, its leases and authorizations hold {held} USD"))
        if self._aggregated != self._usage:
            told, counted = format_usd(self._usage), format_usd(self._aggregated)
            faults.append(Fault(path, f"usage entries come to {told} USD, the daily aggregates to {counted} USD"))
        faults += self.months.faults(path, Budget.from_data(data["budget"]))
        return faults + self._budget_faults + self._groups.missing(self.uid) + self._spans.missing(self.uid)

    def _orphan_faults(self) -> list[Fault]:
        """Of records whose lease is not there. It may go before its records do; the ledger's entries stay."""
        return [
            Fault(
                lease_path(self.uid, lease_id),
                f"it is not there, its requests were charged {format_usd(charged)} USD, "
                f"{format_usd(self._entered[lease_id])} in the ledger",
            )
            for lease_id, charged in self._orphaned.items()
            if charged > self._entered[lease_id]
        ]

    def _lease_faults(self, lease_id: str) -> list[Fault]:
        lease, path = self.leases[lease_id], lease_path(self.uid, lease_id)
        entered, charged = self._entered[lease_id], self._charged[lease_id]
        settled = f"{format_usd(lease.settled)} USD is settled"
        if not 0 <= lease.settled <= lease.granted:
            return [Fault(path, "more is settled than was granted")]
        if lease.settled != entered:
            return [Fault(path, f"{settled}, {format_usd(entered)} in the ledger")]
        if lease.settled < lease.granted and not lease.is_open:
            return [Fault(path, "it is closed, but what was not spent did not go back")]
        if lease.settled > charged or (lease.settled != charged and not lease.is_open):
            return [Fault(path, f"{settled}, but its requests were charged {format_usd(charged)}")]
        return []
