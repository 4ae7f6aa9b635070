"""The walk of the self-audit: what must add up in each document, and reading all of them."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from functions.farebox.audit.groups import GroupSums
from functions.farebox.audit.spans import SpanSums
from functions.farebox.audit.tenants import Restless, tenant_fault
from functions.farebox.kit.money import format_usd
from functions.farebox.leases.lease import Lease, lease_path
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import entry_path, wallet_path
from functions.farebox.limits.span_budgets import Days
from functions.farebox.limits.tenant_budget import Membership, tenant_path
from functions.farebox.pricing.bill import bill_json, recompute
from functions.farebox.storage import Document, Filter, Query, Store
from functions.farebox.usage.queries import every_record, records_of_lease
from functions.farebox.usage.record import PENDING, UsageRecord

PAGE = 500
LOOKS = 5  # at a wallet that keeps changing, before it is left for the next audit

Members = defaultdict[str, set[str]]  # tenant: its users that have spent of its budget


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not add up: at which document, and what."""

    path: str
    problem: str


@dataclass(slots=True)
class Audited:
    """How much was walked, and what was found. What is `restless` never stood still long enough to be compared."""

    wallets: int = 0
    entries: int = 0
    leases: int = 0
    records: int = 0
    tenants: int = 0
    restless: int = 0
    faults: list[Fault] = field(default_factory=list)


async def audit(store: Store, *, most_faults: int = 1) -> AsyncIterator[Audited]:
    """Walk everything; yields the state so far after each wallet and page of records, and stops at `most_faults`."""
    done = Audited()
    members: Members = defaultdict(set)
    async for wallet in store.scan(Query("wallets", limit=PAGE)):
        done.wallets += 1
        done.faults += await _audit_wallet(store, wallet.id, done, members)
        yield done
        if len(done.faults) >= most_faults:
            return
    for tenant in sorted(members):
        done.tenants += 1
        done.faults += await _audit_tenant(store, tenant, members[tenant], done)
        yield done
        if len(done.faults) >= most_faults:
            return
    async for record in store.scan(every_record(limit=PAGE)):
        done.records += 1
        done.faults += await _audit_record(store, record)
        if done.records % PAGE == 0:
            yield done
        if len(done.faults) >= most_faults:
            break
    yield done


async def audit_all(store: Store, *, most_faults: int = 1) -> Audited:
    """Walk everything, and answer what came of it."""
    whole = Audited()
    async for done in audit(store, most_faults=most_faults):
        whole = done
    return whole


async def _audit_wallet(store: Store, uid: str, done: Audited, members: Members) -> list[Fault]:
    """The faults of one wallet, taken while it stood still."""
    for _ in range(LOOKS):
        before = await store.get(wallet_path(uid))
        entries, leases, faults = await _wallet_faults(store, uid, members)
        after = await store.get(wallet_path(uid))
        if before is not None and after is not None and before.version == after.version:
            done.entries += entries
            done.leases += leases
            return faults
    done.restless += 1
    return []


async def _wallet_faults(store: Store, uid: str, members: Members) -> tuple[int, int, list[Fault]]:
    path = wallet_path(uid)
    verdict = await verify(store, uid)
    if verdict.fault:
        return verdict.entries, 0, [Fault(path, verdict.fault)]
    entered: dict[str, int] = defaultdict(int)
    usage, groups, spans = 0, GroupSums(), SpanSums()
    async for entry in store.scan(Query(f"{path}/transactions", (Filter("type", "==", "usage"),), limit=PAGE)):
        entered[entry.id.partition(".")[0]] -= entry.data["amount"]
        usage -= entry.data["amount"]
        _note_member(members, Membership.from_data(entry.data["metadata"]), uid)
        groups.add_entry(entry)
        spans.add_entry(entry)
    faults: list[Fault] = []
    open_sum = leases = 0
    async for document in store.scan(Query(f"{path}/leases", limit=PAGE)):
        lease = Lease.from_document(document)
        leases += 1
        faults += await _lease_faults(store, lease, entered[lease.id])
        if lease.is_open:
            open_sum += lease.unspent
            groups.add_unspent(lease.scope, lease.unspent)
            spans.add_unspent(lease.scope.days, lease.key, lease.unspent)
            _note_member(members, lease.scope.membership, uid)
    held = (Filter("user", "==", uid), Filter("state", "==", "open"))
    async for hold in store.scan(Query("authorizations", held, limit=PAGE)):
        open_sum += hold.data["amount"]
        spans.add_unspent(Days.from_data(hold.data), "", hold.data["amount"])
        _note_member(members, Membership.from_data(hold.data), uid)
    faults += await _sum_faults(store, uid, open_sum, usage)
    for sums in (groups, spans):
        faults += [Fault(*found) for found in await sums.faults(store, uid)]
    return verdict.entries, leases, faults


def _note_member(members: Members, member: Membership, uid: str) -> None:
    """Remember whose budget a user has spent of, to be summed up when all users are known."""
    if member.tenant is not None and member.period:
        members[member.tenant].add(uid)


async def _audit_tenant(store: Store, tenant: str, users: set[str], done: Audited) -> list[Fault]:
    try:
        fault = await tenant_fault(store, tenant, users)
    except Restless:
        done.restless += 1
        return []
    return [] if fault is None else [Fault(tenant_path(tenant), fault)]


async def _sum_faults(store: Store, uid: str, open_sum: int, usage: int) -> list[Fault]:
    wallet = await store.get(wallet_path(uid))
    assert wallet is not None
    faults = []
    if wallet.data["reserved"] != open_sum:
        reserved = format_usd(wallet.data["reserved"])
        problem = f"{reserved} USD is reserved, its leases and authorizations hold {format_usd(open_sum)} USD"
        faults.append(Fault(wallet.path, problem))
    aggregated = (await store.sums("usage_days", ["charged"], Filter("user", "==", uid)))["charged"]
    if aggregated != usage:
        problem = f"usage entries come to {format_usd(usage)} USD, the daily aggregates to {format_usd(aggregated)} USD"
        faults.append(Fault(wallet.path, problem))
    return faults


async def _lease_faults(store: Store, lease: Lease, entered: int) -> list[Fault]:
    path = lease_path(lease.user, lease.id)
    if not 0 <= lease.settled <= lease.granted:
        return [Fault(path, "more is settled than was granted")]
    if lease.settled != entered:
        return [Fault(path, f"{format_usd(lease.settled)} USD is settled, {format_usd(entered)} in the ledger")]
    if lease.unspent and not lease.is_open:
        return [Fault(path, "it is closed, but what was not spent did not go back")]
    charged = 0
    async for found in store.scan(records_of_lease(lease.id, limit=PAGE)):
        record = UsageRecord.from_data(found.data)
        if record.is_complete and not record.late and (record.accounted or not lease.was_swept):
            charged += record.outcome.charged
    if lease.settled > charged or (lease.settled != charged and not lease.is_open):
        problem = f"{format_usd(lease.settled)} USD is settled, but its requests were charged {format_usd(charged)}"
        return [Fault(path, problem)]
    return []


async def _audit_record(store: Store, found: Document) -> list[Fault]:
    record, path = UsageRecord.from_data(found.data), found.path
    outcome = record.outcome
    if record.status == PENDING:
        return []
    if outcome.charged + outcome.shortfall != outcome.cost or min(outcome.charged, outcome.shortfall) < 0:
        return [Fault(path, "its charge and its shortfall do not make up its cost")]
    if outcome.bill and (cost := recompute(bill_json(outcome.bill))) != outcome.cost:
        return [Fault(path, f"its bill comes to {cost} nano-USD, not to {outcome.cost}")]
    if outcome.extended is not None and outcome.charged > record.held + outcome.extended:  # older ones do not tell it
        return [Fault(path, "it was charged more than was held for it")]
    told = sum(attempt.get("lost", 0) for attempt in outcome.attempts or ())
    if not 0 <= told <= outcome.lost:
        return [Fault(path, "its attempts lost more than it did")]
    is_alone = record.late or record.lease is None  # charged by an entry of its own, not with its lease
    if is_alone and outcome.charged:
        entry = await store.get(entry_path(record.user, found.id))
        if entry is None or entry.data["amount"] != -outcome.charged:
            return [Fault(path, "it was charged by itself, but the ledger has no entry for it")]
    return []
