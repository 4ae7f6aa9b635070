"""An Ollama that is found by itself."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from functions.edge.standalone.banner import banner
from functions.farebox.pricing.price import Price
from functions.farebox.storage import Create, Delete, Store
from functions.farebox.upstreams.registry import upstream_path
from functions.farebox.wiring.data_plane import DataPlane
from functions.farebox.wiring.local_ollama import Found, adopt_ollama, find_ollama, wait_for_ollama
from functions.farebox.wiring.runtime import Runtime
from tests.support.processes import free_port
from tests.support.product.runtime import BUILTIN_PRICES, Clock, runtime_over
from tests.support.stand_ins.upstream import Reply, StandIn, json_reply, raw, status

MODELS = {"object": "list", "data": [{"id": "gemma3:1b"}, {"id": "gemma3:12b"}]}


@pytest.fixture
async def ollama() -> AsyncIterator[StandIn]:
    async with StandIn() as server:
        server.on_check = json_reply(MODELS)
        yield server


@pytest.fixture
async def runtime(sqlite_store: Store, sqlite_url: str) -> AsyncIterator[Runtime]:
    runtime = runtime_over(sqlite_store, sqlite_url, Clock(), FAREBOX_PRICING=BUILTIN_PRICES)
    yield runtime
    await runtime.close()


def at(server: StandIn) -> str:
    return server.base_url.removesuffix("/v1")


async def plane_of(runtime: Runtime, server: StandIn) -> tuple[DataPlane, Found | None]:
    """The data plane as the embedded run starts it, with this server in Ollama's place."""
    plane = await runtime.data_plane()
    return plane, await adopt_ollama(runtime.config, plane.store, plane.upstreams, runtime.now, at(server))


async def offered(plane: DataPlane) -> dict[str, Price]:
    await plane.refresh()
    return {price.model: price for price in await plane.models(None)}


async def test_on_an_empty_local_store_its_models_are_offered_for_nothing_beside_the_echo(
    runtime: Runtime, ollama: StandIn
) -> None:
    plane, found = await plane_of(runtime, ollama)
    assert found == Found(at(ollama), ["gemma3:1b", "gemma3:12b"])
    models = await offered(plane)
    assert models.keys() >= {"echo", "gemma3:1b", "gemma3:12b"}
    assert (models["gemma3:1b"].input, models["gemma3:1b"].output) == (0, 0)
    assert "Ollama with gemma3:1b, gemma3:12b; free" in banner(runtime.config, ["echo", "ollama"], found)


async def test_one_that_starts_later_is_found_at_the_next_start_or_while_it_runs(
    runtime: Runtime, ollama: StandIn
) -> None:
    ollama.on_check = status(503)
    plane, found = await plane_of(runtime, ollama)
    assert found is None
    ollama.on_check = json_reply(MODELS)

    async def adopt() -> Found | None:
        return await adopt_ollama(runtime.config, plane.store, plane.upstreams, runtime.now, at(ollama))

    async with asyncio.timeout(10):
        await wait_for_ollama(adopt, every_s=0.001)
    assert "gemma3:12b" in await offered(plane)


async def test_a_model_that_has_a_price_keeps_it(runtime: Runtime, ollama: StandIn) -> None:
    ollama.on_check = json_reply({"object": "list", "data": [{"id": "gpt-4o"}, {"id": "gemma3:1b"}]})
    plane, _ = await plane_of(runtime, ollama)
    models = await offered(plane)
    assert models["gpt-4o"].input > 0
    assert models["gemma3:1b"].input == 0


async def test_whoever_removes_it_has_the_last_word(runtime: Runtime, ollama: StandIn) -> None:
    plane, _ = await plane_of(runtime, ollama)
    await plane.store.write(Delete(upstream_path("ollama")))
    asked = len(ollama.checks)
    assert (await plane_of(runtime, ollama))[1] is None
    assert len(ollama.checks) == asked


async def test_nothing_is_added_to_upstreams_that_somebody_has_chosen(runtime: Runtime, ollama: StandIn) -> None:
    plane = await runtime.data_plane()
    chosen = plane.upstreams.encode({"id": "mine", "base_url": "http://mine.example/v1", "models": {"a": "a"}})
    await plane.store.write(Create(upstream_path("mine"), {**chosen, "created_at": runtime.now()}))
    assert (await plane_of(runtime, ollama))[1] is None
    assert ollama.checks == []


@pytest.mark.parametrize("variable", ["FAREBOX_UPSTREAMS", "FAREBOX_PRICING", "FAREBOX_STORE"])
async def test_nothing_is_looked_for_where_something_is_configured(
    runtime: Runtime, ollama: StandIn, variable: str
) -> None:
    await runtime.data_plane()
    runtime.config = {
        "FAREBOX_UPSTREAMS": replace(runtime.config, upstreams=[]),
        "FAREBOX_PRICING": replace(runtime.config, pricing={}),
        "FAREBOX_STORE": replace(runtime.config, store_url="firestore://p/d"),
    }[variable]
    assert (await plane_of(runtime, ollama))[1] is None
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
    assert await find_ollama(f"http://127.0.0.1:{free_port()}") is None
