"""The part of the runtime that serves requests: prices, upstreams, leases, and what they serve together."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Container
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.caching.answers import AnswerCache
from functions.farebox.caching.gateway import CachedGateway
from functions.farebox.config import Config
from functions.farebox.data_plane.idempotency import EMULATED_PARTS, MOST_PARTS, Idempotency
from functions.farebox.data_plane.inference import Inference
from functions.farebox.data_plane.models.near import did_you_mean
from functions.farebox.data_plane.models.served_models import served_model, served_models, unpriced_models
from functions.farebox.data_plane.solvency import Solvency
from functions.farebox.errors import BadConfig, InvalidRequest, NotFound
from functions.farebox.gateway.echo.transport import EchoTransport
from functions.farebox.gateway.gateway import MAX_BODY_BYTES, Gateway
from functions.farebox.gateway.http.pool import HttpTransport
from functions.farebox.gateway.policy.fallbacks import unknown_models
from functions.farebox.gateway.upstream import Upstream
from functions.farebox.keys.authentication import KeyAuthenticator
from functions.farebox.kit.fair_share import FairShare
from functions.farebox.kit.ids import Ids
from functions.farebox.kit.memory_budget import MemoryQueue
from functions.farebox.leases.pool import LeasePool
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.price_list import PriceList
from functions.farebox.pricing.prices import Prices
from functions.farebox.pricing.seed import seed
from functions.farebox.pricing.versions import load_prices
from functions.farebox.storage import Store
from functions.farebox.upstreams.health_board import HealthBoard
from functions.farebox.upstreams.registry import UpstreamList
from functions.farebox.usage.journal import Journal

MOST_TOLD = 20  # models without a price

log = logging.getLogger("farebox.upstreams")

Closer = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DataPlane:
    """What the `chat` function works with."""

    store: Store
    callers: KeyAuthenticator
    prices: PriceList
    leases: LeasePool
    gateway: Gateway
    upstreams: UpstreamList
    board: HealthBoard
    inference: Inference
    solvency: Solvency

    def follow(self) -> None:
        """Keep up, behind the requests, with the upstreams that admins change and with what others know of their
        health."""
        self.upstreams.follow(self._follow)

    async def refresh(self) -> None:
        """Take up prices and upstreams now, as an admin has just changed them."""
        await self.prices.refresh()
        self.gateway.configure(await self.upstreams.read())

    async def _follow(self) -> None:
        self.gateway.configure(await self.upstreams.read())
        await self.board.refresh()

    async def models(self, allowed: Container[str] | None) -> list[Price]:
        """The models that are routed and priced, and that a key may use, each at the most that it can cost."""
        return served_models(self.gateway.routes, await self.prices.current(), allowed)

    async def model(self, allowed: Container[str] | None, name: str) -> Price:
        """The one of a name, be it only a pattern's. Raises `NotFound`."""
        price = served_model(self.gateway.routes, await self.prices.current(), allowed, name)
        if price is None:
            near = did_you_mean(name, (each.model for each in await self.models(allowed)))
            told = f"There is no such model, or this key may not use it.{near}"
            raise NotFound(told, code="model_not_found", param="model")
        return price


async def open_data_plane(
    config: Config,
    store: Store,
    upstreams: UpstreamList,
    callers: KeyAuthenticator,
    *,
    now: Callable[[], datetime],
    ids: Ids,
    on_close: Callable[[Closer], None],
) -> DataPlane:
    """Make the data plane; at the first start of an empty store, seed it. Raises `BadConfig`.

    What is to be done at the end is handed to `on_close`; the latest is to be called first.
    """
    clock = time.monotonic
    instance = ids.new("instance_")
    board = HealthBoard(store, instance=instance, now=now, clock=clock)
    prices = PriceList(store, now)
    async with AsyncExitStack() as refusal:
        refusal.push_async_callback(prices.close)
        reading = (  # side by side: the database is a round trip away
            asyncio.create_task(_seed_upstreams(config, upstreams)),
            asyncio.create_task(_seed_prices(config, store, prices, now())),
            asyncio.create_task(board.refresh()),
        )
        await asyncio.gather(*reading, return_exceptions=True)  # all of them: where one has failed, the store closes
        (is_seeded, read), is_priced, _ = await asyncio.gather(*reading)
        memory = MemoryQueue(config.answer_memory_bytes, MAX_BODY_BYTES)
        gateway = Gateway(
            read,
            http=HttpTransport(),
            echo=EchoTransport(),
            strategies=config.routing,
            health=board.health,
            contexts=board.contexts,
            memory=memory,
        )
        _check_fallbacks(config, gateway, is_seeded=is_seeded)
        if is_seeded:
            _tell_unpriced(gateway, Prices(await load_prices(store)))
        refusal.pop_all()
    for name, given, was_read in (
        ("FAREBOX_UPSTREAMS", config.upstreams, is_seeded),
        ("FAREBOX_PRICING", config.pricing, is_priced),
    ):
        if given is not None and not was_read:
            log.info("%s seeded this store before and is passed over: set FAREBOX_SEED=force to write it anew", name)
    leases = LeasePool(
        store,
        instance=instance,
        now=now,
        new_id=ids.new,
        ttl_s=config.lease_ttl_s,
        interval_s=config.settle_interval_s,
    )
    rules = config.cache
    cache = AnswerCache(store, ttl_s=rules.ttl_s, memory_bytes=rules.memory_bytes, now=now)
    most_parts = EMULATED_PARTS if config.emulates_store else MOST_PARTS
    idempotency = Idempotency(store, now, most_parts=most_parts, memory=memory)
    on_close(prices.close)
    on_close(cache.close)
    on_close(board.close)
    on_close(upstreams.close)
    on_close(gateway.close)
    inference = Inference(
        store=store,
        leases=leases,
        journal=Journal(store),
        prices=prices,
        gateway=CachedGateway(gateway, cache, rules, clock),
        idempotency=idempotency,
        now=now,
        clock=clock,
        new_id=ids.next,
        drain_s=config.drain_s,
        fallbacks=config.fallbacks,
        places=FairShare(config.max_connections),
    )
    on_close(inference.give_up)
    on_close(leases.close)
    on_close(inference.cancel_all)  # called first; then the leases wait for what was cut, and then the gateway goes
    return DataPlane(
        store=store,
        callers=callers,
        prices=prices,
        leases=leases,
        gateway=gateway,
        upstreams=upstreams,
        board=board,
        inference=inference,
        solvency=Solvency(store, leases, prices, gateway, idempotency, now),
    )


async def _seed_upstreams(config: Config, upstreams: UpstreamList) -> tuple[bool, list[Upstream]]:
    """Whether they were written now, and all that there are. Raises `BadConfig`."""
    try:
        is_seeded = await upstreams.seed(config.upstreams, force=config.seed == "force")
    except ValueError as error:
        raise BadConfig("FAREBOX_UPSTREAMS", str(error)) from error
    return is_seeded, await upstreams.read()


async def _seed_prices(config: Config, store: Store, prices: PriceList, now: datetime) -> bool:
    """Whether they were written now; from then on they are loaded. Raises `BadConfig`."""
    try:
        is_priced = await seed(store, config.pricing, now=now, force=config.seed == "force")
    except InvalidRequest as error:
        raise BadConfig("FAREBOX_PRICING", error.message) from error
    prices.look_ahead()
    return is_priced


def _tell_unpriced(gateway: Gateway, prices: Prices) -> None:
    """A model without a price is refused, which an operator had better hear from us than from a customer."""
    unpriced = unpriced_models(gateway.routes, prices)
    if unpriced:
        more = "" if len(unpriced) <= MOST_TOLD else f" and {len(unpriced) - MOST_TOLD} more"
        log.warning(
            "no price, so nobody can use them: %s%s. Set one in FAREBOX_PRICING, or in the dashboard under Pricing",
            ", ".join(unpriced[:MOST_TOLD]),
            more,
        )


def _check_fallbacks(config: Config, gateway: Gateway, *, is_seeded: bool) -> None:
    """Refuse fallbacks that nobody routes, where the upstreams were written by this configuration as well. Later an
    admin may have taken them away: no instance may fail to start for that, so they are told and passed over."""
    unknown = sorted(set(unknown_models(config.fallbacks, gateway.routes)))
    if unknown and is_seeded:
        raise BadConfig("FAREBOX_FALLBACKS", f"no upstream has {', '.join(unknown)}")
    if unknown:
        log.error("FAREBOX_FALLBACKS names models that no upstream has: %s", ", ".join(unknown))
