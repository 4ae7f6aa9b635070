"""How the health of upstreams went: each time that one, or a model there, was left alone or answered again.

A change is written in the transaction that makes it, so what operators read is what instances heeded. It is kept for
`KEPT_FOR`. That something is left alone for longer, for the same reason, is no change.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from functions.farebox.gateway.health import Target
from functions.farebox.storage import Data, Filter, Query, Store, Transaction
from functions.farebox.upstreams.health_paths import MOST_TOLD, health_path, target_of

KEPT_FOR = timedelta(days=30)
MOST_SHOWN = 100

State = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """How an upstream is held to be, or with a `model` that model there: `down` until some time."""

    model: str | None
    state: State
    why: str | None
    until: datetime | None
    since: datetime
    teller: str  # the instance that found out, or the check


def note_change(tx: Transaction, target: Target, before: Data | None, after: Data) -> None:
    """Write that a target's health changed from one state to another, if it did. Safe to repeat."""
    was = ("up", None) if before is None else (before.get("state"), before.get("why"))
    if was == (after["state"], after["why"]):
        return
    name = health_path(target).partition("/")[2]
    told = {field: after[field] for field in ("state", "why", "until_at", "teller", "changed_at")}
    own = {"upstream": target.upstream, "model": target.model, "expires_at": after["changed_at"] + KEPT_FOR}
    tx.set(f"upstream_changes/{name}:{int(after['changed_at'].timestamp() * 1e6)}", {**told, **own})


async def health_of(store: Store, upstream: str) -> list[TargetHealth]:
    """How an upstream is held to be, and each of its models that anything was told of."""
    told = await store.query(Query("upstream_health", limit=MOST_TOLD))
    return [_read(target_of(each).model, each.data) for each in told if target_of(each).upstream == upstream]


async def history_of(store: Store, upstream: str) -> list[TargetHealth]:
    """How that changed, the newest first."""
    own = (Filter("upstream", "==", upstream),)
    query = Query("upstream_changes", own, order_by="changed_at", descending=True, limit=MOST_SHOWN)
    return [_read(each.data["model"], each.data) for each in await store.query(query)]


def _read(model: str | None, data: Data) -> TargetHealth:
    return TargetHealth(model, data["state"], data.get("why"), data["until_at"], data["changed_at"], data["teller"])
