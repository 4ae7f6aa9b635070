"""Delivers alerts by mail and by webhook, and keeps a record of it on each.

An attempt is noted, and the next one set, before anything is sent: runs at the same time do not send the same alert,
and one that is cut off is tried again. Each way is tried until it worked, later and later, and is then given up.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.accounts.account import user_path
from functions.farebox.billing.payer import AlertTerms, Payer, billing_path
from functions.farebox.notifications.mail import Mailer
from functions.farebox.notifications.webhooks import Undeliverable, WebhookSender
from functions.farebox.organisations.members import billing_addresses
from functions.farebox.secrets.seal import Seal, Unopened
from functions.farebox.storage import Data, Document, Filter, Query, Store, Transaction, Update

MOST_A_RUN = 200
AT_ONCE = 10  # an address that does not answer takes ten seconds; others are not to wait for it
FIRST_RETRY = timedelta(minutes=1)  # doubles
MOST_ATTEMPTS = 10  # over 17 hours

MayMail = Callable[[str], Awaitable[bool]]  # by the id of a person

log = logging.getLogger("farebox.alerts")


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


class AlertDelivery:
    """Sends what is due. Mails go to whom `may_mail` says: an address that nobody has proved theirs may be a
    stranger's, who is not to be sent what somebody else makes of an alert."""

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
        self._mailer = mailer
        self._sender = sender
        self._seal = seal
        self._may_mail = may_mail
        self._now = now

    async def deliver_due(self, done: Alerted) -> Alerted:
        """Try every alert that is due, `MOST_A_RUN` at most, and count what came of it."""
        query = Query("alerts", (Filter("due_at", "<=", self._now()),), order_by="due_at", limit=MOST_A_RUN)
        gate = asyncio.Semaphore(AT_ONCE)

        async def deliver(document: Document) -> None:
            async with gate:
                data = await self._claim(document)
                if data is not None:
                    await self._deliver(document, data, done)

        await asyncio.gather(*(deliver(document) for document in await self._store.query(query)))
        return done

    async def _claim(self, document: Document) -> Data | None:
        """Note an attempt, and when the next one is due; `None` if another run was first."""
        now = self._now()

        async def work(tx: Transaction) -> Data | None:
            current = await tx.get(document.path)
            if current is None or current.data["due_at"] != document.data["due_at"]:
                return None
            attempts = current.data["attempts"] + 1
            due_at = now + FIRST_RETRY * 2 ** (attempts - 1)
            data = {**current.data, "attempts": attempts, "last_attempt_at": now, "due_at": due_at}
            tx.set(document.path, data)
            return data

        return await self._store.transact(work)

    async def _deliver(self, document: Document, data: Data, done: Alerted) -> None:
        """Try the ways that have not worked yet, and note what came of it."""
        ways = {"mail": data["mail"], "webhook": data["webhook"]}
        problem = None
        try:
            await self._send(document, data, ways)
        except Undeliverable as error:
            problem = str(error)
        except Exception:  # one alert's trouble must not keep the others
            log.exception("could not deliver %s", document.path)
            problem = "a fault of ours"
        is_over = problem is not None and data["attempts"] >= MOST_ATTEMPTS
        if is_over:
            ways = {way: "given_up" if state == "waits" else state for way, state in ways.items()}
        done.delivered += problem is None
        done.failed += problem is not None and not is_over
        done.given_up += is_over
        due_at = None if problem is None or is_over else data["due_at"]
        await self._store.write(Update(document.path, {**ways, "problem": problem, "due_at": due_at}))

    async def _send(self, document: Document, data: Data, ways: dict[str, str]) -> None:
        """Send it each way that waits, and say in `ways` what worked. Raises `Undeliverable`."""
        user, billing_doc = await self._store.get_many(user_path(data["user"]), billing_path(data["user"]))
        if ways["mail"] == "waits" and user is not None:
            own = user.data["email"]  # which an organisation has none of
            people = {user.id: own} if own else await billing_addresses(self._store, user.id)
            addresses = [email for uid, email in people.items() if await self._may_mail(uid)]
            for number, to in enumerate(addresses):
                mail_id = f"{document.id}-{number}" if number else document.id
                await self._mailer.send(to, data["subject"], data["text"], mail_id=mail_id)
            ways["mail"] = "sent" if addresses else "none"
        if ways["webhook"] == "waits":
            await self._post(document.id, data, Payer.from_document(billing_doc).alerts)
            ways["webhook"] = "delivered"

    async def _post(self, alert_id: str, data: Data, terms: AlertTerms) -> None:
        if terms.url is None or terms.secret is None:
            return  # the user has taken the address away: there is nobody to tell
        body: dict[str, Any] = {
            "type": data["kind"],
            "timestamp": data["created_at"].isoformat(),
            "data": {"message": data["text"], **data["data"]},
        }
        try:
            secret = self._seal.open(terms.secret)
        except Unopened as error:
            billing = billing_path(data["user"])
            log.error("%s: the secret of its webhook does not open with this FAREBOX_SECRET_KEY", billing)
            raise Undeliverable(
                "the secret to sign it with cannot be read: take the address away and name it again, for a new one"
            ) from error
        await self._sender.send(terms.url, secret, alert_id, body, self._now(), may_stay_here=terms.may_stay_here)
