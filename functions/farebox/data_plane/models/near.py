"""A name near one that there is not, for who mistyped it."""

from collections.abc import Iterable

MOST_NAMES = 2_000  # that are looked at: a list of thousands takes milliseconds
LIKENESS = 0.75  # of 1, as `difflib` reckons


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A sentence, with a space before it, that names the nearest of some names; nothing where none is near."""
    from difflib import get_close_matches  # where nothing is misspelt, nobody pays for it

    folded = {each.lower(): each for _, each in zip(range(MOST_NAMES), names, strict=False)}
    found = get_close_matches(name.lower(), folded, n=1, cutoff=LIKENESS)
    return f" Did you mean {folded[found[0]]!r}?" if found else ""
