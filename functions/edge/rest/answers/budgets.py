"""Response models of budgets beside the wallet's own: of keys, members and projects, and of other spans than months."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from functions.edge.rest.app import Answer
from functions.edge.rest.money import Usd
from functions.farebox.kit.periods import local_day_of, period_end, period_of
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.span_budgets import Span, SpanCaps, begins_anew, period_in
from functions.farebox.wiring.runtime import Runtime

SPEND_EVER = (
    "Spend ever; it never begins anew. Set later it counts what was spent before, but for what is spent in the five "
    "seconds until all instances know of it"
)


class KeyBudget(Answer):
    """What a key, a member or a project has spent in the latest period in which it was used. It lags behind by some
    seconds."""

    period: str | None = Field(description="`2026-11`, `2026-11-28`, `2026-W48` or `total`; null: nothing was counted")
    limit_usd: Usd | None
    spent_usd: Usd
    resets_at: datetime | None = Field(
        description="When that period ends and it begins anew, by the account's calendar; in the past: it has, and "
        "nothing was spent since; null: never"
    )


class TotalBudget(KeyBudget):
    """What was spent ever."""

    since: datetime | None = Field(
        description="From when it counts: the key or the account was made then. Null: since one of the three was first "
        "given a cap; PATCH the total to have it count from the beginning"
    )


class SpanBudgets(Answer):
    """What was spent in the latest day, in the latest ISO week (Monday to Sunday) and ever."""

    daily: KeyBudget
    weekly: KeyBudget
    total: TotalBudget


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day that it is for an account."""

    now: datetime
    time_zone: str

    def this_month(self, budget: Budget, limit: int | None) -> KeyBudget:
        """What was spent of a month's budget, with the cap that there is now."""
        period = budget.period or period_of(self.now, self.time_zone)
        return _show(budget, limit, period_end(period, self.time_zone))

    def spans(self, spans: Mapping[Span, Budget], caps: SpanCaps) -> SpanBudgets | None:
        """What was spent of budgets of other spans, with the caps that there are now; nothing where there are none."""
        if not caps:
            return None
        total = Budget(spans["total"].period, caps.total, spans["total"].spent + caps.before)
        return SpanBudgets(
            daily=self._latest("day", spans["day"], caps),
            weekly=self._latest("week", spans["week"], caps),
            total=TotalBudget(**dict(_show(total, caps.total, None)), since=caps.since_at),
        )

    def _latest(self, span: Span, budget: Budget, caps: SpanCaps) -> KeyBudget:
        period = budget.period or period_in(span, local_day_of(self.now, self.time_zone))
        return _show(budget, caps.of(span), begins_anew(span, period, self.time_zone))


async def calendar_of(runtime: Runtime, payer: str) -> Calendar:
    """The calendar of a payer, by their time zone."""
    wallet = await (await runtime.store()).get(wallet_path(payer))
    return Calendar(runtime.now(), "UTC" if wallet is None else Wallet.from_data(wallet.data).time_zone)


def _show(budget: Budget, limit: int | None, resets_at: datetime | None) -> KeyBudget:
    return KeyBudget(period=budget.period or None, limit_usd=limit, spent_usd=budget.spent, resets_at=resets_at)
