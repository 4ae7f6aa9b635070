"""Reconciles a store's usage records with what an upstream did and what clients were told."""

from collections.abc import Iterable, Sequence

from functions.farebox.kit.money import format_usd
from functions.farebox.leases.lease import Lease
from functions.farebox.pricing.bill import charge
from functions.farebox.pricing.price import Price
from functions.farebox.storage import Data, Query, Store
from functions.farebox.tokens.usage.usage import Usage
from functions.farebox.usage.record import LOST, PENDING
from tests.support.clients.load import Answer
from tests.support.stand_ins.upstream import Received


async def nothing_is_reserved(store: Store) -> None:
    """Hold that no wallet, budget or lease keeps anything back."""
    assert (await store.sums("wallets", ["reserved"]))["reserved"] == 0
    async for lease in store.scan(Query("leases", order_by="expires_at", group=True)):
        assert not Lease.from_document(lease).is_open, lease
    async for document in store.scan(Query("wallets")):
        assert document.data["budget"]["reserved"] == 0, document
    async for document in store.scan(Query("key_windows")):
        assert document.data["budget"]["reserved"] == 0, document


async def records_by_request(store: Store) -> dict[str, Data]:
    """Every usage record by its request's id; fails where a request has two."""
    records: dict[str, Data] = {}
    async for record in store.scan(Query("usage")):
        request_id = record.data["request_id"]
        assert request_id not in records, f"request {request_id} is recorded twice"
        records[request_id] = record.data
    return records


async def reconcile(
    store: Store, calls: Sequence[Received], price: Price, usage: Usage, answers: Iterable[Answer]
) -> dict[str, Data]:
    """Hold that upstream cost = charges + reported losses; answers the records by their requests.

    The upstream reports `usage` at the end of each answer: what it has finished must be charged at exactly that, or
    reported as lost. What was cut off on the way is charged as far as it was relayed, so for less than the whole.
    """
    records = await records_by_request(store)
    whole = charge(price, usage).total
    begun = {call.headers["x-request-id"] for call in calls}
    finished = {call.headers["x-request-id"] for call in calls if call.finished}
    assert len(begun) == len(calls), "no request is sent to an upstream twice"
    assert finished <= records.keys(), "what an upstream has answered is on record"
    for request_id, record in records.items():
        assert record["status"] != PENDING, f"{request_id} is undecided"
        assert request_id in begun or record["cost"] == 0, f"{request_id} is charged and was never sent"
        if record["status"] != "ok":
            assert record["cost"] < whole, f"{request_id} is charged whole and ended as {record['status']}"

    lost = {request_id for request_id, record in records.items() if record["status"] == LOST}
    charged = sum(record["charged"] + record["shortfall"] for record in records.values() if record["status"] == "ok")
    assert len(finished) * whole == charged + len(finished & lost) * whole, "upstream cost = charges + losses"
    assert (await store.sums("usage_days", ["lost"]))["lost"] == len(lost), "losses are reported"
    for answer in answers:
        if answer.complete:
            record = records[answer.request_id]
            assert record["status"] == "ok", f"{answer.request_id} was answered whole"
            assert answer.streamed or answer.headers["x-farebox-cost-usd"] == format_usd(record["charged"])
    return records
