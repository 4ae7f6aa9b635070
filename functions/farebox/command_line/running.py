"""What every command does: it works on the configured store, and is named in the audit trail."""

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from functions.farebox.admin.audit_trail import AdminCommand
from functions.farebox.config import read_config
from functions.farebox.wiring.operations import Operations
from functions.farebox.wiring.runtime import Runtime

T = TypeVar("T")

MOST_SHOWN = 200


def run(work: Callable[[Runtime, Operations], Awaitable[T]]) -> T:
    """Do a command's work with what the environment configures. Raises `BadConfig`, and what the work raises."""

    async def running() -> T:
        runtime = Runtime(config)
        try:
            return await work(runtime, await runtime.operations())
        finally:
            await runtime.close()

    config = read_config()
    return asyncio.run(running())


def order(key: str | None, *, said: str | None = None) -> AdminCommand:
    """This command line, as the audit trail knows it, or what is `said` of one that holds a secret."""
    request = json.dumps(sys.argv[1:]) if said is None else said
    return AdminCommand(f"terminal:{getpass.getuser()}", request.encode(), key)
