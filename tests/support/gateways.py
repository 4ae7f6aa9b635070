"""A stand-in upstream, and gateways in front of it."""

import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from functions.farebox.gateway.echo import EchoTransport
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.http.pool import HttpTransport
from functions.farebox.gateway.upstream import parse_upstreams
from tests.support.upstream import StandIn

MakeGateway = Callable[..., Gateway]


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def spare() -> AsyncIterator[StandIn]:
    """A second upstream, to fail over to."""
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def make_gateway() -> AsyncIterator[MakeGateway]:
    """Builds gateways from configuration entries; they are closed afterwards."""
    made: list[Gateway] = []

    def make(*entries: dict[str, Any], **options: Any) -> Gateway:
        options = {"rng": random.Random(1), "echo": EchoTransport(pause_s=0), **options}
        made.append(Gateway(parse_upstreams(list(entries)), http=HttpTransport(), **options))
        return made[-1]

    yield make
    for gateway in made:
        await gateway.close()
