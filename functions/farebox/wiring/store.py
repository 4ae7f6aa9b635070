"""The part of the runtime that opens the store, and holds it to be the one that the secrets belong to."""

from functions.farebox.config import Config
from functions.farebox.errors import BadConfig
from functions.farebox.secrets.store_mark import check_mark
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine


async def open_store(config: Config) -> Store:
    """Open it. Raises `BadConfig`."""
    try:
        store = Store(open_engine(config.store_url))
    except ValueError as error:
        raise BadConfig("FAREBOX_STORE", str(error)) from error
    try:
        await check_mark(store, config.secret_key)
    except BaseException:
        await store.close()
        raise
    return store
