"""Alerts: telling users what they want to know, once for each occasion, by mail and by webhook.

An alert is a document under the name of its occasion, so that finding the occasion twice finds the alert there. It
carries the record of its delivery: each way is tried until it worked, later and later, and is then given up.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.accounts import user_path
from functions.farebox.billing import AlertTerms, Billing, billing_path
from functions.farebox.errors import NotFound
from functions.farebox.mail import Mailer
from functions.farebox.money import format_usd
from functions.farebox.periods import period_of
from functions.farebox.sealing import Seal
from functions.farebox.storage import Data, Document, Filter, Query, Store, Transaction, Update
from functions.farebox.wallets import Wallet, wallet_path
from functions.farebox.webhooks_out import Undeliverable, WebhookSender, check_url, new_secret

PAGE = 200
KEY_WARNING = timedelta(days=7)
BUDGET_MARKS = (100, 90, 80)  # per cent; the highest that is reached is told
FIRST_RETRY = timedelta(minutes=1)  # doubles
MOST_ATTEMPTS = 10  # over 17 hours
KEPT_FOR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to tell a user. `occasion` names it: the same one is told once."""

    user: str
    occasion: str
    kind: str
    subject: str
    text: str
    data: Data = field(default_factory=dict)


@dataclass(slots=True)
class Alerted:
    """What a run came to."""

    raised: int = 0
    delivered: int = 0
    failed: int = 0
    given_up: int = 0

    def to_data(self) -> dict[str, int]:
        """For an answer."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class NewTerms:
    """Alert terms as they were set, with the secret in the clear if it is a new one."""

    terms: AlertTerms
    secret: str | None


class Alerts:
    """Finds occasions, and delivers what they call for."""

    def __init__(
        self, store: Store, mailer: Mailer, sender: WebhookSender, seal: Seal, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._mailer = mailer
        self._sender = sender
        self._seal = seal
        self._now = now

    async def configure(self, uid: str, *, low_balance: int | None, url: str | None, is_local: bool) -> NewTerms:
        """Set when and where a user is told. A new address gets a new secret. Raises `InvalidRequest`, `NotFound`."""
        if url is not None:
            check_url(url, is_local=is_local)
        secret = new_secret()
        sealed = self._seal.close(secret)

        async def work(tx: Transaction) -> NewTerms:
            user, document = await tx.get_many(user_path(uid), billing_path(uid))
            if user is None:
                raise NotFound("There is no such account.")
            billing = Billing.from_document(document)
            former = billing.alerts
            is_new = url is not None and (url != former.url or former.secret == sealed)
            kept = sealed if is_new else former.secret if url is not None else None
            is_low = former.is_low and low_balance == former.low_balance
            terms = replace(former, low_balance=low_balance, url=url, secret=kept, is_low=is_low)
            tx.set(billing_path(uid), replace(billing, alerts=terms).to_data())
            return NewTerms(terms, secret if is_new else None)

        return await self._store.transact(work)

    async def run(self) -> Alerted:
        """Find what is to be told, and deliver what is due. Safe to run at any time, any often."""
        done = Alerted()
        async for document in self._store.scan(Query("billing", (Filter("watched", "==", True),), limit=PAGE)):
            done.raised += await self._look_at_payer(document.id)
        async for alert in self._expiring_keys():
            done.raised += await self._raise(alert)
        query = Query("alerts", (Filter("due_at", "<=", self._now()),), order_by="due_at", limit=PAGE)
        for document in await self._store.query(query):
            await self._deliver(document, done)
        return done

    async def _look_at_payer(self, uid: str) -> int:
        """Raise the alerts of one payer. Whether the balance was low before is noted in the same commit."""
        now = self._now()

        async def work(tx: Transaction) -> int:
            wallet_doc, document = await tx.get_many(wallet_path(uid), billing_path(uid))
            if wallet_doc is None or document is None:
                return 0
            billing, wallet = Billing.from_document(document), Wallet.from_data(wallet_doc.data)
            alerts = [*_budget_alerts(uid, wallet, now), *_recharge_alerts(uid, billing)]
            terms = billing.alerts
            is_low = terms.low_balance is not None and wallet.balance < terms.low_balance
            if is_low != terms.is_low:
                terms = replace(terms, is_low=is_low, times_low=terms.times_low + is_low)
                alerts += [_low_balance_alert(uid, wallet, terms)] if is_low else []
            paths = [_alert_path(alert) for alert in alerts]
            known = await tx.get_many(*paths) if paths else []
            new = [alert for alert, document in zip(alerts, known, strict=True) if document is None]
            for alert in new:
                tx.create(_alert_path(alert), _new_document(alert, billing, now))
            if terms != billing.alerts:
                tx.set(billing_path(uid), replace(billing, alerts=terms).to_data())
            return len(new)

        return await self._store.transact(work)

    async def _expiring_keys(self) -> AsyncIterator[Alert]:
        now = self._now()
        soon = (Filter("expires_at", ">", now), Filter("expires_at", "<=", now + KEY_WARNING))
        async for key in self._store.scan(Query("api_keys", soon, order_by="expires_at", limit=PAGE)):
            if key.data["state"] == "live":
                yield _key_alert(key)

    async def _raise(self, alert: Alert) -> int:
        now = self._now()

        async def work(tx: Transaction) -> int:
            known, document = await tx.get_many(_alert_path(alert), billing_path(alert.user))
            if known is not None:
                return 0
            tx.create(_alert_path(alert), _new_document(alert, Billing.from_document(document), now))
            return 1

        return await self._store.transact(work)

    async def _deliver(self, document: Document, done: Alerted) -> None:
        """Try the ways that have not worked yet, and note what came of it."""
        now, data = self._now(), document.data
        user, billing_doc = await self._store.get_many(user_path(data["user"]), billing_path(data["user"]))
        mail, webhook = data["mail"], data["webhook"]
        if mail == "waits" and user is not None:
            await self._mailer.send(user.data["email"], data["subject"], data["text"], mail_id=document.id)
            mail = "sent"
        problem = None
        if webhook == "waits":
            try:
                await self._post(document, Billing.from_document(billing_doc).alerts, now)
                webhook = "delivered"
            except Undeliverable as error:
                problem = str(error)
        attempts = data["attempts"] + 1
        is_over = problem is not None and attempts >= MOST_ATTEMPTS
        done.delivered += problem is None
        done.failed += problem is not None and not is_over
        done.given_up += is_over
        fields = {
            "mail": mail,
            "webhook": "given_up" if is_over else webhook,
            "attempts": attempts,
            "problem": problem,
            "last_attempt_at": now,
            "due_at": None if problem is None or is_over else now + FIRST_RETRY * 2 ** (attempts - 1),
        }
        await self._store.write(Update(document.path, fields))

    async def _post(self, document: Document, terms: AlertTerms, now: datetime) -> None:
        if terms.url is None or terms.secret is None:
            return  # the user has taken the address away: there is nobody to tell
        data = document.data
        body: dict[str, Any] = {
            "type": data["kind"],
            "timestamp": data["created_at"].isoformat(),
            "data": {"message": data["text"], **data["data"]},
        }
        await self._sender.send(terms.url, self._seal.open(terms.secret), document.id, body, now)


def _alert_path(alert: Alert) -> str:
    return f"alerts/{alert.user}_{alert.occasion}"


def _new_document(alert: Alert, billing: Billing, now: datetime) -> Data:
    return {
        **asdict(alert),
        "mail": "waits",
        "webhook": "none" if billing.alerts.url is None else "waits",
        "attempts": 0,
        "problem": None,
        "created_at": now,
        "last_attempt_at": None,
        "due_at": now,
        "expires_at": now + KEPT_FOR,
    }


def _low_balance_alert(uid: str, wallet: Wallet, terms: AlertTerms) -> Alert:
    assert terms.low_balance is not None
    balance, mark = format_usd(wallet.balance), format_usd(terms.low_balance)
    return Alert(
        uid,
        f"low-{terms.times_low}",
        "balance.low",
        "Your balance is low",
        f"Your balance is {balance} USD, below the {mark} USD that you asked to be told at. Top up to go on.",
        {"balance_usd": balance, "low_balance_usd": mark},
    )


def _budget_alerts(uid: str, wallet: Wallet, now: datetime) -> list[Alert]:
    budget = wallet.budget.in_period(period_of(now, wallet.time_zone))
    if not budget.limit:
        return []
    for mark in BUDGET_MARKS:
        if budget.spent * 100 >= budget.limit * mark:
            spent, limit = format_usd(budget.spent), format_usd(budget.limit)
            return [
                Alert(
                    uid,
                    f"budget-{budget.period}-{mark}",
                    "budget.reached",
                    f"{mark} % of your budget is spent",
                    f"You have spent {spent} of the {limit} USD of your budget for {budget.period}.",
                    {"percent": mark, "spent_usd": spent, "limit_usd": limit, "period": budget.period},
                )
            ]
    return []


def _recharge_alerts(uid: str, billing: Billing) -> list[Alert]:
    recharge = billing.recharge
    if recharge.failed_attempt is None:
        return []
    text = f"Your saved card could not be charged ({recharge.last_failure or 'declined'})."
    if recharge.off_reason is not None:
        text += " Auto-recharge is now off. Top up by hand, and turn it on again with a card that works."
    else:
        text += " It will be tried again later."
    data = {"reason": recharge.last_failure, "is_off": recharge.off_reason is not None}
    occasion = f"recharge-{recharge.failed_attempt}"
    return [Alert(uid, occasion, "auto_recharge.failed", "Auto-recharge failed", text, data)]


def _key_alert(key: Document) -> Alert:
    expires_at: datetime = key.data["expires_at"]
    return Alert(
        key.data["user"],
        f"key-{key.id}-{expires_at:%Y%m%dT%H%M%S}",
        "key.expiring",
        "An API key expires soon",
        f"Your API key {key.data['name']} ({key.data['prefix']}...) expires at {expires_at.isoformat()}. Change its "
        "expiry or make a new one.",
        {"key_id": key.id, "name": key.data["name"], "key_expires_at_utc": expires_at.isoformat()},
    )
