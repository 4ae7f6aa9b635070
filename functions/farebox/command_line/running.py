"""What every command does: it works on the configured store, and is named in the audit trail."""

import asyncio
import getpass
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from functions.farebox.admin.audit_trail import AdminCommand
from functions.farebox.config import Config, database_file, read_config
from functions.farebox.errors import BadConfig
from functions.farebox.wiring.operations import Operations
from functions.farebox.wiring.runtime import Runtime
from functions.farebox.wiring.store import open_store_for_command

T = TypeVar("T")

MOST_SHOWN = 200

IDENTITY, PAYMENTS = "FAREBOX_IDENTITY", "FAREBOX_PAYMENTS"
NAMED_ON_FIRESTORE = {
    IDENTITY: "local, or firebase with FIREBASE_API_KEY, and FIREBASE_PROJECT where it is not the store's",
    PAYMENTS: "sandbox, or stripe or creem with their _API_KEY and _WEBHOOK_SECRET, and CREEM_TOPUP_PRODUCT",
}


def read_installation() -> Config:
    """What the environment configures, of an installation that is there: a command makes none of a typing error.
    Raises `BadConfig`."""
    file = database_file()
    if file is not None and not file.exists():
        raise BadConfig("FAREBOX_STORE", f"there is no database at {file}: is that its address?")
    return read_config()


def run(
    work: Callable[[Runtime, Operations], Awaitable[T]], *, may_begin: bool = False, needs: Sequence[str] = ()
) -> T:
    """Do a command's work with what the environment configures. `may_begin`: it may be the first there ever is.
    `needs` are of `NAMED_ON_FIRESTORE`. Raises `BadConfig`, and what the work raises."""

    async def running() -> T:
        runtime = Runtime(config, open_store=open_store_for_command)
        try:
            return await work(runtime, await runtime.operations())
        finally:
            await runtime.close()

    require(needs)
    config = read_config() if may_begin else read_installation()
    return asyncio.run(running())


def require(names: Sequence[str]) -> None:
    """Refuse to go on without what a command needs of `NAMED_ON_FIRESTORE`, and say all of it at once: there nothing is
    chosen by itself that reaches people's accounts or payments. Raises `BadConfig`."""
    if database_file() is not None:
        return
    lacking = [name for name in names if not os.environ.get(name, "").strip()]
    if lacking:
        wanted = "; ".join(f"{name}={NAMED_ON_FIRESTORE[name]}" for name in lacking)
        raise BadConfig(lacking[0], f"on Firestore this command is to know what the functions know. Set {wanted}")


def order(key: str | None, *, said: str | None = None) -> AdminCommand:
    """This command line, as the audit trail knows it, or what is `said` of one that holds a secret."""
    request = json.dumps(sys.argv[1:]) if said is None else said
    return AdminCommand(f"terminal:{getpass.getuser()}", request.encode(), key)
