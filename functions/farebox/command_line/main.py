"""All commands together."""

import sys

import typer

from functions.farebox.command_line import books, databases, money, ownership, people
from functions.farebox.errors import BadConfig, FareboxError
from functions.farebox.storage import Refused, Unreachable

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Operate Farebox from a terminal.")
for part in (people, money, books, databases, ownership):
    app.add_typer(part.app)


def main() -> None:
    """Run the command that the arguments name."""
    try:
        app()
    except (FareboxError, BadConfig, Refused, Unreachable, ValueError) as error:
        sys.stderr.write(f"farebox: {getattr(error, 'message', None) or error}\n")
        sys.exit(2)
