"""The audit at a terminal: progress on standard error, the verdict on standard output, 1 if a fault was found."""

import asyncio
import sys

from functions.farebox.audit import Audited, audit
from functions.farebox.audit.sealed import sealed_faults
from functions.farebox.config import read_config
from functions.farebox.errors import BadConfig
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine

MOST_SEALED = 100  # texts that do not open, to be named


async def run(store: Store) -> Audited:
    """Audit a store, and say how far it is."""
    done = Audited()
    async for done in audit(store):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done.wallets} wallets, {done.entries} entries, {done.records} requests")
            sys.stderr.flush()
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    return done


def main() -> None:
    """Audit the configured store and exit."""
    sys.exit(asyncio.run(_main()))


async def _main() -> int:
    try:
        config = read_config()
    except BadConfig as error:
        sys.stderr.write(f"{error}\n")
        return 2
    store = Store(open_engine(config.store_url))
    try:
        done = await run(store)
        done.faults += await sealed_faults(store, config.secret_key, most_faults=MOST_SEALED)
    finally:
        await store.close()
    for fault in done.faults:
        sys.stdout.write(f"{fault.path}: {fault.problem}\n")
    if done.faults:
        return 1
    sys.stdout.write(
        f"The books are clean: {done.wallets} wallets, {done.entries} ledger entries, {done.leases} leases, "
        f"{done.tenants} tenants' budgets, {done.records} requests.\n"
    )
    if done.restless:
        sys.stdout.write(
            f"{done.restless} wallets or tenants were too busy to compare; audit again when they are quieter.\n"
        )
    return 0


if __name__ == "__main__":
    main()
