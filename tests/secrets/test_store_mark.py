import asyncio
from collections.abc import Mapping

import pytest

from functions.farebox.errors import BadConfig
from functions.farebox.jobs.schedule import run_job
from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.store_mark import MARK, change_identity, check_mark
from functions.farebox.storage import Store, Update
from functions.farebox.wiring.runtime import Runtime
from functions.farebox.wiring.store import open_store, open_store_for_command
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


FIREBASE = {"FAREBOX_IDENTITY": "firebase", "FIREBASE_PROJECT": "p", "FIREBASE_API_KEY": "k"}


async def test_the_people_of_a_store_are_one_providers(sqlite_url: str, sqlite_store: Store) -> None:
    local: dict[str, str] = {}
    for more, starts in ((local, True), (FIREBASE, False), (local, True)):
        await _opens(sqlite_url, more, starts=starts)
    assert await change_identity(sqlite_store, "firebase:p") == "local"
    for more, starts in ((local, False), ({**FIREBASE, "FIREBASE_PROJECT": "q"}, False), (FIREBASE, True)):
        await _opens(sqlite_url, more, starts=starts)


async def _opens(sqlite_url: str, more: Mapping[str, str], *, starts: bool) -> None:
    """Whether a server opens the store, and a command that names the provider."""
    for opener in (None, open_store_for_command):
        config = config_with({"FAREBOX_STORE": sqlite_url, "FAREBOX_SECRET_KEY": FIRST, **more})
        runtime = Runtime(config, open_store=opener)
        if starts:
            await runtime.store()
        else:
            with pytest.raises(BadConfig, match=r"^FAREBOX_IDENTITY: .*=(local|firebase, FIREBASE_PROJ)"):
                await runtime.store()
        await runtime.close()


async def test_a_store_of_an_earlier_version_is_its_providers_from_the_next_job_on(
    sqlite_url: str, sqlite_store: Store
) -> None:
    await check_mark(sqlite_store, SecretKey(FIRST.encode()))
    runtime = Runtime(config_with({"FAREBOX_STORE": sqlite_url, "FAREBOX_SECRET_KEY": FIRST, **FIREBASE}))
    await run_job("sweep-leases", runtime)
    await runtime.close()
    await _opens(sqlite_url, {}, starts=False)


async def test_a_command_on_firestore_that_leaves_people_out_needs_no_variables_of_theirs(store_url: str) -> None:
    config = config_with({"FAREBOX_STORE": store_url, "FAREBOX_SECRET_KEY": FIRST, **FIREBASE})
    server = await open_store(config)
    await server.close()
    bare = config_with({"FAREBOX_STORE": store_url, "FAREBOX_SECRET_KEY": FIRST})
    if bare.is_local:
        with pytest.raises(BadConfig, match="FAREBOX_IDENTITY"):
            await open_store_for_command(bare)
        return
    await (await open_store_for_command(bare)).close()
    with pytest.raises(BadConfig, match="FAREBOX_IDENTITY"):
        await open_store(bare)


async def test_a_key_that_does_not_open_what_is_kept_of_the_one_before_is_refused_by_name(sqlite_store: Store) -> None:
    await check_mark(sqlite_store, KEY)
    await sqlite_store.write(Update(MARK, {"kept": {"api-keys": "gAAAA-damaged"}}))
    with pytest.raises(BadConfig, match=r"^FAREBOX_SECRET_KEY: .*seeds/secret-key"):
        await check_mark(sqlite_store, KEY)
