"""An Ollama that is found by itself."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from functions.edge.banner import banner
from functions.farebox.data_plane import open_data_plane
from functions.farebox.local_ollama import Found, find_ollama, with_ollama
from functions.farebox.storage import Store
from tests.gateway.test_failover import closed_port
from tests.support.runtimes import Clock, config_with, runtime_over
from tests.support.upstream import Reply, StandIn, json_reply, raw, status

MODELS = {"object": "list", "data": [{"id": "gemma3:1b"}, {"id": "gemma3:12b"}]}


@pytest.fixture
async def ollama() -> AsyncIterator[StandIn]:
    async with StandIn() as server:
        server.on_check = json_reply(MODELS)
        yield server


def at(server: StandIn) -> str:
    return server.base_url.removesuffix("/v1")


async def test_on_an_empty_local_store_its_models_are_offered_for_nothing_beside_the_echo(
    sqlite_store: Store, sqlite_url: str, ollama: StandIn
) -> None:
    runtime = runtime_over(sqlite_store, sqlite_url, Clock())
    runtime.config, found = await with_ollama(runtime.config, sqlite_store, at(ollama))
    assert found == Found(at(ollama), ["gemma3:1b", "gemma3:12b"])
    plane = await open_data_plane(runtime)
    offered = {price.model: price for price in await plane.models(None)}
    assert offered.keys() >= {"echo", "gemma3:1b", "gemma3:12b"}
    assert (offered["gemma3:1b"].input, offered["gemma3:1b"].output) == (0, 0)
    assert "Ollama with gemma3:1b, gemma3:12b; free" in banner(runtime.config, ["echo", "ollama"], found)
    asked = len(ollama.checks)
    again, nothing = await with_ollama(runtime.config, sqlite_store, at(ollama))
    assert (again, nothing, len(ollama.checks)) == (runtime.config, None, asked)  # the store rules from now on
    await plane.gateway.close()


@pytest.mark.parametrize("variable", ["FAREBOX_UPSTREAMS", "FAREBOX_PRICING", "FAREBOX_STORE"])
async def test_nothing_is_looked_for_where_something_is_configured(
    sqlite_store: Store, sqlite_url: str, ollama: StandIn, variable: str
) -> None:
    config = config_with({"FAREBOX_STORE": sqlite_url})
    chosen = {
        "FAREBOX_UPSTREAMS": replace(config, upstreams=[]),
        "FAREBOX_PRICING": replace(config, pricing={}),
        "FAREBOX_STORE": replace(config, store_url="firestore://p/d"),
    }[variable]
    assert await with_ollama(chosen, sqlite_store, at(ollama)) == (chosen, None)
    assert ollama.checks == []


@pytest.mark.parametrize(
    "reply",
    [status(500), json_reply({"data": []}), json_reply({"data": None}), raw(b"<html>", headers={})],
    ids=["ill", "empty", "malformed", "something else"],
)
async def test_whatever_else_listens_there_is_no_ollama(ollama: StandIn, reply: Reply) -> None:
    ollama.on_check = reply
    assert await find_ollama(at(ollama)) is None


async def test_nobody_there_is_no_ollama() -> None:
    assert await find_ollama(f"http://127.0.0.1:{closed_port()}") is None
