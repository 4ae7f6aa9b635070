"""The health check of all upstreams, which a scheduled job makes on behalf of every instance.

An upstream is up if it answers at all, other than with a fault of its own or a refusal of our key: not every server
has the list of models that is asked for. What instances found out from paying requests counts for more: a rate limit
that still runs is not lifted because the server is reachable.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.gateway.health import LONGEST_COOL_DOWN_S, Shut
from functions.farebox.gateway.probe import Probe
from functions.farebox.gateway.upstream import Upstream
from functions.farebox.storage import Store, Transaction
from functions.farebox.upstreams.health_board import health_path, state_of

TELLER = "check-upstreams"
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: how an upstream is held to be now, and how long it took to answer."""

    id: str
    state: str
    latency_ms: int | None
    error: str | None


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

    return list(await asyncio.gather(*(check(upstream) for upstream in upstreams if not upstream.is_echo)))


async def _note(store: Store, upstream_id: str, found: Probe, now: datetime) -> Checked:
    async def work(transaction: Transaction) -> str:
        document = await transaction.get(health_path(upstream_id))
        known = document.data if document else {}
        was_down = known.get("state") == "down"
        if found.error is not None:
            failures = known["failures"] + 1 if was_down else 1
            change = state_of(Shut(LONGEST_COOL_DOWN_S, failures), TELLER, now)
        elif was_down and known["teller"] != TELLER and known["until_at"] > now:
            change = {}
        elif was_down or not known:
            change = state_of(None, TELLER, now)
        else:
            change = {}
        seen = {"latency_ms": found.latency_ms, "error": found.error, "checked_at": now}
        data = {**known, **change, **seen}
        transaction.set(health_path(upstream_id), data)
        return str(data["state"])

    return Checked(upstream_id, await store.transact(work), found.latency_ms, found.error)
