"""Response models of wallets and their ledger: for their owner, and for operators."""

from datetime import datetime
from typing import Any

from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.rest.app import Answer
from functions.edge.rest.export import Format, export_list
from functions.edge.rest.money import Usd
from functions.edge.rest.paging import ListAnswer, Pager
from functions.farebox.ledger.wallet import Entry, EntryType
from functions.farebox.limits.budget import Budget
from functions.farebox.storage.pages import TimeRange
from functions.farebox.wiring.runtime import Runtime


class BudgetAnswer(Answer):
    """The spending cap of one calendar month. `null` is no cap."""

    period: str = Field(examples=["2026-11"])
    limit_usd: Usd | None
    spent_usd: Usd
    remaining_usd: Usd | None = Field(description="The limit less what is spent and what requests in flight hold")


class TransactionAnswer(Answer):
    """A ledger entry."""

    id: str
    type: EntryType
    amount_usd: Usd
    balance_before_usd: Usd
    balance_after_usd: Usd
    description: str
    reference: str
    metadata: dict[str, Any]
    created_at: datetime


def show_budget(budget: Budget) -> BudgetAnswer:
    """A budget as an answer."""
    return BudgetAnswer(period=budget.period, limit_usd=budget.limit, spent_usd=budget.spent, remaining_usd=budget.free)


def show_entry(entry: Entry) -> TransactionAnswer:
    """A ledger entry as an answer."""
    return TransactionAnswer(
        id=entry.id,
        type=entry.type,
        amount_usd=entry.amount,
        balance_before_usd=entry.balance_before,
        balance_after_usd=entry.balance_after,
        description=entry.description,
        reference=entry.reference,
        metadata=entry.metadata,
        created_at=entry.created_at,
    )


async def ledger_page(
    runtime: Runtime, uid: str, type: EntryType | None, span: TimeRange, *, limit: int, cursor: str | None
) -> ListAnswer[TransactionAnswer]:
    """A page of a user's ledger, newest first."""
    pager = Pager(runtime, f"transactions {uid} {type} {span.start} {span.end}")
    statements = await runtime.statements()
    page = await statements.entries(uid, type=type, span=span, limit=limit, after=pager.position(cursor))
    return pager.answer(page, show_entry)


async def ledger_export(
    runtime: Runtime, uid: str, type: EntryType | None, span: TimeRange, form: Format
) -> StreamingResponse:
    """A user's ledger, newest first, as a download."""
    statements = await runtime.statements()
    return export_list(
        lambda limit, after: statements.entries(uid, type=type, span=span, limit=limit, after=after),
        show_entry,
        TransactionAnswer,
        form,
        "transactions",
    )
