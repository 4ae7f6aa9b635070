"""What an audit finds."""

from dataclasses import dataclass
from typing import Final

MISSING: Final = "it was spent of, and is not there"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not add up: at which document, and what."""

    path: str
    problem: str
