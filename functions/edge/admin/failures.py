"""Routes for operators: what failed, by upstream, model, reason and customer, over time, down to the requests."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import FastAPI, Query
from pydantic import BeforeValidator, Field

from functions.edge.admin.auth import Operated
from functions.edge.rest.answers.requests import UsageAnswer, show_request
from functions.edge.rest.answers.stats import to_whole
from functions.edge.rest.app import Answer, Wired
from functions.farebox.accounts.account import user_path
from functions.farebox.storage import Store
from functions.farebox.storage.pages import TimeRange
from functions.farebox.usage.failures import MOST_NAMED, NOBODY, FailureFilter, find_failures, upstreams_of

Hours = Annotated[Literal[24, 168, 720], BeforeValidator(to_whole)]
Named = Annotated[str | None, Query(max_length=200)]


class FailureCount(Answer):
    """How often something failed."""

    name: str = Field(description="Of upstreams, empty where none was asked")
    count: int


class HourOfFailures(Answer):
    """How many requests failed in an hour."""

    hour: datetime
    count: int


class CustomerFailures(Answer):
    """How many requests of a customer's failed."""

    user_id: str
    name: str = Field(description="The address, or what an organisation is called")
    count: int


class FailedRequest(UsageAnswer):
    """A request that failed, and whose it was."""

    user_id: str
    user_name: str
    failed_upstreams: list[str] = Field(description="In the order in which they were asked; empty where none was")


class FailuresAnswer(Answer):
    """What failed, the most frequent first, and the newest requests of it."""

    count: int
    complete_since: datetime = Field(
        description="From when on all failures are counted here: later than was asked for where there are too many"
    )
    by_hour: list[HourOfFailures] = Field(description="Hours in which something failed, in UTC")
    by_upstream: list[FailureCount] = Field(description="Those that failed, of each request each once")
    by_model: list[FailureCount]
    by_reason: list[FailureCount]
    by_user: list[CustomerFailures]
    newest: list[FailedRequest]


def add_failures(app: FastAPI) -> None:
    """Have an app answer this call."""
    app.get("/api/admin/failures", tags=["admin"])(read_failures)


async def read_failures(
    _ops: Operated,
    runtime: Wired,
    hours: Hours = 24,
    upstream: Named = None,
    model: Named = None,
    user_id: Named = None,
    reason: Annotated[str | None, Query(max_length=1000)] = None,
) -> FailuresAnswer:
    """What failed in the last hours, narrowed by any of these."""
    start, store = runtime.now() - timedelta(hours=hours), await runtime.store()
    found = await find_failures(store, FailureFilter(TimeRange(start), upstream, model, user_id, reason))
    users = found.by["user"].most_common(MOST_NAMED)
    names = await _names(store, {uid for uid, _ in users} | {record.user for record in found.newest})
    return FailuresAnswer(
        count=found.count,
        complete_since=found.since or start,
        by_hour=[
            HourOfFailures(hour=datetime.fromisoformat(f"{hour}:00").replace(tzinfo=UTC), count=count)
            for hour, count in sorted(found.by_hour.items())
        ],
        by_upstream=_most(found.by["upstream"]),
        by_model=_most(found.by["model"]),
        by_reason=_most(found.by["reason"]),
        by_user=[CustomerFailures(user_id=uid, name=names[uid], count=count) for uid, count in users],
        newest=[
            FailedRequest(
                **dict(show_request(record)),
                user_id=record.user,
                user_name=names[record.user],
                failed_upstreams=[name for name in upstreams_of(record) if name != NOBODY],
            )
            for record in found.newest
        ],
    )


def _most(counts: Counter[str]) -> list[FailureCount]:
    return [FailureCount(name=name, count=count) for name, count in counts.most_common(MOST_NAMED)]


async def _names(store: Store, ids: set[str]) -> dict[str, str]:
    """What users are called; one who is not there by their id."""
    users = await store.get_many(*map(user_path, sorted(ids)))
    known = {user.id: user.data["email"] or user.data["full_name"] for user in users if user is not None}
    return {uid: known.get(uid) or uid for uid in ids}
