"""Events about a payment in every form, a payer for them, and the books that they leave."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.accounts.account import Accounts, user_path
from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.events import Disputed, DisputeStatus, Fact, Paid, PaymentEvent, Refunded
from functions.farebox.billing.leaving.closing import forgotten
from functions.farebox.billing.payer import billing_path, read_payer
from functions.farebox.billing.sale import Sale
from functions.farebox.billing.settlement import payment_path
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.storage import Query, Set, Store, Transaction, Update
from tests.support.money.customers import wallet_of
from tests.support.product.runtime import START, Clock

USD = NANOS_PER_USD
PAYER = "ada"
PAYMENT = "pay_1"


def sale(credit: int = 10 * USD, *, bonus: int = 0, total: int | None = None, user: str = PAYER) -> Sale:
    return Sale(user, "topup", credit, bonus, credit if total is None else total)


def event(name: str, fact: Fact | None, *, provider: str = "test") -> PaymentEvent:
    return PaymentEvent(provider, f"evt_{name}", name, fact)


def disputed(status: DisputeStatus, minutes: int, amount: int = 10 * USD) -> Disputed:
    return Disputed(PAYMENT, "dp_1", amount, status, START + timedelta(minutes=minutes))


def eight_events(bonus: int = 0) -> list[PaymentEvent]:
    """Events about one payment of 10 USD, which may come in any order. The dispute is lost, and won after all."""
    paid = Paid(PAYMENT, sale(bonus=bonus))
    return [
        event("checkout.session.completed", paid),
        event("checkout.session.async_payment_succeeded", paid),
        event("payment_intent.succeeded", paid),
        event("partial_refund", Refunded(PAYMENT, 3 * USD)),
        event("full_refund", Refunded(PAYMENT, 10 * USD)),
        event("dispute.created", disputed("open", 1)),
        event("dispute.lost", disputed("lost", 2)),
        event("dispute.won", disputed("won", 3)),
    ]


async def open_account(store: Store, uid: str = PAYER, *, credit: int = 0) -> None:
    """An account with a wallet."""
    accounts = Accounts(store, signup_credit=credit, now=Clock())

    async def work(tx: Transaction) -> None:
        await accounts.open(tx, uid, f"{uid}@example.com")

    await store.transact(work)


ERASED: Mapping[str, Any] = {"status": "erased"}
CLOSED: Mapping[str, Any] = {"status": "suspended", "closed_at": START}


async def goes(store: Store, how: Mapping[str, Any] = ERASED, uid: str = PAYER) -> None:
    """The payer's account is erased, or closed."""
    payer = forgotten(await read_payer(store, uid))
    await store.write(Update(user_path(uid), dict(how)), Set(billing_path(uid), payer.to_data()))


async def apply(store: Store, *events: PaymentEvent, now: datetime = START) -> None:
    for each in events:
        await apply_event(store, each, now)


@dataclass(frozen=True)
class Books:
    """What is in the books of a payer and a payment."""

    balance: int
    debt: int
    frozen: bool
    by_type: dict[str, int]
    status: str
    disputed: tuple[str, ...]


async def books(store: Store, payment_id: str = PAYMENT, uid: str = PAYER) -> Books:
    """The books, once their audit was clean."""
    verdict = await verify(store, uid)
    assert verdict.fault is None
    wallet = await wallet_of(store, uid)
    by_type: Counter[str] = Counter()
    async for entry in store.scan(Query(f"{wallet_path(uid)}/transactions", limit=500)):
        by_type[entry.data["type"]] += entry.data["amount"]
    payment = await store.get(payment_path(payment_id))
    assert payment is not None
    billing = await read_payer(store, uid)
    return Books(
        wallet.balance,
        wallet.debt,
        wallet.frozen,
        {each: amount for each, amount in by_type.items() if amount},
        payment.data["status"],
        billing.disputed,
    )
