"""The page that the interop tests write: a table a section, a row a client."""

from collections.abc import Sequence
from pathlib import Path

from tests.support.processes import ROOT

NODE = ROOT / ".cache" / "interop"
PAGE = ROOT / "docs" / "interop.md"
SESSIONS = "## Whole sessions"


def write_table(page: Path, section: str, head: str, names: Sequence[str], client: str, cells: Sequence[str]) -> None:
    """Put a client's row in the place of what its section's table had of it. `client` ends in its version."""
    before, mark, table = page.read_text().partition(section)
    program = client.rpartition(" ")[0]
    written = head.format(names=" | ".join(names), rule=" --- |" * len(names))
    rows = [row for row in table.splitlines() if row.startswith("| ") and not row.startswith(("| program ", "| --- "))]
    kept = {row[2:].partition(" | ")[0].rpartition(" ")[0]: row for row in rows}
    kept[program] = f"| {client} | {' | '.join(cells)} |"
    lead = before if mark else f"{before.rstrip()}\n\n"
    page.write_text(lead + written + "\n".join(kept.values()) + "\n")
