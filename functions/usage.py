"""Edge `usage`: what each request took, cost and came to."""

from datetime import datetime
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel, Field

from functions.edge.management import Answer, SignedIn, Wired, management_app
from functions.edge.money_types import Usd
from functions.edge.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Moment, Pager
from functions.farebox.runtime import Runtime
from functions.farebox.statements import Span
from functions.farebox.usage import UsageFilter, UsageRecord, UsageStatus, page_usage


class TokenCounts(BaseModel):
    """Tokens by class. Cached ones are part of the prompt's, reasoning ones of the completion's."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    reasoning: int = 0


class UsageAnswer(Answer):
    """One request."""

    request_id: str
    key_id: str
    model: str
    upstream: str | None
    status: UsageStatus
    stream: bool
    tokens: TokenCounts | None
    cost_usd: Usd
    charged_usd: Usd = Field(description="What the wallet paid; less than the cost where an upstream overran its cap")
    price_version: str | None
    usage_source: str | None = Field(description="provider, counted or estimated")
    latency_ms: int | None
    first_token_ms: int | None
    error: str | None
    created_at: datetime


def make_app(runtime: Runtime) -> FastAPI:
    """The edge's app."""
    app = management_app(runtime, "Farebox usage")

    @app.get("/api/usage/logs", tags=["usage"])
    async def list_usage(
        person: SignedIn,
        runtime: Wired,
        model: Annotated[str | None, Query(max_length=200)] = None,
        key_id: Annotated[str | None, Query(max_length=100)] = None,
        status: UsageStatus | None = None,
        start: Annotated[Moment | None, Query(alias="from")] = None,
        end: Annotated[Moment | None, Query(alias="to")] = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> ListAnswer[UsageAnswer]:
        """One's requests, newest first: those from `from` on and before `to`."""
        wanted = UsageFilter(model, key_id, status, Span(start, end))
        pager = Pager(runtime, f"usage {person.uid} {wanted}")
        page = await page_usage(await runtime.store(), person.uid, wanted, limit=limit, after=pager.position(cursor))
        return pager.answer(page, _show)

    return app


def _show(record: UsageRecord) -> UsageAnswer:
    tokens = record.tokens
    return UsageAnswer(
        request_id=record.request_id,
        key_id=record.key,
        model=record.model,
        upstream=record.upstream,
        status=record.status,
        stream=record.stream,
        tokens=None if tokens is None else TokenCounts.model_validate(tokens),
        cost_usd=record.cost,
        charged_usd=record.charged,
        price_version=record.price_version,
        usage_source=record.usage_source,
        latency_ms=record.latency_ms,
        first_token_ms=record.first_token_ms,
        error=record.error,
        created_at=record.created_at,
    )
