"""How the command line shows things: tables and progress at a terminal, JSON in a pipe."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from functions.farebox.audit import Audited


class Telling:
    """Progress on standard error, where that is a terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True)
        self._is_shown = console.is_terminal

    def __enter__(self) -> Callable[[str], None]:
        if not self._is_shown:
            return lambda _text: None
        self._bar.start()
        task = self._bar.add_task("")
        return lambda text: self._bar.update(task, description=text)

    def __exit__(self, *_error: object) -> None:
        if self._is_shown:
            self._bar.stop()


def table(title: str, rows: Sequence[dict[str, Any]]) -> None:
    """Rows as a table at a terminal, as a JSON list in a pipe."""
    if not sys.stdout.isatty():
        sys.stdout.write(json.dumps(list(rows), indent=2) + "\n")
        return
    table = Table(title=title)
    for column in rows[0] if rows else ():
        # What is copied into the next command stays whole, however narrow the terminal.
        table.add_column(column.replace("_", " "), no_wrap=column == "id", overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console().print(table if rows else f"{title}: none")


def tell_audited(title: str, done: Audited) -> None:
    """What an audit came to; exits with 1 if something does not add up."""
    table(title, [{name: value for name, value in asdict(done).items() if name != "faults"}])
    if done.faults:
        for fault in done.faults:
            sys.stderr.write(f"{fault.path}: {fault.problem}\n")
        raise typer.Exit(1)
