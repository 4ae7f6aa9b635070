"""Response models of API keys: for their owner, and for operators."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.rest.answers.budgets import Calendar, KeyBudget, SpanBudgets
from functions.edge.rest.app import Answer
from functions.edge.rest.export import Format, export_list
from functions.edge.rest.money import Usd
from functions.edge.rest.paging import ListAnswer, Pager
from functions.farebox.keys.api_key import ApiKey, KeyState
from functions.farebox.keys.lifecycle import KeyUse
from functions.farebox.keys.reach import KeyReach
from functions.farebox.organisations.rights import KeyScope
from functions.farebox.storage.pages import Page
from functions.farebox.wiring.runtime import Runtime

Rate = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
KeyId = Annotated[str, Path(max_length=100)]


class Key(Answer):
    """A key, without its secret."""

    id: str
    name: str
    prefix: str = Field(description="How it begins: enough to tell one's keys apart")
    state: KeyState
    models: list[str] | None
    rpm: int | None
    tpm: int | None
    rpd: int | None
    monthly_budget_usd: Usd | None
    daily_budget_usd: Usd | None
    weekly_budget_usd: Usd | None
    total_budget_usd: Usd | None
    allowed_ips: list[str] | None = Field(description="The addresses and ranges that it may be used from; null: any")
    budget: KeyBudget = Field(description="Of the month")
    budgets: SpanBudgets | None = Field(description="Null where none of the other three is set")
    expires_at: datetime | None
    previous_expires_at: datetime | None = Field(
        description="Until when the secret before the last rotation works; earlier ones end when that was promised"
    )
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    scopes: list[KeyScope]
    member: str | None = Field(description="Whose key it is, in an organisation of several: their budget counts")
    service_account: str | None
    project: str | None = Field(description="Whose budget counts as well")
    made_by: str | None = Field(description="The key that made it")


async def list_keys_of(reach: KeyReach, runtime: Runtime, *, limit: int, cursor: str | None) -> ListAnswer[Key]:
    """A payer's keys as far as somebody reaches, revoked ones too, newest first."""
    pager = Pager(runtime, f"keys {reach}")
    page = await _page(runtime, reach, limit, pager.position(cursor))
    return pager.answer(page, lambda each: Key(**show_key(*each, runtime.now())))


def export_keys_of(reach: KeyReach, runtime: Runtime, form: Format) -> StreamingResponse:
    """The keys that `list_keys_of` lists, as a download."""

    def show(found: tuple[ApiKey, KeyUse]) -> Key:
        return Key(**show_key(*found, runtime.now()))

    return export_list(lambda limit, after: _page(runtime, reach, limit, after), show, Key, form, "keys")


async def _page(
    runtime: Runtime, reach: KeyReach, limit: int, after: tuple[Any, ...] | None
) -> Page[tuple[ApiKey, KeyUse]]:
    keys = await runtime.keys()
    page = await keys.page(reach, limit=limit, after=after)
    uses = await keys.use_of(*page.items)
    return Page(list(zip(page.items, uses, strict=True)), page.after)


def show_key(key: ApiKey, use: KeyUse, now: datetime) -> dict[str, Any]:
    """The fields of a key, without its secret."""
    calendar = Calendar(now, use.time_zone)
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "state": key.state,
        "models": None if key.models is None else list(key.models),
        "rpm": key.rpm,
        "tpm": key.tpm,
        "rpd": key.rpd,
        "monthly_budget_usd": key.monthly_budget,
        "daily_budget_usd": key.daily_budget,
        "weekly_budget_usd": key.weekly_budget,
        "total_budget_usd": key.total_budget,
        "allowed_ips": None if key.allowed_ips is None else list(key.allowed_ips),
        "budget": calendar.this_month(use.month, key.monthly_budget),
        "budgets": calendar.spans(use.spans, key.caps),
        "expires_at": key.expires_at,
        "previous_expires_at": key.previous_expires_at,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
        "last_used_at": use.last_used_at,
        "scopes": list(key.scopes),
        "member": key.member,
        "service_account": key.service_account,
        "project": key.project,
        "made_by": key.made_by,
    }
