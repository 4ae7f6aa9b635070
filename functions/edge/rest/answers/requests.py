"""A request in lists and in tables: what it took, cost and came to."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from functions.edge.rest.app import Answer
from functions.edge.rest.money import Usd
from functions.farebox.usage.record import UsageRecord, UsageStatus


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


COLUMNS = tuple(name for name in UsageAnswer.model_fields if name != "tokens") + tuple(
    f"{name}_tokens" for name in TokenCounts.model_fields
)


async def rows_of(pages: AsyncIterator[list[UsageRecord]]) -> AsyncIterator[list[dict[str, Any]]]:
    """Requests as lines of a table, with `COLUMNS`."""
    async for page in pages:
        yield [_flat(show_request(record)) for record in page]


def _flat(answer: UsageAnswer) -> dict[str, Any]:
    """A request as a line of a table."""
    row = answer.model_dump(mode="json", exclude={"tokens"})
    tokens = answer.tokens or TokenCounts()
    return {**row, **{f"{name}_tokens": count for name, count in tokens.model_dump().items()}}


def show_request(record: UsageRecord) -> UsageAnswer:
    """A request, as lists have it."""
    outcome = record.outcome
    return UsageAnswer(
        request_id=record.request_id,
        key_id=record.key,
        model=record.model,
        upstream=outcome.upstream,
        status=record.status,
        stream=record.stream,
        tokens=None if outcome.tokens is None else TokenCounts(**outcome.tokens.to_data()),
        cost_usd=outcome.cost,
        charged_usd=outcome.charged,
        price_version=record.price_version,
        usage_source=outcome.usage_source,
        latency_ms=outcome.latency_ms,
        first_token_ms=outcome.first_token_ms,
        error=outcome.error,
        created_at=record.created_at,
    )
