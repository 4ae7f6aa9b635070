"""Upstreams that are called with the service account's tokens, as the list hands them out."""

import asyncio
import time

from functions.farebox.storage import Set, Store
from functions.farebox.upstreams.registry import UpstreamList, upstream_path
from tests.support.patience import PATIENCE_S
from tests.support.product.runtime import Clock
from tests.support.stand_ins.metadata_server import MetadataServer

ENTRY = {"base_url": "https://aiplatform.googleapis.com/v1", "models": {"m": "m"}, "auth": "google"}


async def test_a_token_is_had_with_the_list_for_all_that_need_one_and_for_as_long_as_any_does(
    sqlite_store: Store, metadata: MetadataServer
) -> None:
    clock = Clock()
    upstreams = UpstreamList(sqlite_store, bytes(32), now=clock, clock=time.monotonic)
    await upstreams.seed([{**ENTRY, "id": "a"}, {**ENTRY, "id": "b"}], force=False)
    a, b = await upstreams.read()
    assert a.tokens is not None
    assert a.tokens is b.tokens
    async with asyncio.timeout(PATIENCE_S):
        while not metadata.asked:  # nobody has called anything yet
            await asyncio.sleep(0.01)
    assert (await upstreams.read())[0].tokens is a.tokens
    for id in ("a", "b"):
        document = await sqlite_store.get(upstream_path(id))
        assert document is not None
        await sqlite_store.write(Set(document.path, {**document.data, "enabled": False}))
    assert await upstreams.read() == []
    document = await sqlite_store.get(upstream_path("a"))
    assert document is not None
    await sqlite_store.write(Set(document.path, {**document.data, "enabled": True}))
    [again] = await upstreams.read()
    assert again.tokens is not a.tokens
    await upstreams.close()
