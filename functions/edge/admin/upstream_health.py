"""Routes for operators: how an upstream and its models stand, why, and how that went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from fastapi import FastAPI
from pydantic import Field

from functions.edge.admin.auth import Operated
from functions.edge.admin.catalogue import UpstreamId
from functions.edge.rest.app import Answer, Wired
from functions.farebox.upstreams.history import TargetHealth, health_of, history_of


class HealthState(Answer):
    """How an upstream was held to be from some time on, or one of its models."""

    model: str | None = Field(description="null: the upstream as a whole")
    state: Literal["up", "down"] = Field(description="down: calls leave it alone")
    why: str | None
    until: datetime | None = Field(description="When it is tried again, where it is down")
    since: datetime
    found_by: str = Field(description="The instance whose calls told, or the scheduled check")


class UpstreamHealth(Answer):
    """How an upstream stands. What nothing was told of is up."""

    now: list[HealthState] = Field(description="It as a whole, and each model that anything was told of")
    changes: list[HealthState] = Field(description="The newest hundred of the last 30 days, newest first")


def add_upstream_health(app: FastAPI) -> None:
    """Have an app answer this call."""
    app.get("/api/admin/upstreams/{id}/health", tags=["admin"])(read_upstream_health)


async def read_upstream_health(id: UpstreamId, ops: Operated, runtime: Wired) -> UpstreamHealth:
    """How an upstream and its models stand, why, and how that went."""
    await ops.catalogue.upstream(id)
    store, now = await runtime.store(), runtime.now()
    current = [each for each in await health_of(store, id) if each.until is None or each.until > now]
    return UpstreamHealth(now=_show(current), changes=_show(await history_of(store, id)))


def _show(states: Sequence[TargetHealth]) -> list[HealthState]:
    return [
        HealthState(
            model=each.model,
            state=each.state,
            why=each.why or None,
            until=each.until,
            since=each.since,
            found_by=each.teller,
        )
        for each in states
    ]
