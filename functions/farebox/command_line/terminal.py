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

WIDEST = 10_000  # characters, that a row may want


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
    """Rows at a terminal, where columns without a value are left out; a JSON list of all of it in a pipe.

    They are a table where that fits, else each row has its fields below each other: nothing is cut off or folded into
    columns too narrow to read, and what is copied into the next command stays whole.
    """
    if not sys.stdout.isatty():
        sys.stdout.write(json.dumps(list(rows), indent=2) + "\n")
        return
    console = Console()
    if not rows:
        console.print(f"{title}: none")
        return
    named = [name for name in rows[0] if any(row[name] not in (None, "") for row in rows)]
    wide, tall = Table(title=title), Table(title=title, show_header=False)
    tall.add_column(no_wrap=True)
    tall.add_column(overflow="fold")
    for name in named:
        wide.add_column(_words(name), no_wrap=True)
    for row in rows:
        cells = ["" if row[name] is None else str(row[name]) for name in named]
        wide.add_row(*cells)
        for name, cell in zip(named, cells, strict=True):
            if cell:
                tall.add_row(_words(name), cell)
        tall.add_section()
    wanted = console.measure(wide, options=console.options.update(max_width=WIDEST)).maximum
    console.print(wide if wanted <= console.width else tall)


def _words(name: str) -> str:
    return name.replace("_", " ")


def tell_audited(title: str, done: Audited) -> None:
    """What an audit came to; exits with 1 if something does not add up."""
    table(title, [{name: value for name, value in asdict(done).items() if name != "faults"}])
    if done.faults:
        for fault in done.faults:
            sys.stderr.write(f"{fault.path}: {fault.problem}\n")
        raise typer.Exit(1)
