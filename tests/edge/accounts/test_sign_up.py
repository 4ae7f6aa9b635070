"""Signing up where everybody may come: credit that can't be farmed, and whom an operator lets in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from functions.farebox.storage import Query, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of, refused
from tests.support.clients.management import done
from tests.support.product.app import surface_over
from tests.support.product.mailbox import mailed_token
from tests.support.product.runtime import Clock, runtime_over

PASSWORD = "a long password"
PUBLIC = {"FAREBOX_HOST": "0.0.0.0", "FAREBOX_TRUSTED_PROXIES": "127.0.0.1"}
CREDIT, DAILY = "1.00", "5.00"

Serve = Callable[..., Any]


@pytest.fixture
async def serve(sqlite_store: Store, sqlite_url: str, clock: Clock) -> AsyncIterator[Serve]:
    """Makes a client of a server that is reached from outside, through a proxy on this machine."""
    runtimes: list[Runtime] = []

    def make(**variables: str) -> tuple[Runtime, httpx.AsyncClient]:
        runtime = runtime_over(sqlite_store, sqlite_url, clock, **PUBLIC, **variables)
        runtimes.append(runtime)
        return runtime, client_of(surface_over(runtime))

    yield make
    for runtime in runtimes:
        await runtime.close()


async def sign_up(client: httpx.AsyncClient, email: str, address: str = "", **more: str) -> httpx.Response:
    headers = {"x-forwarded-for": address} if address else {}
    return await client.post("/api/auth/register", json={"email": email, "password": PASSWORD, **more}, headers=headers)


async def confirm(runtime: Runtime, client: httpx.AsyncClient, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    await done(client.post("/api/auth/verify-email", headers=headers))
    proof = {"token": mailed_token(runtime)}
    await done(client.post("/api/auth/verify-email/confirm", json=proof, headers=headers))


async def balance_of(client: httpx.AsyncClient, token: str) -> str:
    balance: str = (await done(client.get("/api/wallet", headers={"authorization": f"Bearer {token}"})))["balance_usd"]
    return balance


async def test_credit_comes_with_the_confirmed_address_once_for_a_mailbox(serve: Serve) -> None:
    runtime, client = serve()
    given = []
    spellings = ("a.da@gmail.com", "ada+2@gmail.com", "ADA@googlemail.com", "ada+1@example.com", "ada@example.com")
    for spelling in spellings:
        session = (await sign_up(client, spelling)).json()
        assert session["user"]["welcome_credit_due"]
        assert await balance_of(client, session["token"]) == "0.00"
        await confirm(runtime, client, session["token"])
        given.append(await balance_of(client, session["token"]))
    assert given == ["1.00", "0.00", "0.00", "1.00", "0.00"]


async def test_a_hundred_addresses_with_tags_from_fifty_places_get_what_the_policy_says_and_no_more(
    serve: Serve, clock: Clock
) -> None:
    runtime, client = serve(FAREBOX_SIGNUP_CREDIT_USD=CREDIT, FAREBOX_SIGNUP_CREDIT_DAILY_MAX_USD=DAILY)
    addresses = [f"person{n // 2}+tag{n}@catch-all.example.com" for n in range(40)]
    addresses += [f"p.er.son{n}@gmail.com" for n in range(60)]
    identity, welcome = await runtime.identity(), await runtime.welcome()
    people = []
    for n, email in enumerate(addresses):
        answer = await sign_up(client, email, f"203.0.113.{n // 2}")
        people.append((answer.json()["user"]["id"], answer.json()["token"], email))
    await asyncio.gather(*(welcome.give(uid, email) for uid, _, email in people))
    totals = [await balance_of(client, token) for _, token, _ in people]
    assert sum(total == CREDIT for total in totals) == 5
    clock.forward(days=1)
    await asyncio.gather(*(welcome.give(uid, email) for uid, _, email in people))
    sessions = [await identity.login(email, PASSWORD) for _, _, email in people[:10]]
    assert sessions
    wallets = await runtime.store()
    total = sum([document.data["balance"] async for document in wallets.scan(Query("wallets"))])
    assert total == 10_000_000_000, "as much again on another day"


async def test_one_network_makes_so_many_accounts_an_hour_and_holds_nobody_else_up(serve: Serve, clock: Clock) -> None:
    _, client = serve()
    for n in range(20):
        assert (await sign_up(client, f"p{n}@example.com", f"2001:db8:1:1::{n:x}")).status_code == 201
    refused(await sign_up(client, "p20@example.com", "2001:db8:1:1::ffff"), 429, "rate_limit_exceeded")
    forged = await sign_up(client, "p20@example.com", "192.0.2.1, 2001:db8:1:1::ffff")
    refused(forged, 429, "rate_limit_exceeded")
    assert (await sign_up(client, "p20@example.com", "2001:db8:1:2::1")).status_code == 201
    clock.forward(hours=1)
    assert (await sign_up(client, "p21@example.com", "2001:db8:1:1::1")).status_code == 201


async def test_domains_are_let_in_or_kept_out_with_those_below_them(serve: Serve, tmp_path: Path) -> None:
    listed = tmp_path / "throw-away.txt"
    listed.write_text("# throw-away addresses\nmailinator.com\n\n trash.example \n")
    _, client = serve(FAREBOX_SIGNUP_BLOCKED_DOMAINS=str(listed))
    for email in ("a@mailinator.com", "a@MAILINATOR.com", "a@x.mailinator.com", "a@trash.example"):
        refused(await sign_up(client, email), 403, "email_domain_refused")
    assert (await sign_up(client, "a@notmailinator.com")).status_code == 201
    _, client = serve(FAREBOX_SIGNUP_DOMAINS="example.com,example.org")
    refused(await sign_up(client, "b@example.net"), 403, "email_domain_refused")
    assert (await sign_up(client, "b@staff.example.com")).status_code == 201


async def test_an_invitation_makes_one_account_and_one_for_an_address_is_for_nobody_else(
    serve: Serve, clock: Clock
) -> None:
    runtime, client = serve(FAREBOX_SIGNUP="invitation")
    invitations = await runtime.invitations()
    refused(await sign_up(client, "ada@example.com"), 403, "sign_up_closed")
    anybodys, adas = await invitations.make(None), await invitations.make("ada@example.com")
    refused(await sign_up(client, "eve@example.com", invitation=adas), 403, "invitation_invalid")
    assert (await sign_up(client, "ada@example.com", invitation=adas)).status_code == 201
    assert (await sign_up(client, "bob@example.com", invitation=anybodys)).status_code == 201
    refused(await sign_up(client, "eve@example.com", invitation=anybodys), 403, "invitation_invalid")
    late = await invitations.make(None)
    clock.forward(days=14)
    for code in (late, "made up"):
        refused(await sign_up(client, "eve@example.com", invitation=code), 403, "invitation_invalid")
    assert (await done(client.get("/api/auth/options")))["sign_up"] == "invitation"


async def test_a_captcha_is_checked_with_its_service_and_each_answer_once(serve: Serve) -> None:
    asked: list[dict[str, str]] = []

    async def verify(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        fresh = form not in asked
        asked.append(form)
        return web.json_response({"success": form["response"] == "right" and fresh})

    app = web.Application()
    app.router.add_post("/siteverify", verify)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _, client = serve(
        FAREBOX_CAPTCHA="turnstile",
        FAREBOX_CAPTCHA_SITE_KEY="0x4AAA",
        CAPTCHA_SECRET_KEY="a captcha's secret",
        FAREBOX_CAPTCHA_URL=f"http://127.0.0.1:{runner.addresses[0][1]}/siteverify",
    )
    assert (await done(client.get("/api/auth/options")))["captcha"] == {"service": "turnstile", "site_key": "0x4AAA"}
    refused(await sign_up(client, "ada@example.com"), 403, "captcha_failed")
    refused(await sign_up(client, "ada@example.com", captcha="wrong"), 403, "captcha_failed")
    assert asked == [{"secret": "a captcha's secret", "response": "wrong", "remoteip": "127.0.0.1"}]
    assert (await sign_up(client, "ada@example.com", captcha="right")).status_code == 201
    refused(await sign_up(client, "bob@example.com", captcha="right"), 403, "captcha_failed")
    await runner.cleanup()
    refused(await sign_up(client, "bob@example.com", captcha="right"), 503, "identity_provider_unavailable")
