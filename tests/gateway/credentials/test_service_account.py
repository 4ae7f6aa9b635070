"""Tokens of the service account, from a stand-in for the metadata server."""

import asyncio
import logging
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.farebox.gateway.credentials.service_account import SCOPE, ServiceAccount, service_account_tokens
from functions.farebox.gateway.credentials.tokens import NoCredential, Token, Tokens
from functions.farebox.gateway.http.pool import HttpTransport
from functions.farebox.gateway.probe import probe
from functions.farebox.gateway.transport import ConnectFailed, Outgoing
from functions.farebox.gateway.upstream import Upstream
from tests.simulation.virtual_loop import run_virtually
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.metadata_server import MetadataServer
from tests.support.stand_ins.upstream import StandIn


def utc_now() -> datetime:
    return datetime.now(UTC)


def google(base_url: str, tokens: Tokens | None, **terms: Any) -> Upstream:
    return Upstream("g", base_url, {"m": "google/gemini-2.5-flash"}, auth="google", tokens=tokens, **terms)


def test_a_token_is_had_for_the_whole_platform_with_the_time_it_has_left(metadata: MetadataServer) -> None:
    token = ServiceAccount(utc_now).fetch()
    assert token.text == "token-1"
    assert 50 < token.lasts_s <= 60
    assert SCOPE in metadata.asked[0].replace("%3A", ":").replace("%2F", "/")
    assert "token-1" not in repr(token)


def test_an_hour_of_tokens_that_live_a_minute_keeps_no_request_waiting(metadata: MetadataServer) -> None:
    account = ServiceAccount(utc_now)
    issued_s: dict[str, float] = {}

    async def fetch() -> Token:
        await asyncio.sleep(0.3)  # what the way there takes
        token = account.fetch()
        issued_s[token.text] = asyncio.get_running_loop().time()
        return token

    async def hour() -> int:
        clock, rng, requests = asyncio.get_running_loop().time, random.Random(7), 0
        tokens = Tokens(fetch, clock=clock)
        upstream = google("https://vertex.example.com", tokens)
        tokens.keep()
        await asyncio.sleep(1)
        while clock() < 3600:
            began_s = clock()
            header = await upstream.credential()
            assert clock() == began_s  # nothing was waited for
            text = header["authorization"].removeprefix("Bearer ")
            assert began_s - issued_s[text] < 60  # it is still good
            requests += 1
            await asyncio.sleep(rng.choice([0, 0.05, 2, 20, 90]))
        await tokens.close()
        return requests

    assert run_virtually(hour()) > 100
    assert 60 <= len(metadata.asked) <= 90


async def test_calls_and_probes_bear_the_token_and_the_first_one_waits_for_it(
    metadata: MetadataServer, upstream: StandIn
) -> None:
    tokens, transport = service_account_tokens(utc_now), HttpTransport()
    target = google(upstream.base_url, tokens)
    for _ in range(2):
        incoming = await transport.send(Outgoing(target, "/chat/completions", b"{}", target.head))
        await incoming.aclose()
    assert [each.headers["authorization"] for each in upstream.requests] == ["Bearer token-1"] * 2
    assert (await probe(target)).error is None
    assert upstream.checks[-1].headers["authorization"] == "Bearer token-1"
    assert len(metadata.asked) == 1
    await transport.close()
    await tokens.close()


async def test_without_a_token_the_upstream_is_as_one_that_cannot_be_reached_and_the_log_says_why(
    metadata: MetadataServer, upstream: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    metadata.fails = True
    tokens, transport = service_account_tokens(utc_now), HttpTransport()
    target = google(upstream.base_url, tokens)
    with caplog.at_level(logging.WARNING), pytest.raises(ConnectFailed, match=r"^no credential$"):
        await transport.send(Outgoing(target, "/chat/completions", b"{}", target.head))
    assert "the service account has no token" in caplog.text
    assert upstream.requests == []
    assert "service account" in str((await probe(target)).error)
    with pytest.raises(NoCredential):
        await google(upstream.base_url, None).credential()
    await transport.close()
    await tokens.close()


@pytest.mark.parametrize("terms", [{"auth": "google"}, {"api_key": {"secret": "projects/p/secrets/s"}}], ids=str)
async def test_who_has_no_credential_gives_way_to_the_next_and_no_customer_reads_why(
    make_gateway: MakeGateway, upstream: StandIn, spare: StandIn, terms: dict[str, Any]
) -> None:
    gateway = make_gateway(upstream.entry("poor", **terms), spare.entry("rich", priority=1))
    answer = await gateway.open(call_of({"model": "test-model", "messages": [{"role": "user", "content": "Hello"}]}))
    assert list(answer.source.asked) == ["poor", "rich"]
    first = answer.source.attempts[0]
    assert (first.outcome, first.error) == ("unreachable", "no credential")
    assert upstream.requests == []
    await answer.aclose()
