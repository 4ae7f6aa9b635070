"""The part of the runtime that opens the store, and holds it to be that of these secrets and these people."""

from functions.farebox.config import Config
from functions.farebox.errors import BadConfig
from functions.farebox.secrets.store_mark import check_identity, check_mark
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine


async def open_store(config: Config) -> Store:
    """Open it for a server, which says whose its people are. Raises `BadConfig`."""
    return await _open(config, is_server=True)


async def open_store_for_command(config: Config) -> Store:
    """Open it for a command. On Firestore most do without the variables of people, where `local` is only what was left
    out; a provider that is named has to be the store's. Raises `BadConfig`."""
    return await _open(config, is_server=False)


async def _open(config: Config, *, is_server: bool) -> Store:
    try:
        store = Store(open_engine(config.store_url))
    except ValueError as error:
        raise BadConfig("FAREBOX_STORE", str(error)) from error
    try:
        marked = await check_mark(store, config.secret_key, config.identity if is_server else None)
        if is_server or config.is_local or config.identity_is_named:
            check_identity(marked, config.identity)
    except BaseException:
        await store.close()
        raise
    return store
