"""Finds budgets that are nearly or wholly spent: a payer's own, their keys', and those of members and projects, of the
month, the day, the week and in total. 80, 90 and 100 % are told, once each in a period.

A payer's own are looked at with everything else of theirs. Of keys, those are looked at that were used since the last
look: of a hundred thousand, few were. A key that another key has made is a customer's: of its budgets the payer is not
told, but of its project's.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime

from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.keys.api_key import ApiKey, key_path
from functions.farebox.kit.money import format_usd
from functions.farebox.kit.periods import local_day_of, period_of
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.belongs import Belongs
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.group_budget import group_budget_paths, read_group_budget
from functions.farebox.limits.span_budgets import (
    SpanCaps,
    period_in,
    read_span_budgets,
    span_budgets_path,
)
from functions.farebox.notifications.alert import Alert
from functions.farebox.storage import Document, Filter, Query, Store

MARKS = (100, 90, 80)  # per cent; the highest that is reached is told
PAGE = 100


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose budgets they are: the payer who is told, the names of occasions, and what a person calls it."""

    payer: str
    zone: str
    occasion: str = ""
    name: str = ""

    def month(self, budget: Budget, limit: int | None, now: datetime) -> list[Alert]:
        """What is to be told of a month's budget."""
        current = replace(budget.in_period(period_of(now, self.zone)), limit=limit)
        return self._reached(current.period, current, "month", f" for {current.period}")

    def spans(self, document: Document | None, caps: SpanCaps, now: datetime) -> list[Alert]:
        """What is to be told of those of other spans."""
        day, alerts = local_day_of(now, self.zone), []
        for span, counted in read_span_budgets(None if document is None else document.data).items():
            period = period_in(span, day)
            budget = replace(counted.in_period(period), limit=caps.of(span))
            if span == "total":
                budget = replace(budget, spent=budget.spent + caps.before)
                alerts += self._reached(f"total-{budget.limit}", budget, span, " in total")  # a larger is another
            else:
                alerts += self._reached(f"{span}-{period}", budget, span, f" for the {span} {period}")
        return alerts

    def _reached(self, occasion: str, budget: Budget, window: str, when: str) -> list[Alert]:
        if not budget.limit:
            return []
        mark = next((mark for mark in MARKS if budget.spent * 100 >= budget.limit * mark), None)
        if mark is None:
            return []
        spent, limit = format_usd(budget.spent), format_usd(budget.limit)
        what = f"the budget of {self.name}" if self.name else "your budget"
        return [
            Alert(
                self.payer,
                f"budget-{self.occasion}{occasion}-{mark}",
                "budget.reached",
                f"{mark} % of {what} is spent",
                f"You have spent {spent} of the {limit} USD of {what}{when}.",
                {"percent": mark, "spent_usd": spent, "limit_usd": limit, "period": budget.period, "window": window},
            )
        ]


def payer_alerts(uid: str, wallet: Wallet, spans: Document | None, caps: SpanCaps, now: datetime) -> list[Alert]:
    """What is to be told of a payer's own budgets."""
    own = _Whose(uid, wallet.time_zone)
    return [*own.month(wallet.budget, wallet.budget.limit, now), *own.spans(spans, caps, now)]


async def alerts_of_keys(store: Store, since: datetime, now: datetime) -> AsyncIterator[Alert]:
    """What is to be told of the keys that were used since a moment, and of the members and projects that they belong
    to, of payers whose budgets are watched."""
    used: list[Document] = []
    recent = Query("key_windows", (Filter("last_used_at", ">=", since),), order_by="last_used_at", limit=PAGE)
    async for window in store.scan(recent):
        used.append(window)
        if len(used) == PAGE:
            for alert in await _look(store, used, now):
                yield alert
            used = []
    for alert in await _look(store, used, now):
        yield alert


async def _look(store: Store, windows: list[Document], now: datetime) -> list[Alert]:
    records = await store.get_many(*(key_path(each.id) for each in windows))
    keys = [ApiKey.from_data(each.id, each.data) for each in records if each is not None]
    payers = sorted({key.user for key in keys})
    billing = await store.get_many(*map(billing_path, payers))
    wallets = await store.get_many(*map(wallet_path, payers))
    zones = {
        uid: Wallet.from_data(wallet.data).time_zone
        for uid, payer, wallet in zip(payers, billing, wallets, strict=True)
        if wallet is not None and Payer.from_document(payer).is_watched
    }
    keys = [key for key in keys if key.user in zones]
    months = {each.id: Budget.from_data(each.data.get("budget")) for each in windows}
    groups = {
        path: (key.user, kind)
        for key in keys
        for kind, path in group_budget_paths(key.user, Belongs(key.member, key.project)).items()
    }
    spans = [span_budgets_path(key.user, key.id) for key in keys if key.caps and key.made_by is None]
    paths = [*groups, *spans]
    found = dict(zip(paths, await store.get_many(*paths), strict=True))
    alerts: list[Alert] = []
    for key in keys:
        if key.made_by is None:
            whose = _Whose(key.user, zones[key.user], f"key-{key.id}-", f"the API key {key.name} ({key.prefix}...)")
            counted = found.get(span_budgets_path(key.user, key.id))
            alerts += [*whose.month(months[key.id], key.monthly_budget, now), *whose.spans(counted, key.caps, now)]
    for path, (uid, kind) in groups.items():
        name, budget = path.rpartition("/")[2], read_group_budget(found[path])
        whose = _Whose(uid, zones[uid], f"{kind}-{name}-", f"the {kind} {name}")
        alerts += whose.month(budget, budget.limit, now)
    return alerts
