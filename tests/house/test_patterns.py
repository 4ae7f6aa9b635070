"""No text makes a regular expression of this house slow: whoever sends one would hold up everybody else's requests."""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import functions
from tests.support.ambiguity import ambiguity

SEARCHES = {"search", "sub", "subn", "split", "findall", "finditer"}
USES = SEARCHES | {"match", "fullmatch"}
Pattern = re.Pattern[Any]

# These read names of models, of 200 characters at most: only what doubles with each of them counts.
OF_SHORT_TEXTS = {"functions.farebox.kit.model_names", "functions.farebox.pricing.answered_price"}

# By what is wrong with them.
SLOW = {
    "two ways of one turn": (r"(?:_\d{4}_?\d{2}|_20\d{4})+$", "match"),
    "a loop in a loop": (r"(?:a+)+b", "match"),
    "a loop in a loop, of nothing": (r"(?:a*)*b", "match"),
    "words that begin others": (r"(?:a|ab|b)*c", "fullmatch"),
    "a loop beside its like": (r"\s*,?\s*x", "match"),
    "with a case": (r"(?i:A)*a*b", "match"),
    "to an end that is far": (r"a{1,5000}a{1,5000}b", "match"),
    "begun at each word": (r'"usage".*"cost"', "search"),
    "begun at each letter": (r"[a-z]+@", "sub"),
    "looking ahead at each word": (r"gpt(?!.*-chat)", "search"),
    "begun within what it keeps": (r"[a-z]++@", "search"),
}
FAST = {
    "one loop": (r"[a-z]+@", "match"),
    "loops of other things": (r"(?:[a-z]+\.)+com", "match"),
    "a loop up to its like": (r'"a"[^"]*"b"', "search"),
    "a loop that may always end": (r"x.*", "search"),
    "few turns": (r"(?:_\d{4}_?\d{2}|_20\d{4}){0,2}$", "search"),
    "loops that keep": (r"a*+a*+b", "match"),
    "turns that are kept": (r"(?:a|ab|b)*+c", "match"),
    "begun at the beginning": (r"^\s*x", "search"),
}


def verdict(pattern: Pattern, uses: set[str], *, is_short: bool = False) -> str:
    """What is wrong with a pattern that is used so."""
    return ambiguity(pattern, searches=bool(uses & SEARCHES), to_the_end="fullmatch" in uses, is_short=is_short)


def modules() -> Iterator[ModuleType]:
    """All modules of the product."""
    for found in pkgutil.walk_packages(functions.__path__, "functions."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def held(value: object, depth: int = 3) -> Iterator[Pattern]:
    """The patterns that a module's name stands for: one, or those in its tables and classes."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, type) and value.__module__.startswith("functions."):
        yield from (each for each in vars(value).values() if isinstance(each, re.Pattern))
    elif depth and isinstance(value, dict | list | tuple | set | frozenset):
        for each in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from held(each, depth - 1)


def patterns_in(module: ModuleType) -> Iterator[tuple[Pattern, set[str]]]:
    """A module's patterns, and those it writes in place, with how it uses them. Of those that it has in tables alone it
    is not known which is meant: each is used in all the ways in which it uses what has no name here. One without a use
    is handed on: it is the form of a whole text."""
    names = {name: value for name, value in vars(module).items() if isinstance(value, re.Pattern)}
    uses: dict[str, set[str]] = defaultdict(set)
    file = module.__file__
    assert file is not None
    source = Path(file).read_text(encoding="utf-8")
    if not names and "re." not in source:
        return
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node.attr not in USES:
            continue
        holder = node.value
        uses[holder.id if isinstance(holder, ast.Name) and holder.id in names else ""].add(node.attr)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
        match call.func, call.args[0]:
            case ast.Attribute(value=ast.Name(id="re"), attr=use), ast.Constant(value=str() | bytes() as text):
                if use in USES:
                    yield re.compile(text), {use}
    for name, pattern in names.items():
        yield pattern, uses[name]
    for name, value in vars(module).items():
        if name not in names and not name.startswith("__"):
            yield from ((pattern, uses[""]) for pattern in held(value))


@pytest.mark.parametrize("why", SLOW)
def test_a_slow_pattern_is_found(why: str) -> None:
    text, use = SLOW[why]
    assert verdict(re.compile(text), {use})


@pytest.mark.parametrize("why", FAST)
def test_a_pattern_that_reads_a_text_once_is_not(why: str) -> None:
    text, use = FAST[why]
    assert not verdict(re.compile(text), {use})


def test_no_pattern_takes_longer_than_its_text_is() -> None:
    found: dict[Pattern, tuple[str, set[str]]] = {}
    for module in modules():
        for pattern, uses in patterns_in(module):
            found.setdefault(pattern, (module.__name__, set()))[1].update(uses)
    assert len(found) > 80, "they are looked for where they are"
    slow = {
        f"{where}: {pattern.pattern!r} ({', '.join(sorted(uses))})": wrong
        for pattern, (where, uses) in found.items()
        if (wrong := verdict(pattern, uses or {"fullmatch"}, is_short=where in OF_SHORT_TEXTS))
    }
    assert not slow, "\n".join(f"{name}: {wrong}" for name, wrong in slow.items())
