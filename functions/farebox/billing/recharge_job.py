"""The auto-recharge job: charges the saved cards of those who asked for it, when their balance is low.

A user has one attempt in flight at most. It is noted before the provider is asked, with the card, and the provider is
asked under its id: however often that happens, that card is charged once. It stays in flight, and in the day's sum,
until it is known what became of it. What is credited hangs on the payment, like everything.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from functions.farebox.accounts.account import is_active, user_path
from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.auto_recharge import Recharge
from functions.farebox.billing.events import PaymentEvent, PaymentFailed
from functions.farebox.billing.packages import Shop, check_amount
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.billing.provider import (
    Charge,
    ChargeOutcome,
    Payments,
    ProviderCustomer,
    ProviderFailed,
    SavedCard,
)
from functions.farebox.errors import InvalidRequest, NotFound
from functions.farebox.kit.ids import Ids
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.storage import Filter, Query, Store, Transaction
from functions.farebox.storage.apart import Apart

PAGE = 200
OUTCOME_UNKNOWN = "outcome_unknown"


@dataclass(slots=True)
class Recharged:
    """What a run came to: users looked at, and how their attempts ended."""

    considered: int = 0
    paid: int = 0
    declined: int = 0
    pending: int = 0
    failed: int = 0  # could not be looked at

    def to_data(self) -> dict[str, int]:
        """For an answer."""
        return asdict(self)


async def configure(
    store: Store, uid: str, shop: Shop, *, enabled: bool, threshold: int | None, amount: int | None
) -> Recharge:
    """Opt a user in or out; `None` leaves what was set before, where both are said together first. Raises
    `InvalidRequest` for amounts that are out of bounds or were never set, `NotFound` for nobody."""

    async def work(tx: Transaction) -> Recharge:
        user, document = await tx.get_many(user_path(uid), billing_path(uid))
        if user is None:
            raise NotFound("There is no such account.")
        billing = Payer.from_document(document)
        before = billing.recharge
        if not before.amount and (enabled or threshold is not None or amount is not None):
            for field, value in (("threshold_usd", threshold), ("amount_usd", amount)):
                if value is None:
                    raise InvalidRequest(
                        f"{field} is missing from the body. Add it.", param=field, code="missing_field"
                    )
        recharge = before.configured(
            enabled=enabled,
            threshold=before.threshold if threshold is None else threshold,
            amount=before.amount if amount is None else amount,
        )
        if enabled:
            check_amount(recharge.amount, shop.least, shop.most_recharge, "amount_usd")
        tx.set(billing_path(uid), replace(billing, recharge=recharge).to_data())
        return recharge

    return await store.transact(work)


async def run_auto_recharge(
    store: Store, payments: Payments, *, daily_max: int, now: Callable[[], datetime], ids: Ids
) -> Recharged:
    """Look at everybody who asked for it, and charge those whose balance is low. Safe to run at any time, any often.

    `daily_max` is the most that one user is charged a day, in nano-USD. Who could not be charged now is looked at
    again in the next run.
    """
    done, apart = Recharged(), Apart()
    async for document in store.scan(Query("billing", (Filter("recharges", "==", True),), limit=PAGE)):
        done.considered += 1
        attempt = ids.new("rch_")
        with apart.each(f"the card of {document.id} is charged later"):
            status = await _recharge(store, payments, document.id, attempt, daily_max, now)
            done.paid += status == "paid"
            done.declined += status == "declined"
            done.pending += status == "pending"
    done.failed = apart.failed
    return done


async def _recharge(
    store: Store, payments: Payments, uid: str, attempt: str, daily_max: int, now: Callable[[], datetime]
) -> str | None:
    """Charge one user, if that is due; answers what became of it."""
    claimed = await _claim(store, payments.name, uid, attempt, daily_max, now())
    if claimed is None:
        return None
    try:
        outcome = await _ask(store, payments, *claimed, now())
    except ProviderFailed:
        return "pending"
    if outcome.event is not None:
        await apply_event(store, outcome.event, now())
    return outcome.status


async def _ask(store: Store, payments: Payments, charge: Charge, recharge: Recharge, now: datetime) -> ChargeOutcome:
    """Charge the card, once it is noted which; or look up what became of that, where a card cannot be asked for again:
    it has been too long, or a version before this one noted none. Only what the provider has never heard of is over."""
    started_at, is_stuck = recharge.attempt_started_at, recharge.is_stuck(now)
    if started_at is not None and (is_stuck or (charge.card is None and started_at < now)):
        known = await payments.outcome_of(charge)
        if known is not None:
            return known
    if is_stuck:
        fact = PaymentFailed(f"none_{charge.attempt}", OUTCOME_UNKNOWN, charge.payer.user, charge.attempt)
        return ChargeOutcome("declined", PaymentEvent(payments.name, f"charge_{charge.attempt}", "given_up", fact))
    if charge.card is None:
        card = await payments.saved_card(charge.payer)
        if card is not None:
            card = await _note_card(store, charge, card)
        charge = replace(charge, card=card)
    return await payments.charge_saved_card(charge)


async def _note_card(store: Store, charge: Charge, card: SavedCard) -> SavedCard:
    """Note which card an attempt charges; answers that, for it may be noted already."""
    path = billing_path(charge.payer.user)

    async def work(tx: Transaction) -> SavedCard:
        billing = Payer.from_document(await tx.get(path))
        noted = _noted_card(billing, charge.attempt)
        if noted is not None:
            return noted
        charging = {"attempt": charge.attempt, "customer": card.customer, "card": card.id}
        tx.set(path, replace(billing, charging=charging).to_data())
        return card

    return await store.transact(work)


def _noted_card(billing: Payer, attempt: str) -> SavedCard | None:
    told = billing.charging
    if told is None or told["attempt"] != attempt:
        return None
    return SavedCard(told["customer"], told["card"])


async def _claim(
    store: Store, provider: str, uid: str, attempt: str, daily_max: int, now: datetime
) -> tuple[Charge, Recharge] | None:
    """Note an attempt, or that the one in flight is asked about again; `None` where there is nothing to do."""

    async def work(tx: Transaction) -> tuple[Charge, Recharge] | None:
        user, wallet_doc, document = await tx.get_many(user_path(uid), wallet_path(uid), billing_path(uid))
        if user is None or wallet_doc is None:
            return None
        billing = Payer.from_document(document)
        recharge = _next(billing.recharge, Wallet.from_data(wallet_doc.data), user.data, attempt, daily_max, now)
        if recharge != billing.recharge:
            tx.set(billing_path(uid), replace(billing, recharge=recharge).to_data())
        if recharge.attempt is None or recharge.asked_at != now:
            return None
        account = billing.emails.get(provider, {}).get("account")
        payer = ProviderCustomer(uid, user.data["email"], billing.customers.get(provider), account)
        card = _noted_card(billing, recharge.attempt)
        return Charge(recharge.attempt, payer, recharge.attempt_amount, card), recharge

    return await store.transact(work)


def _next(
    recharge: Recharge, wallet: Wallet, user: dict[str, object], attempt: str, daily_max: int, now: datetime
) -> Recharge:
    """Where a recharge goes from here. Who is suspended, in dispute or owes after a refund is not charged."""
    if recharge.attempt is not None:
        return replace(recharge, asked_at=now) if recharge.may_ask_again(now) else recharge
    barred = not is_active(user) or wallet.frozen or wallet.debt > 0
    if barred or not recharge.may_start(wallet.balance, daily_max, now):
        return recharge
    return recharge.started(attempt, now)
