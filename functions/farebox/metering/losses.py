"""Reports that are refused although the request has happened: nobody pays for it, and the books say so.

A request id stands for one request. Whoever reports another cost under it, or another user's or model's, or one for a
hold that was voided, is answered with a conflict. But an upstream was paid for what is reported: it is the operator's
shortfall, booked in a usage record of its own, once however often the same report comes. It may be too much, where a
gateway corrected itself; it is never too little to cover what upstreams charge.
"""

import hashlib
from datetime import datetime

from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.metering.reports import KEY, Report, create_record
from functions.farebox.observability.metrics import SHORTFALL
from functions.farebox.observability.request_context import note
from functions.farebox.observability.telemetry import count
from functions.farebox.storage import Store, Transaction
from functions.farebox.usage.record import record_path

REFUSED = "report_refused"  # what such a record names as its error


async def book_refused(
    store: Store, hold_id: str, uid: str, model: str, request_id: str, report: Report, now: datetime
) -> None:
    """Book a report that was refused as a shortfall. It does nothing for a user whom nobody knows."""
    mark = hashlib.sha256(repr((hold_id, uid, model, report)).encode()).hexdigest()
    record_id = f"met_{mark[:40]}"

    async def work(tx: Transaction) -> bool:
        known, wallet = await tx.get_many(record_path(record_id), wallet_path(uid))
        if known is not None or wallet is None:
            return False
        time_zone = Wallet.from_data(wallet.data).time_zone
        told = f"{request_id}#{mark[:8]}"  # the receipt of the request itself stays the one that its id finds
        outcome = report.came_to(0, error=REFUSED)
        create_record(tx, record_id, outcome, uid=uid, model=model, request_id=told, time_zone=time_zone, now=now)
        return True

    if report.cost and await store.transact(work):
        note(uid=uid, shortfall_nanos=report.cost)
        count(SHORTFALL, report.cost, model=KEY)
