"""Alerts: users are told what they want to know, once for each occasion, by mail and by webhook.

An alert is a document under the name of its occasion, so that finding the occasion twice finds the alert there. It
carries the record of its delivery (`alert_delivery`).
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.accounts.account import user_path
from functions.farebox.billing.payer import AlertTerms, Payer, billing_path
from functions.farebox.errors import NotFound
from functions.farebox.keys.api_key import ApiKey
from functions.farebox.keys.holding import as_they_stand
from functions.farebox.kit.money import format_usd
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.span_budgets import NO_CAPS, SpanCaps, span_budgets_path
from functions.farebox.notifications.alert import Alert, alert_path, key_occasions, new_document
from functions.farebox.notifications.budget_alerts import alerts_of_keys, payer_alerts
from functions.farebox.notifications.delivery import AlertDelivery, Alerted, MayMail
from functions.farebox.notifications.mail import Mailer
from functions.farebox.notifications.trail_events import TrailEvents
from functions.farebox.notifications.webhooks import WebhookSender, check_url, new_secret
from functions.farebox.secrets.seal import Seal
from functions.farebox.storage import Document, Filter, Query, Store, Transaction
from functions.farebox.storage.apart import Apart
from functions.farebox.storage.pages import Page, read_page

PAGE = 200
KEY_WARNING = timedelta(days=7)
LONGEST_PAUSE = timedelta(days=1)  # of the job; a key that was used before has begun another day
OVERLAP = timedelta(minutes=2)  # of looks at keys: instances tell of their use a moment later


@dataclass(frozen=True, slots=True)
class NewTerms:
    """Alert terms as they were set, with the secret in the clear if it is a new one."""

    terms: AlertTerms
    secret: str | None


class Alerts:
    """Finds occasions, and delivers what they call for."""

    def __init__(
        self,
        store: Store,
        mailer: Mailer,
        sender: WebhookSender,
        seal: Seal,
        may_mail: MayMail,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._seal = seal
        self._now = now
        self._trail_events = TrailEvents(store, now)
        self._delivery = AlertDelivery(store, mailer, sender, seal, may_mail, now)

    async def configure(self, uid: str, *, low_balance: int | None, url: str | None, may_stay_here: bool) -> NewTerms:
        """Set when and where a user is told. A new address gets a new secret.

        `may_stay_here`: the address may be this machine's. Raises `InvalidRequest`, `NotFound`.
        """
        if url is not None:
            check_url(url, may_stay_here=may_stay_here)
        secret = new_secret()
        sealed = self._seal.close(secret)

        async def work(tx: Transaction) -> NewTerms:
            user, document = await tx.get_many(user_path(uid), billing_path(uid))
            if user is None:
                raise NotFound("There is no such account.")
            billing = Payer.from_document(document)
            former = billing.alerts
            is_new = url is not None and (url != former.url or former.secret == sealed)
            kept = sealed if is_new else former.secret if url is not None else None
            is_low = former.is_low and low_balance == former.low_balance
            terms = replace(
                former,
                low_balance=low_balance,
                url=url,
                secret=kept,
                is_low=is_low,
                may_stay_here=may_stay_here,
                trail_from_at=self._now() if is_new else former.trail_from_at,
            )
            tx.set(billing_path(uid), replace(billing, alerts=terms).to_data())
            return NewTerms(terms, secret if is_new else None)

        return await self._store.transact(work)

    async def end_webhook(self, uid: str) -> None:
        """Have no address be told any more; mails go on. Safe to repeat."""

        async def work(tx: Transaction) -> None:
            document = await tx.get(billing_path(uid))
            billing = Payer.from_document(document)
            if document is not None and billing.alerts.url is not None:
                terms = replace(billing.alerts, url=None, secret=None, may_stay_here=False)
                tx.set(document.path, replace(billing, alerts=terms).to_data())

        await self._store.transact(work)

    async def run(self) -> Alerted:
        """Find what is to be told, and deliver what is due. Safe to run at any time, any often."""
        done, apart = Alerted(), Apart()
        async for document in self._store.scan(Query("billing", (Filter("watched", "==", True),), limit=PAGE)):
            with apart.each(f"what {document.id} is to be told is looked for later"):
                done.raised += await self._look_at_payer(document.id)
                done.raised += await self._trail_events.look(document.id, Payer.from_document(document).alerts)
        async for alert in self._expiring_keys():
            done.raised += await self._raise(alert)
        async for alert in alerts_of_keys(self._store, await self._looked_at(), self._now()):
            done.raised += await self._raise(alert)
        return await self._delivery.deliver_due(done)

    async def page(self, uid: str, *, limit: int, after: tuple[Any, ...] | None) -> Page[Document]:
        """What a user was told, newest first, each with the record of its delivery."""
        mine = (Filter("user", "==", uid),)
        query = Query("alerts", mine, order_by="created_at", descending=True, limit=limit, after=after)
        return await read_page(self._store, query, lambda document: document)

    async def _look_at_payer(self, uid: str) -> int:
        """Raise the alerts of one payer. Whether the balance was low before is noted in the same commit."""
        now = self._now()

        async def work(tx: Transaction) -> int:
            wallet_doc, document, user, spans = await tx.get_many(
                wallet_path(uid), billing_path(uid), user_path(uid), span_budgets_path(uid)
            )
            if wallet_doc is None or document is None:
                return 0
            billing, wallet = Payer.from_document(document), Wallet.from_data(wallet_doc.data)
            caps = NO_CAPS if user is None else SpanCaps.from_data(user.data)
            alerts = [*payer_alerts(uid, wallet, spans, caps, now), *_recharge_alerts(uid, billing)]
            terms = billing.alerts
            is_low = terms.low_balance is not None and wallet.balance < terms.low_balance
            if is_low != terms.is_low:
                terms = replace(terms, is_low=is_low, times_low=terms.times_low + is_low)
                alerts += [_low_balance_alert(uid, wallet, terms)] if is_low else []
            paths = [alert_path(alert) for alert in alerts]
            known = await tx.get_many(*paths) if paths else []
            new = [alert for alert, document in zip(alerts, known, strict=True) if document is None]
            for alert in new:
                tx.create(alert_path(alert), new_document(alert, billing.alerts, now))
            if terms != billing.alerts:
                tx.set(billing_path(uid), replace(billing, alerts=terms).to_data())
            return len(new)

        return await self._store.transact(work)

    async def _expiring_keys(self) -> AsyncIterator[Alert]:
        now = self._now()
        soon = (Filter("expires_at", ">", now), Filter("expires_at", "<=", now + KEY_WARNING))
        async for document in self._store.scan(Query("api_keys", soon, order_by="expires_at", limit=PAGE)):
            [key] = await as_they_stand(self._store.get_many, ApiKey.from_data(document.id, document.data))
            if key.state == "live":
                yield _key_alert(document)

    async def _looked_at(self) -> datetime:
        """From when on keys may have been used that were not looked at yet."""
        job = await self._store.get("jobs/send-alerts")  # which notes when it has run
        return self._now() - LONGEST_PAUSE if job is None else job.data["ran_at"] - OVERLAP

    async def _raise(self, alert: Alert) -> int:
        now = self._now()
        if await self._store.get(alert_path(alert)) is not None:
            return 0

        async def work(tx: Transaction) -> int:
            known, document = await tx.get_many(alert_path(alert), billing_path(alert.user))
            if known is not None:
                return 0
            tx.create(alert_path(alert), new_document(alert, Payer.from_document(document).alerts, now))
            return 1

        return await self._store.transact(work)


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


def _recharge_alerts(uid: str, billing: Payer) -> list[Alert]:
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
        f"{key_occasions(key.id)[0]}{expires_at:%Y%m%dT%H%M%S}",
        "key.expiring",
        "An API key expires soon",
        f"Your API key {key.data['name']} ({key.data['prefix']}...) expires at {expires_at.isoformat()}. Change its "
        "expiry or make a new one.",
        {"key_id": key.id, "name": key.data["name"], "key_expires_at_utc": expires_at.isoformat()},
    )
