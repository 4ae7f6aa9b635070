"""What every command does: it works on the configured store, and is named in the audit trail."""

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from functions.farebox.admin.audit_trail import AdminCommand
from functions.farebox.config import Config, database_file, read_config
from functions.farebox.errors import BadConfig
from functions.farebox.wiring.operations import Operations
from functions.farebox.wiring.runtime import Runtime

T = TypeVar("T")

MOST_SHOWN = 200


def read_installation() -> Config:
    """What the environment configures, of an installation that is there: a command makes none of a typing error.
    Raises `BadConfig`."""
    file = database_file()
    if file is not None and not file.exists():
        raise BadConfig("FAREBOX_STORE", f"there is no database at {file}: is that its address?")
    return read_config()


def run(work: Callable[[Runtime, Operations], Awaitable[T]], *, may_begin: bool = False) -> T:
    """Do a command's work with what the environment configures. `may_begin`: it may be the first there ever is.
    Raises `BadConfig`, and what the work raises."""

    async def running() -> T:
        runtime = Runtime(config)
        try:
            return await work(runtime, await runtime.operations())
        finally:
            await runtime.close()

    config = read_config() if may_begin else read_installation()
    return asyncio.run(running())


def order(key: str | None, *, said: str | None = None) -> AdminCommand:
    """This command line, as the audit trail knows it, or what is `said` of one that holds a secret."""
    request = json.dumps(sys.argv[1:]) if said is None else said
    return AdminCommand(f"terminal:{getpass.getuser()}", request.encode(), key)
