"""The health board: what instances tell each other about upstreams and their models, through the store.

An instance writes a document of `upstream_health` when it shuts one out for everybody or finds a shut one well again,
and reads all of them behind the requests, together with the list of upstreams: no request waits for either. What is
lost on the way costs an instance a failed attempt that it could have spared itself, and nothing else.

A document's id is the upstream's, and for a model there the same with a digest of the model's name behind it. What is
shut for one caller alone is an instance's own affair: it is in the log, and in no document.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from functions.farebox.gateway.health import Health, Shut, Target
from functions.farebox.gateway.listing.contexts import Contexts
from functions.farebox.storage import Data, Query, Store, Transaction
from functions.farebox.upstreams.health_paths import MOST_TOLD, health_path, target_of
from functions.farebox.upstreams.history import note_change

log = logging.getLogger("farebox.upstreams")


def state_of(shut: Shut | None, teller: str, now: datetime) -> Data:
    """The fields that say how a target is: `up`, or `down` until some time and why, and who found out and when."""
    return {
        "state": "up" if shut is None else "down",
        "until_at": None if shut is None else now + timedelta(seconds=shut.lasts_s),
        "failures": 0 if shut is None else shut.failures,
        "why": None if shut is None else shut.why,
        "teller": teller,
        "changed_at": now,
    }


class HealthBoard:
    """The health of all upstreams as this instance tells it and hears of it. `instance` is its name."""

    def __init__(self, store: Store, *, instance: str, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self.health = Health(clock, self._tell)
        self.contexts = Contexts()
        self._store = store
        self._instance = instance
        self._now = now
        self._heard: dict[str, datetime] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def refresh(self) -> None:
        """Take in what others have told since the last time."""
        heard: dict[str, datetime] = {}
        for document in await self._store.query(Query("upstream_health", limit=MOST_TOLD)):
            data, target = document.data, target_of(document)
            heard[document.id] = data["changed_at"]
            if "contexts" in data:
                told = {each["model"]: each["tokens"] for each in data["contexts"]}
                self.contexts.hear(target.upstream, told)
            if self._heard.get(document.id) == data["changed_at"] or data["teller"] == self._instance:
                continue
            if data["state"] == "up":
                self.health.mark_up(target)
            elif (lasts_s := (data["until_at"] - self._now()).total_seconds()) > 0:
                ago_s = (self._now() - data["changed_at"]).total_seconds()
                self.health.mark_down(target, Shut(lasts_s, data["failures"], data.get("why") or ""), ago_s=ago_s)
        self._heard = heard

    async def close(self) -> None:
        """Wait until everything is told."""
        await asyncio.gather(*self._telling)

    def _tell(self, target: Target, shut: Shut | None) -> None:
        name = target.upstream if target.model is None else f"{target.upstream}, model {target.model}"
        if shut is None:
            log.info("upstream %s answers again", name)
        else:
            whom = "everybody" if shut.is_shared else "one caller"
            log.warning("upstream %s is left alone for %.0f s, for %s: %s", name, shut.lasts_s, whom, shut.why)
            if not shut.is_shared:
                return
        task = asyncio.create_task(self._write(target, state_of(shut, self._instance, self._now())))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _write(self, target: Target, state: Data) -> None:
        path = health_path(target)

        async def work(transaction: Transaction) -> None:
            known = await transaction.get(path)
            if known is None and state["state"] == "up":  # nobody was told otherwise
                return
            if known is None or known.data["changed_at"] <= state["changed_at"]:
                named = {"upstream": target.upstream, "model": target.model}
                note_change(transaction, target, known.data if known else None, state)
                transaction.set(path, {**(known.data if known else {}), **named, **state})

        try:
            await self._store.transact(work)
        except Exception:
            log.warning("the health of upstream %s could not be told to others", target.upstream, exc_info=True)
