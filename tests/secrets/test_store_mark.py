import asyncio

import pytest

from functions.farebox.errors import BadConfig
from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.store_mark import MARK, check_mark
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.product.runtime import config_with

KEY, OTHER = SecretKey(b"k" * 32), SecretKey(b"o" * 32)


async def test_a_store_takes_the_key_that_it_was_made_with_and_no_other(store: Store) -> None:
    await asyncio.gather(*(check_mark(store, KEY) for _ in range(4)))
    await check_mark(store, KEY)
    with pytest.raises(BadConfig, match=r"^FAREBOX_SECRET_KEY: "):
        await check_mark(store, OTHER)
    await check_mark(store, KEY)


async def test_the_mark_tells_nothing_of_the_key(sqlite_store: Store) -> None:
    await check_mark(sqlite_store, KEY)
    document = await sqlite_store.get(MARK)
    assert document is not None
    assert document.data.keys() == {"mark"}
    assert document.data["mark"] not in {KEY.derive(purpose).hex() for purpose in ("api-keys", "upstream-keys")}


FIRST, SECOND = "0123456789abcdef" * 2, "fedcba9876543210" * 2


async def test_a_process_with_another_key_does_not_start(sqlite_url: str) -> None:
    for secret, starts in ((FIRST, True), (SECOND, False), (FIRST, True)):
        runtime = Runtime(config_with({"FAREBOX_STORE": sqlite_url, "FAREBOX_SECRET_KEY": secret}))
        if starts:
            await runtime.store()
        else:
            with pytest.raises(BadConfig, match="FAREBOX_SECRET_KEY"):
                await runtime.store()
        await runtime.close()
