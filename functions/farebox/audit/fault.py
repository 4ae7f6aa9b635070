"""What an audit finds."""

from dataclasses import dataclass
from typing import Final

from functions.farebox.kit.money import format_usd

MISSING: Final = "it was spent of, and is not there"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not add up: at which document, and what."""

    path: str
    problem: str


def budget_faults(
    path: str, budget: str, counted: str, *, spent: tuple[int, int], reserved: tuple[int, int]
) -> list[Fault]:
    """What of a budget does not add up: each amount is a pair of what the document tells and what counts in it, in
    nano-USD. `counted` says the latter, with `{}` in its place."""
    return [
        Fault(path, f"{format_usd(told)} USD is {name} of its {budget}, {counted.format(format_usd(summed))}")
        for name, (told, summed) in (("spent", spent), ("reserved", reserved))
        if told != summed
    ]
