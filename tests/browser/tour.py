"""Every page of the dashboard, with something to show on each: what the scan and the screenshots go through."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import httpx
from playwright.async_api import expect

from tests.browser.product import ADMIN, Product
from tests.browser.visitor import PASSWORD, Visitor
from tests.support.patience import PATIENCE_S

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@dataclass(frozen=True)
class Stop:
    """A page: a name for its pictures, its address, and its heading."""

    name: str
    path: str
    heading: str


OUTSIDE = (
    Stop("sign-in", "/sign-in", "Sign in"),
    Stop("sign-up", "/sign-up", "Make an account"),
    Stop("forgot-password", "/forgot-password", "Forgot your password?"),
)
INSIDE = (
    Stop("overview", "/", "Overview"),
    Stop("start", "/start", "Get started"),
    Stop("models", "/models", "Models"),
    Stop("model", "/models/echo", "echo"),
    Stop("models-compared", "/models?compare=echo&compare=echo-embedding", "Models"),
    Stop("chat", "/chat", "New chat"),
    Stop("keys", "/keys", "Keys"),
    Stop("usage", "/usage", "Usage"),
    Stop("billing", "/billing", "Billing"),
    Stop("account", "/account", "Account"),
    Stop("organisation", "/organisation", "Organisation"),
    Stop("security", "/account/security", "Account"),
)
# Of the administrator, who has used it.
ADMINS = (
    Stop("request", "/usage/requests/tour-request", "Request"),
    Stop("admin-users", "/admin/users", "Users"),
    Stop("admin-tenants", "/admin/tenants", "Tenants"),
    Stop("admin-pricing", "/admin/pricing", "Pricing"),
    Stop("admin-upstreams", "/admin/upstreams", "Upstreams"),
    Stop("admin-plans", "/admin/plans", "Plans"),
    Stop("admin-codes", "/admin/codes", "Codes"),
    Stop("admin-payments", "/admin/payments", "Unmatched payments"),
    Stop("admin-stats", "/admin/stats", "System"),
    Stop("admin-failures", "/admin/failures", "Errors"),
    Stop("admin-setup", "/admin/setup", "Setup"),
    Stop("admin-audit", "/admin/audit", "Audit trail"),
    Stop("admin-jobs", "/admin/jobs", "Jobs"),
)


LONG_NAME = "Nightly batch jobs of the document pipeline of the data team in Frankfurt"
LONG_ADDRESS = "ada.countess.lovelace@engineering.subsidiary.analytical.example.org"


def furnish(product: Product, requests: int = 40) -> None:
    """Make the administrator's account, and use it: keys, requests, a second upstream, a code, a tenant.

    The address is verified as its owner would, which makes the account an administrator's.
    """
    with httpx.Client(base_url=product.url, timeout=PATIENCE_S) as client:
        session = _done(client.post("/api/auth/register", json={"email": ADMIN, "password": PASSWORD}))
        client.headers["authorization"] = f"Bearer {session['token']}"
        _done(client.post("/api/auth/verify-email"))
        token = product.mailed_token(ADMIN)
        _done(client.post("/api/auth/verify-email/confirm", json={"token": token}))
        client.headers["authorization"] = f"Bearer {_admin_token(client)}"
        product.welcome(ADMIN)
        _done(client.post("/api/auth/register", json={"email": LONG_ADDRESS, "password": PASSWORD}))
        keys = [_done(client.post("/api/keys", json={"name": name}))["key"] for name in ("Website", LONG_NAME)]
        for number in range(requests):
            model = "echo" if number % 3 else "echo-embedding"
            _ask(client, keys[number % 2], model, "What is a farebox? " * (1 + number % 7))
        _ask(client, keys[0], "no-such-model", "Hello")
        _ask(client, keys[0], "echo", "Hello", {"x-request-id": "tour-request"})
        million = {"user_id": session["user"]["id"], "balance_usd": "1234567.89", "reason": "To see it"}
        _done(client.post("/api/admin/credits/set", json=million))
        spare = {"id": "spare", "base_url": "echo:", "models": {"echo": "echo"}, "priority": 9}
        _done(client.post("/api/admin/upstreams", json=spare))
        _done(client.post("/api/admin/codes", json={"amount_usd": "5.00", "note": "For the launch", "max_uses": 100}))
        _done(client.put("/api/admin/tenants/acme", json={"monthly_budget_usd": "250.00"}))


# What a link of the dashboard does: the history has a new entry, and the router looks where it is.
FOLLOWED = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"


async def open_each(visitor: Visitor, stops: Sequence[Stop], *, in_english: bool = True) -> AsyncIterator[Stop]:
    """Open one page after the other at its address, and wait until each has all that it shows."""
    for stop in stops:
        await visitor.page.goto(stop.path)
        heading = visitor.page.get_by_role("heading", level=1)
        await (expect(heading).to_have_text(stop.heading) if in_english else expect(heading).to_be_visible())
        await visitor.settle()
        yield stop


async def walk(visitor: Visitor, stops: Sequence[Stop]) -> AsyncIterator[Stop]:
    """Open the first page, and go on from one to the next without loading the dashboard again, which takes a browser
    three times as long. That the next one is there is seen by its heading, so no two neighbours have the same."""
    async for first in open_each(visitor, stops[:1]):
        yield first
    for before, stop in pairwise(stops):
        assert stop.heading != before.heading
        await visitor.page.evaluate(FOLLOWED, stop.path)
        await expect(visitor.page.get_by_role("heading", level=1)).to_have_text(stop.heading)
        await visitor.settle()
        yield stop


def _admin_token(client: httpx.Client) -> str:
    """Of a session that began after the address was proved: Firebase dates sessions by whole seconds."""
    while True:
        session = _done(client.post("/api/auth/login", json={"email": ADMIN, "password": PASSWORD}))
        if session["user"]["is_admin"]:
            return str(session["token"])
        time.sleep(0.2)


def _ask(client: httpx.Client, key: str, model: str, text: str, also: Mapping[str, str] | None = None) -> None:
    headers = {"authorization": f"Bearer {key}", **(also or {})}
    if model == "echo-embedding":
        client.post("/v1/embeddings", json={"model": model, "input": text}, headers=headers)
    else:
        body = {"model": model, "messages": [{"role": "user", "content": text}]}
        client.post("/v1/chat/completions", json=body, headers=headers)


def _done(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None
