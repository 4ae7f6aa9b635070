"""The health board: what instances tell each other about upstreams, through the store.

An instance writes `upstream_health/{id}` when it shuts an upstream out or finds a shut one well again, and reads all
of them behind the requests, together with the list of upstreams: no request waits for either. What is lost on the
way costs an instance a failed attempt that it could have spared itself, and nothing else.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from functions.farebox.gateway.health import Health, Shut
from functions.farebox.gateway.upstream import MAX_UPSTREAMS
from functions.farebox.storage import Data, Query, Store, Transaction

log = logging.getLogger("farebox.upstreams")


def health_path(upstream_id: str) -> str:
    """Where an upstream's health is kept."""
    return f"upstream_health/{upstream_id}"


def state_of(shut: Shut | None, teller: str, now: datetime) -> Data:
    """The fields that say how an upstream is: `up`, or `down` until some time, and who found out and when."""
    return {
        "state": "up" if shut is None else "down",
        "until_at": None if shut is None else now + timedelta(seconds=shut.lasts_s),
        "failures": 0 if shut is None else shut.failures,
        "teller": teller,
        "changed_at": now,
    }


class HealthBoard:
    """The health of all upstreams as this instance tells it and hears of it. `instance` is its name."""

    def __init__(self, store: Store, *, instance: str, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self.health = Health(clock, self._tell)
        self._store = store
        self._instance = instance
        self._now = now
        self._heard: dict[str, datetime] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def refresh(self) -> None:
        """Take in what others have told since the last time."""
        for document in await self._store.query(Query("upstream_health", limit=MAX_UPSTREAMS)):
            data = document.data
            if self._heard.get(document.id) == data["changed_at"]:
                continue
            self._heard[document.id] = data["changed_at"]
            if data["teller"] == self._instance:
                continue
            if data["state"] == "up":
                self.health.mark_up(document.id)
            elif (lasts_s := (data["until_at"] - self._now()).total_seconds()) > 0:
                self.health.mark_down(document.id, Shut(lasts_s, data["failures"]))

    async def close(self) -> None:
        """Wait until everything is told."""
        await asyncio.gather(*self._telling)

    def _tell(self, upstream_id: str, shut: Shut | None) -> None:
        task = asyncio.create_task(self._write(upstream_id, state_of(shut, self._instance, self._now())))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _write(self, upstream_id: str, state: Data) -> None:
        async def work(transaction: Transaction) -> None:
            known = await transaction.get(health_path(upstream_id))
            if known is None or known.data["changed_at"] <= state["changed_at"]:
                transaction.set(health_path(upstream_id), {**(known.data if known else {}), **state})

        try:
            await self._store.transact(work)
        except Exception:
            log.warning("the health of upstream %s could not be told to others", upstream_id, exc_info=True)
