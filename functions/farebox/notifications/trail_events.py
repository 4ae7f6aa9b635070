"""Entries of an organisation's audit trail, told to its webhook: each once, and by no mail.

An entry bears the moment before its transaction was committed, by the clock of whoever made it. So each look goes back
`OVERLAP` behind the one before, and knows by an entry's id, which is the alert's occasion, that it was told.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.farebox.accounts.account import ORGANISATION, user_path
from functions.farebox.billing.payer import AlertTerms, Payer, billing_path
from functions.farebox.notifications.alert import Alert, alert_path, new_document, trail_occasion
from functions.farebox.organisations.trail import TrailEntry
from functions.farebox.storage import Filter, Query, Store, Transaction
from functions.farebox.storage.pages import Page, all_pages, read_page

OVERLAP = timedelta(minutes=10)  # longer than a transaction takes and clocks differ
PAGE = 100  # entries that one commit raises


class TrailEvents:
    """Finds entries that a webhook was not told, and raises an alert for each."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def look(self, org: str, terms: AlertTerms) -> int:
        """Raise what an organisation's webhook is to be told, if it has one; answers how much that is. A person's is
        told nothing: they did it. An address that was set by an earlier version is told what comes from now on."""
        if terms.url is None or not await self._is_organisation(org):
            return 0
        now = self._now()
        if terms.trail_from_at is None:
            await self._go_on_from(org, terms, now)
            return 0
        since = Filter("created_at", ">=", terms.trail_from_at)

        async def read(after: tuple[object, ...] | None) -> Page[TrailEntry]:
            query = Query(f"{user_path(org)}/trail", (since,), order_by="created_at", limit=PAGE, after=after)
            return await read_page(self._store, query, lambda each: TrailEntry.from_data(each.id, each.data))

        raised = found = 0
        async for entries in all_pages(read):
            found += len(entries)
            if entries:
                raised += await self._raise([_alert(org, entry) for entry in entries], terms, now)
        if found and now - OVERLAP > terms.trail_from_at:
            await self._go_on_from(org, terms, now - OVERLAP)
        return raised

    async def _is_organisation(self, org: str) -> bool:
        account = await self._store.get(user_path(org))
        return account is not None and account.data.get("kind") == ORGANISATION

    async def _raise(self, alerts: Sequence[Alert], terms: AlertTerms, now: datetime) -> int:
        async def work(tx: Transaction) -> int:
            known = await tx.get_many(*(alert_path(alert) for alert in alerts))
            new = [alert for alert, document in zip(alerts, known, strict=True) if document is None]
            for alert in new:
                tx.create(alert_path(alert), new_document(alert, terms, now, by_mail=False))
            return len(new)

        return await self._store.transact(work)

    async def _go_on_from(self, org: str, terms: AlertTerms, moment: datetime) -> None:
        async def work(tx: Transaction) -> None:
            document = await tx.get(billing_path(org))
            payer = Payer.from_document(document)
            if (payer.alerts.url, payer.alerts.trail_from_at) == (terms.url, terms.trail_from_at):
                tx.set(billing_path(org), replace(payer, alerts=replace(payer.alerts, trail_from_at=moment)).to_data())

        await self._store.transact(work)


def _alert(org: str, entry: TrailEntry) -> Alert:
    return Alert(
        org,
        trail_occasion(entry.id),
        f"audit.{entry.action}",
        f"Audit: {entry.action}",
        f"{entry.action} of {entry.target} by {entry.actor}.",
        {
            "id": entry.id,
            "actor": entry.actor,
            "address": entry.address,
            "request_id": entry.request_id,
            "action": entry.action,
            "target": entry.target,
            "before": entry.before,
            "after": entry.after,
            "created_at": entry.created_at,
        },
    )
