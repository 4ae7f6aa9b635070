"""The health check of all upstreams, which a scheduled job makes on behalf of every instance.

An upstream is up if it answers at all, other than with a fault of its own or a refusal of our key: not every server
has the list of models that is asked for. What instances found out from paying requests counts for more: what they shut
is not opened because the server is reachable, and what has answered them is not shut by a probe (`health.py`).
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.farebox.gateway.health import LONGEST_COOL_DOWN_S, Shut, Target
from functions.farebox.gateway.probe import Probe
from functions.farebox.gateway.upstream import Upstream
from functions.farebox.storage import Delete, Query, Store, Transaction
from functions.farebox.upstreams.health_board import state_of
from functions.farebox.upstreams.health_paths import MOST_TOLD, health_path, target_of
from functions.farebox.upstreams.history import note_change

TELLER = "check-upstreams"
AT_ONCE = 20
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class IllModel:
    """A model that is left alone at its upstream, and why."""

    model: str
    why: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: how an upstream is held to be now, and how long it took to answer. `error` is the probe's,
    `why` that of the calls for which it is left alone."""

    id: str
    state: str
    latency_ms: int | None
    error: str | None
    why: str | None = None
    models: tuple[IllModel, ...] = ()


async def check_upstreams(
    store: Store,
    upstreams: Sequence[Upstream],
    probe: Callable[[Upstream], Awaitable[Probe]],
    now: Callable[[], datetime],
) -> list[Checked]:
    """Look at every upstream but the built-in one, and write down what was found. Safe to run twice, or at once with
    itself: it only ever says what it saw last."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def check(upstream: Upstream) -> Checked:
        async with slots:
            found = await probe(upstream)
        return await _note(store, upstream.id, found, now())

    checked = await asyncio.gather(*(check(upstream) for upstream in upstreams if not upstream.is_echo))
    ill = await _ill_models(store, now())
    return [replace(each, models=tuple(ill.get(each.id, ()))) for each in checked]


async def _ill_models(store: Store, now: datetime) -> dict[str, list[IllModel]]:
    """The models that are left alone, by upstream. What is long over is forgotten: of a pattern, clients name them."""
    ill: dict[str, list[IllModel]] = defaultdict(list)
    for document in await store.query(Query("upstream_health", limit=MOST_TOLD)):
        target, data = target_of(document), document.data
        if target.model is None:
            continue
        if data["state"] == "down" and data["until_at"] > now:
            ill[target.upstream].append(IllModel(target.model, data["why"]))
        elif data["changed_at"] < now - FORGOTTEN_AFTER:
            await store.write(Delete(document.path))
    return ill


async def _note(store: Store, upstream_id: str, found: Probe, now: datetime) -> Checked:
    path = health_path(Target(upstream_id))

    async def work(transaction: Transaction) -> tuple[str, str | None]:
        document = await transaction.get(path)
        known = document.data if document else {}
        was_down = known.get("state") == "down"
        if found.error is not None:
            failures = known["failures"] + 1 if was_down else 1
            change = state_of(Shut(LONGEST_COOL_DOWN_S, failures, found.error), TELLER, now)
        elif was_down and known["teller"] != TELLER and known["until_at"] > now:
            change = {}
        elif was_down or not known:
            change = state_of(None, TELLER, now)
        else:
            change = {}
        if change:
            note_change(transaction, Target(upstream_id), known or None, change)
        seen = {"latency_ms": found.latency_ms, "error": found.error, "checked_at": now}
        data = {**known, **change, **seen}
        if found.contexts is not None:
            data["contexts"] = [{"model": name, "tokens": tokens} for name, tokens in found.contexts.items()]
        transaction.set(path, data)
        return str(data["state"]), data.get("why")

    state, why = await store.transact(work)
    return Checked(upstream_id, state, found.latency_ms, found.error, why)
