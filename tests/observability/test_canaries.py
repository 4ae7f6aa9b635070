"""Nothing that clients or operators keep to themselves is in any log line, whatever they call and however it fails."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.config import Config
from functions.farebox.observability.logs import CloudFormatter, LogSettings, PlainFormatter, set_up_logs
from functions.farebox.storage import Store, Unreachable
from functions.farebox.storage import store as store_module
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.load import MODEL
from tests.support.money.customers import open_customer
from tests.support.product.app import api_document, surface_over
from tests.support.product.runtime import Clock, config_with
from tests.support.stand_ins.upstream import StandIn, completion, drop, raw, status, stream

EMAIL = "canary.person@canary.example"
PASSWORD = "canary password that is long"
PROMPT = "canary prompt about a private matter"
ANSWER = "canary answer"
UPSTREAM_KEY = "canary-upstream-key"
ADMIN_KEY = "canary-admin-key"
BILLING_KEY = "canary-billing-key"
FORGED = "fb-live-canary-0123456789abcdefghijklmnop"
CANARY = "canary"  # each of the above holds it

HOSTILE = {
    "x-request-id": FORGED,
    "user-agent": EMAIL,
    "referer": f"https://x/?q={PROMPT}",
    "idempotency-key": "canary-1",
}
LEAST = 12  # requests that a test must have logged, or it has shown nothing


@pytest.fixture(autouse=True)
def told() -> Iterator[io.StringIO]:
    """Everything that is logged, in both of its forms."""
    told = io.StringIO()
    root, ours = logging.getLogger(), logging.getLogger("farebox")
    handlers, levels = list(root.handlers), (root.level, ours.level)
    root.handlers.clear()  # pytest's would keep every traceback, which takes longer than all the rest
    set_up_logs(LogSettings(as_json=True, project="project", level=logging.INFO))
    for formatter in (CloudFormatter("project"), PlainFormatter()):
        output = logging.StreamHandler(told)
        output.setFormatter(formatter)
        root.addHandler(output)
    yield told
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


class Failing:
    """An engine that fails as it is told to."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.error: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        if self.error is not None and name in ("read", "query", "aggregate", "commit"):
            raise type(self.error)(*self.error.args)  # a new one: one that is raised again keeps where it has been
        return getattr(self._engine, name)


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def runtime(sqlite_store: Store, sqlite_url: str, upstream: StandIn) -> AsyncIterator[Runtime]:
    sqlite_store.engine = Failing(sqlite_store.engine)

    async def open_store(_config: Config) -> Store:
        return sqlite_store

    config = config_with(
        {
            "ADMIN_SECRET_KEY": ADMIN_KEY,
            "BILLING_API_KEY": BILLING_KEY,
            "FAREBOX_STORE": sqlite_url,
            "FAREBOX_UPSTREAMS": orjson.dumps([upstream.entry(api_key=UPSTREAM_KEY)]).decode(),
            "FAREBOX_PRICING": orjson.dumps({MODEL: {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}).decode(),
        }
    )
    runtime = Runtime(config, open_store=open_store, now=Clock())
    yield runtime
    engine_of(runtime, sqlite_store).error = None
    await runtime.close()


def engine_of(_runtime: Runtime, store: Store) -> Failing:
    assert isinstance(store.engine, Failing)
    return store.engine


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(surface_over(runtime), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://farebox.test", headers=HOSTILE) as client:
        yield client


def calls(runtime: Runtime) -> list[tuple[str, str]]:
    """Every call of the surface, its path's parameters filled with what must not be logged."""
    document = api_document(runtime)
    found = [
        (method.upper(), "/".join(EMAIL if part.startswith("{") else part for part in path.split("/")))
        for path, methods in document["paths"].items()
        for method in methods
        if method in ("get", "post", "put", "patch", "delete")
    ]
    return [*found, ("GET", f"/v1/receipts/{FORGED}"), ("POST", "/jobs/sweep-leases"), ("GET", f"/nowhere/{FORGED}")]


async def call_everything(client: httpx.AsyncClient, runtime: Runtime, bearer: str) -> int:
    asked = 0
    body = {
        "email": EMAIL, "password": PASSWORD, "name": PROMPT, "full_name": PROMPT, "refresh_token": FORGED,
        "token": FORGED, "model": PROMPT, "messages": [{"role": "user", "content": PROMPT}], "input": PROMPT,
        "user_id": EMAIL, "reason": PROMPT, "request_id": FORGED, "amount_usd": PROMPT,
    }  # fmt: skip
    for method, path in calls(runtime):
        headers = {"authorization": f"Bearer {bearer}", "x-api-key": BILLING_KEY, "x-admin-key": ADMIN_KEY}
        content = orjson.dumps(body) if asked % 3 else f'{{"{PROMPT}": '.encode()
        await client.request(method, path, params={"email": EMAIL, "cursor": FORGED}, headers=headers, content=content)
        asked += 1
    return asked


def hold_that_nothing_leaked(told: io.StringIO, at_least: int) -> None:
    lines = told.getvalue().splitlines()
    assert len(lines) >= at_least
    assert [line for line in lines if CANARY in line.lower()] == []


async def test_no_refusal_of_any_call_quotes_what_was_sent(
    client: httpx.AsyncClient, runtime: Runtime, told: io.StringIO
) -> None:
    asked = await call_everything(client, runtime, FORGED)
    hold_that_nothing_leaked(told, asked)


@pytest.mark.parametrize("error", [ValueError(f"{PROMPT} of {EMAIL}"), Unreachable(f"{EMAIL} is unreachable")])
async def test_no_failure_of_any_call_quotes_what_was_sent(
    client: httpx.AsyncClient,
    runtime: Runtime,
    sqlite_store: Store,
    told: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    monkeypatch.setattr(store_module, "GIVE_UP_AFTER_S", 0.0)
    customer = await open_customer(sqlite_store, "1", now=runtime.now)
    await runtime.data_plane()
    engine_of(runtime, sqlite_store).error = error
    asked = await call_everything(client, runtime, customer.key)
    hold_that_nothing_leaked(told, asked)


async def test_what_goes_well_leaves_ids_alone(
    client: httpx.AsyncClient,
    runtime: Runtime,
    sqlite_store: Store,
    upstream: StandIn,
    told: io.StringIO,
) -> None:
    session = (
        await client.post("/api/auth/register", json={"email": EMAIL, "password": PASSWORD, "full_name": PROMPT})
    ).json()
    await client.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})
    await client.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD + "!"})
    owner = {"authorization": f"Bearer {session['token']}"}
    await client.post("/api/auth/verify-email", headers=owner)
    await client.post("/api/auth/password-reset", json={"email": EMAIL})
    made = (await client.post("/api/keys", headers=owner, json={"name": PROMPT})).json()
    await client.get("/api/admin/users", headers={"x-admin-key": ADMIN_KEY}, params={"email": EMAIL})
    customer = await open_customer(sqlite_store, "1", now=runtime.now)

    body = {"model": MODEL, "messages": [{"role": "user", "content": PROMPT}], "max_tokens": 20}
    invalid = status(400, message=f"{PROMPT}: {UPSTREAM_KEY}")
    broken = raw(f"data: {ANSWER}\n\n".encode(), headers={"content-type": "text/event-stream"})
    replies = [completion(ANSWER), stream([ANSWER] * 3), stream([ANSWER] * 3, break_after=1), invalid, broken, drop()]
    for number, reply in enumerate(replies):
        upstream.script(reply)
        streams = {"stream": True} if number in (1, 2, 4) else {}
        headers = {**customer.bearer, "idempotency-key": f"canary-{number}"}
        await client.post("/v1/chat/completions", json={**body, **streams}, headers=headers)
    await client.post("/jobs/sweep-leases", headers={"x-admin-key": ADMIN_KEY})

    text = told.getvalue()
    for secret in (session["token"], made["key"], customer.key):
        assert secret not in text
    for known in (customer.uid, customer.key_id, session["user"]["id"]):
        assert known in text
    hold_that_nothing_leaked(told, 2 * LEAST)


async def test_a_fault_while_relaying_quotes_nothing(
    client: httpx.AsyncClient,
    runtime: Runtime,
    sqlite_store: Store,
    monkeypatch: pytest.MonkeyPatch,
    told: io.StringIO,
) -> None:
    customer = await open_customer(sqlite_store, "1", now=runtime.now)
    plane = await runtime.data_plane()

    async def fail(*_: object) -> None:
        raise RuntimeError(f"{PROMPT} sent with {UPSTREAM_KEY}") from KeyError(EMAIL)

    monkeypatch.setattr(plane.gateway, "open", fail)
    body = {"model": MODEL, "messages": [{"role": "user", "content": PROMPT}]}
    answer = await client.post("/v1/chat/completions", json=body, headers=customer.bearer)
    assert answer.status_code == 500
    hold_that_nothing_leaked(told, 2)
