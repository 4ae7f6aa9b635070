"""Verifies a wallet: its entries, one by one, and the balance that they come to."""

from dataclasses import dataclass

from functions.farebox.kit.money import format_usd
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.storage import Data, Document, Query, Store


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: how many entries add up, their sum in nano-USD, and the first fault, if any."""

    entries: int
    total: int
    fault: str | None


async def verify(store: Store, uid: str) -> Verdict:
    """Recompute a wallet from its entries, in pages, and name the first that does not add up."""
    total = count = 0
    async for document in store.scan(Query(f"{wallet_path(uid)}/transactions", order_by="seq", limit=500)):
        fault = _entry_fault(document.id, document.data, count + 1, total)
        if fault:
            return Verdict(count, total, fault)
        total += document.data["amount"]
        count += 1
    return Verdict(count, total, wallet_fault(await store.get(wallet_path(uid)), total, count))


def _entry_fault(entry_id: str, data: Data, seq: int, before: int) -> str | None:
    if data["seq"] != seq:
        return f"entry {entry_id} of the ledger has number {data['seq']} where {seq} was due"
    if data["balance_before"] != before or data["balance_after"] != before + data["amount"]:
        return f"entry {entry_id} does not continue from a balance of {format_usd(before)} USD"
    if data["balance_after"] < 0:
        return f"entry {entry_id} leaves a negative balance"
    return None


def wallet_fault(document: Document | None, total: int, count: int) -> str | None:
    """What of a wallet does not agree with its entries, `count` of them that come to `total` nano-USD."""
    if document is None:
        return "there are entries but no wallet" if count else None
    wallet = Wallet.from_data(document.data)
    if (wallet.balance, wallet.seq) != (total, count):
        return (
            f"the wallet says {format_usd(wallet.balance)} USD after {wallet.seq} entries, "
            f"its {count} entries add up to {format_usd(total)} USD"
        )
    if wallet.reserved < 0 or wallet.available < 0 or wallet.debt < 0:
        return "an amount of the wallet is negative"
    return None
