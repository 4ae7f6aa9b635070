"""Commands about a whole database: carried elsewhere, brought to the newest form."""

import asyncio
from typing import Annotated

import typer

from functions.farebox.audit import Audited
from functions.farebox.audit import audit as walk
from functions.farebox.command_line.running import MOST_SHOWN, run
from functions.farebox.command_line.terminal import Telling, table, tell_audited
from functions.farebox.config import database_file
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from functions.farebox.storage.copying import copy_store
from functions.farebox.storage.upgrading import Upgraded, upgrade_store
from functions.farebox.wiring.operations import Operations
from functions.farebox.wiring.runtime import Runtime

app = typer.Typer()


@app.command()
def copy(
    source: Annotated[str, typer.Argument(help="As FAREBOX_STORE: sqlite:///PATH or firestore://PROJECT/DATABASE.")],
    target: Annotated[str, typer.Argument(help="Likewise; a new database.")],
) -> None:
    """Copy a whole database into an empty one, and audit it there.

    Cut off, it goes on where it was. Nobody may write to either meanwhile. Exits with 1 if the copy does not add up.
    """

    file = database_file({"FAREBOX_STORE": source})
    if file is not None and not file.exists():
        raise ValueError(f"there is no database at {file}: is that its address?")

    async def carry() -> Audited:
        stores = Store(open_engine(source)), Store(open_engine(target))
        done = Audited()
        try:
            with Telling() as tell:
                async for progress in copy_store(*stores, source):
                    tell(f"{progress.documents} documents, {progress.collection}")
                async for done in walk(stores[1], most_faults=MOST_SHOWN):
                    tell(f"audited: {done.wallets} wallets, {done.records} requests")
        finally:
            for store in stores:
                await store.close()
        return done

    tell_audited("Copied", asyncio.run(carry()))


@app.command()
def upgrade() -> None:
    """Bring every document to the newest form of its kind.

    Everything may go on serving. Cut off, it goes on where it was.
    """

    async def bring(runtime: Runtime, _ops: Operations) -> Upgraded:
        done = Upgraded()
        with Telling() as tell:
            async for done in upgrade_store(await runtime.store()):
                tell(f"{done.documents} documents, {done.upgraded} written anew, {done.kind}")
        return done

    done = run(bring)
    table("Upgraded", [{"documents": done.documents, "upgraded": done.upgraded}])
