"""Names with one `*` in them, each of which stands for many: `openrouter/*`."""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


def is_pattern(name: str) -> bool:
    """Whether a name stands for many."""
    return "*" in name


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern stands for a name."""
    start, _, end = pattern.partition("*")
    return len(name) > len(start) + len(end) and name.startswith(start) and name.endswith(end)


def fill(name: str, part: str) -> str:
    """The name with `part` where its `*` is; a name that is no pattern stays as it is."""
    return name.replace("*", part)


class Names:
    """The names that are on every one of some lists, by themselves or by a pattern."""

    __slots__ = ("_lists",)

    def __init__(self, *lists: Iterable[str]) -> None:
        self._lists = [(frozenset(names), tuple(filter(is_pattern, names))) for names in map(tuple, lists)]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and all(
            name in names or any(matches(pattern, name) for pattern in patterns) for names, patterns in self._lists
        )


class Wildcards(Generic[T]):
    """What is said of patterns. The longest one that matches counts, and of two as long the one that begins longer."""

    def __init__(self, entries: Mapping[str, T]) -> None:
        """Entries by name; those whose names are no patterns are left out."""
        patterns = sorted(
            (name for name in entries if is_pattern(name)), key=lambda name: (-len(name), -name.index("*"), name)
        )
        self._patterns: list[tuple[str, str, T]] = []
        for name in patterns:
            start, _, end = name.partition("*")
            self._patterns.append((start, end, entries[name]))

    def match(self, name: str) -> tuple[T, str] | None:
        """What is said of the pattern that a name matches, and the part of the name that its `*` stands for: at least
        one character. A pattern matches one that every name does that matches it."""
        for start, end, value in self._patterns:
            if len(name) > len(start) + len(end) and name.startswith(start) and name.endswith(end):
                return value, name[len(start) : len(name) - len(end)]
        return None
