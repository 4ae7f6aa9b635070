"""A world to fuzz: one instance over a database in memory, on a loop whose time is virtual, and clients of all sorts.

One seed decides everything but the product's own random ids; a failing seed replays.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

import orjson
from starlette.types import ASGIApp

from functions.farebox.config import Config
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.storage import Store
from functions.farebox.wiring import data_plane
from functions.farebox.wiring.runtime import Runtime
from tests.simulation.memory_engine import MemoryEngine
from tests.simulation.virtual_loop import VirtualLoop
from tests.support.clients.asgi import client_of
from tests.support.clients.management import AS_ADMIN, DOORS, done, register
from tests.support.money_fuzz.asgi_client import GONE, STAYS, Answer, Leaving, Telling, post
from tests.support.money_fuzz.bodies import Drawn, draw_request
from tests.support.money_fuzz.metered_upstream import UPSTREAMS, Meter
from tests.support.money_fuzz.price_table import PRICING
from tests.support.product.app import surface_over
from tests.support.product.runtime import config_with

T = TypeVar("T")

EPOCH = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # a month ends in the middle
AT_ONCE = 6  # requests
_TELLINGS: list[Telling] = ["deaf", "error", "cancel"]
REST_S = 120.0  # until everything that went on for who has left is over


class InlineLoop(VirtualLoop):
    """Does in its own thread, at once, what is meant for another: no time passes meanwhile, and turns stay the same."""

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass(slots=True)
class Sent:
    """A request and what came of it."""

    id: str
    key: str
    drawn: Drawn
    leaving: Leaving
    answer: Answer


@dataclass(slots=True)
class Client:
    """Somebody with keys: the token of the management API, and each key's name and secret."""

    name: str
    uid: str
    token: str
    keys: list[str]


class _ErrorLog(logging.Handler):
    """Keeps what is logged as an error: nothing that a client does is one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = logging.Formatter().format(record)
        if not line.endswith(GONE):
            self.lines.append(line[:100] + " ... " + line[-700:])


@dataclass(slots=True)
class World:
    """What happens for a seed: `requests` are sent, in `AT_ONCE` lines beside each other."""

    seed: int
    requests: int
    rng: random.Random = field(init=False)
    meter: Meter = field(init=False)
    store: Store = field(init=False)
    sent: list[Sent] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    closed_s: float = 0.0  # when it began to close, by the loop's clock
    wallets: Counter[int] = field(default_factory=Counter)  # statuses of the wallet API

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.meter = Meter(random.Random(self.rng.random()))
        self.store = Store(MemoryEngine())

    async def run(self) -> None:
        """Let it happen, and close the instance."""
        loop = asyncio.get_running_loop()
        started_s = loop.time()

        async def open_store(_: Config) -> Store:
            return self.store

        config = config_with(
            {
                "FAREBOX_STORE": "sqlite:///unused/farebox.db",
                "FAREBOX_PRICING": orjson.dumps(PRICING).decode(),
                "FAREBOX_UPSTREAMS": orjson.dumps(UPSTREAMS).decode(),
                "FAREBOX_SIGNUP_CREDIT_USD": "0",
                **DOORS,
            }
        )
        runtime = Runtime(config, open_store=open_store, now=lambda: EPOCH + timedelta(seconds=loop.time() - started_s))
        with self._wired(loop), _errors_into(self.logged):
            app = surface_over(runtime)
            await self._open_accounts(app)
            lines = [self._line(app, n) for n in range(AT_ONCE)]
            await asyncio.gather(*lines)
            if self.rng.random() < 0.7:  # else it is closed amid what still goes on
                await asyncio.sleep(REST_S)
            await self._read_wallets(app)
            self.closed_s = loop.time()
            await runtime.close(60)
            await asyncio.sleep(REST_S)

    @contextmanager
    def _wired(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """The real wiring, but for the transport and the clock."""
        with patch.multiple(
            data_plane,
            HttpTransport=lambda: self.meter,
            Gateway=partial(Gateway, clock=loop.time, rng=random.Random(self.seed)),
            time=SimpleNamespace(monotonic=loop.time),
        ):
            yield

    async def _open_accounts(self, app: ASGIApp) -> None:
        async with client_of(app) as http:
            for name in ("rich", "poor"):
                uid, token = await register(http, f"{name}@example.com")
                bearer = {"authorization": f"Bearer {token}"}
                terms: list[dict[str, Any]] = [{}]
                if name == "rich":
                    terms += [{"monthly_budget_usd": "0.002"}, {"monthly_budget_usd": "2"}, {"tpm": 20_000}]
                made = [
                    await done(http.post("/api/keys", json={"name": "k", **each}, headers=bearer)) for each in terms
                ]
                self.clients.append(Client(name, uid, token, [each["key"] for each in made]))
                await self._give(http, uid, "50000" if name == "rich" else "0.01")

    async def _make_key(self, http: Any, bearer: dict[str, str], terms: dict[str, Any]) -> str:
        made = await done(http.post("/api/keys", json={"name": "k", **terms}, headers=bearer))
        secret: str = made["key"]
        return secret

    async def _give(self, http: Any, uid: str, amount: str) -> None:
        bonus = {"user_id": uid, "amount_usd": amount, "reason": "fuzz"}
        await done(http.post("/api/admin/credits/bonus", json=bonus, headers=AS_ADMIN))

    async def _line(self, app: ASGIApp, number: int) -> None:
        rng = random.Random(self.rng.random())
        for count in range(number, self.requests, AT_ONCE):
            await asyncio.sleep(rng.choice([0.0, 0.0, 0.1, 2.0]))
            await self._ask(app, f"r{self.seed}-{count}", rng)
            if count % 40 == 0:
                async with client_of(app) as http:
                    await self._give(http, self.clients[1].uid, rng.choice(["0.0000001", "0.001", "0.02"]))
                await self._read_wallets(app)

    async def _ask(self, app: ASGIApp, id: str, rng: random.Random) -> None:
        client = self.clients[rng.random() < 0.25]
        key = rng.choice(client.keys[:1] * 3 + client.keys[1:])
        drawn = draw_request(rng)
        headers = {"authorization": f"Bearer {key}", "x-request-id": id}
        if rng.random() < 0.03:
            headers["idempotency-key"] = rng.choice(["a", id])
        if rng.random() < 0.03:
            headers["x-farebox-cache"] = rng.choice(["on", "off", "on; max-age=1", "maybe"])
        leaving = _leaving(rng) if rng.random() < 0.25 else STAYS
        answer = await post(app, drawn.path, headers, drawn.raw, leaving)
        self.sent.append(Sent(id, key, drawn, leaving, answer))

    async def _read_wallets(self, app: ASGIApp) -> None:
        async with client_of(app) as http:
            for client in self.clients:
                bearer = {"authorization": f"Bearer {client.token}"}
                self.wallets[(await http.get("/api/wallet", headers=bearer)).status_code] += 1


def _leaving(rng: random.Random) -> Leaving:
    told: Telling = rng.choice(_TELLINGS)
    if rng.random() < 0.5:
        return Leaving(after_pieces=rng.choice([1, 2, 5]), told=told)
    return Leaving(after_s=rng.choice([0.0, 0.001, 0.15, 0.6, 2.5, 8.0]), told=told)


@contextmanager
def _errors_into(lines: list[str]) -> Iterator[None]:
    handler = _ErrorLog()
    handler.lines = lines
    logger = logging.getLogger("farebox")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def run_inline(main: Any) -> None:
    """Run a coroutine to its end on a loop of its own, and then cancel what is left."""
    loop = InlineLoop()
    try:
        loop.run_until_complete(main)
    finally:
        while left := asyncio.all_tasks(loop):
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.wait(left, timeout=0.001))
        loop.close()
