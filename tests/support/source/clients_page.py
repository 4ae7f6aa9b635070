"""What `docs/clients.md` gives to be pasted, for each program."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import ROOT

PAGE = ROOT / "docs" / "clients.md"
_PROGRAM = re.compile(r"\*\*(.+?)\*\*")
_FENCE = "```"


@dataclass(frozen=True)
class Snippet:
    """One block, under the program that it is for."""

    program: str
    language: str
    text: str


def snippets_of(page: Path = PAGE) -> Iterator[Snippet]:
    """Its blocks, in their order."""
    program, language, lines = "", "", list[str]()
    for line in page.read_text().splitlines():
        if line == _FENCE:
            yield Snippet(program, language, "\n".join(lines))
            language = ""
        elif language:
            lines.append(line)
        elif line.startswith(_FENCE):
            language, lines = line.removeprefix(_FENCE), []
        elif named := _PROGRAM.match(line):
            program = named[1]
