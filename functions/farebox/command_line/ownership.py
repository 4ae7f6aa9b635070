"""Commands about what a database belongs to: its root key, and who knows the passwords of its people."""

import asyncio
import sys
from pathlib import Path

import typer

from functions.farebox.command_line.running import IDENTITY, read_installation, require
from functions.farebox.command_line.terminal import Telling, table
from functions.farebox.config import Config
from functions.farebox.config.root_key import read_new_secret_key, secret_key_file
from functions.farebox.secrets.reseal import Resealed, reseal
from functions.farebox.secrets.root_key import SecretKey, take_up
from functions.farebox.secrets.store_mark import change_identity as hand_over
from functions.farebox.secrets.store_mark import check_mark, mark_of
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine

app = typer.Typer()


@app.command(name="change-secret-key")
def change_secret_key(
    give_up: bool = typer.Option(
        False, "--give-up", help="A change to another key was cut off, whose key is lost with all that it has sealed."
    ),
) -> None:
    """Bring the store from FAREBOX_SECRET_KEY to FAREBOX_NEW_SECRET_KEY.

    What is sealed is sealed anew, and API keys stay what they are. Sessions end. Cut off, run it again with the same
    keys. Where the key is in a file (.farebox/secret.key), the new one is made, and put there in the end; the server
    is to be stopped before. What opens with neither key is named and stays as it is; then it exits with 1.
    """
    config = read_installation()
    file = secret_key_file(config.state_dir)
    successor = None if file is None else file.with_name(f"{file.name}.next")
    new = read_new_secret_key(successor)
    done = asyncio.run(_change(config, new, gives_up=give_up))
    row: dict[str, object] = {"sealed_anew": done.documents, "unopened": done.unopened}
    if file is not None and successor is not None:
        row |= {"key": str(file), "key_before": str(_take_up(file, successor, config.secret_key))}
    table("Changed", [row])
    for named in done.named:
        sys.stderr.write(f"{named} opens with neither key\n")
    if done.unopened:
        sys.stderr.write(
            f"{done.unopened} sealed texts stayed as they are. With the key that sealed them in FAREBOX_SECRET_KEY and "
            "the new one in FAREBOX_NEW_SECRET_KEY, this command brings them along; or they are set anew\n"
        )
        raise typer.Exit(1)


@app.command(name="change-identity")
def change_identity() -> None:
    """Have the store's people be known by the provider that FAREBOX_IDENTITY names.

    Their passwords don't come along: they set new ones there. The functions are to be given the same variables.
    """

    async def change(config: Config) -> str | None:
        store = Store(open_engine(config.store_url))
        try:
            await check_mark(store, config.secret_key)
            return await hand_over(store, config.identity)
        finally:
            await store.close()

    require([IDENTITY])
    config = read_installation()
    table("Changed", [{"before": asyncio.run(change(config)), "now": config.identity}])


async def _change(config: Config, new: SecretKey, *, gives_up: bool) -> Resealed:
    store, done = Store(open_engine(config.store_url)), Resealed()
    try:
        with Telling() as tell:
            async for done in reseal(store, config.secret_key, new, gives_up=gives_up):
                tell(f"{done.documents} documents sealed anew")
    finally:
        await store.close()
    return done


def _take_up(file: Path, successor: Path, old: SecretKey) -> Path:
    """Have the next start read the new key; answers where the one before is, which backups open with."""
    former = file.with_name(f"{file.name}.{mark_of(old)[:8]}")
    take_up(file, successor, former)
    return former
