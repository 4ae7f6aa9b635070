"""Reads from the code which collections it uses: paths are written `f"users/{uid}"`, queries name theirs."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FUNCTIONS = Path(__file__).parents[3] / "functions"

_TOP = re.compile(r"([a-z][a-z0-9_]*)/")
_PATH = re.compile(r"([a-z][a-z0-9_]*)/[a-z-]+")  # of the one document that a constant names
_SUB = re.compile(r"/([a-z][a-z0-9_]*)(?:/|$)")
_NO_COLLECTIONS = {"application", "audio", "image", "projects", "text"}  # media types, and names of Google's resources
_QUERIES = {"Query", "count", "sums"}


@cache
def collections_in_code(root: Path = FUNCTIONS) -> frozenset[str]:
    """The names of all collections and subcollections under which documents are written or looked for."""
    trees = [ast.parse(file.read_text()) for file in root.rglob("*.py")]
    return frozenset(name for tree in trees for name in _names(tree)) - _NO_COLLECTIONS


def _names(tree: ast.Module) -> Iterator[str]:
    constants = dict(_constants(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from _names_in_path(node, constants)
        elif isinstance(node, ast.Call) and _called(node) in _QUERIES and node.args:
            name = _text(node.args[0], constants)
            if name is not None and re.fullmatch(r"[a-z][a-z0-9_]*", name):
                yield name
    for text in constants.values():
        if path := _PATH.fullmatch(text):
            yield path[1]


def _names_in_path(path: ast.JoinedStr, constants: dict[str, str]) -> Iterator[str]:
    """`f"users/{uid}"` is in `users`; what follows a value, as in `f"{wallet}/leases/{id}"`, is a subcollection."""
    parts = [_text(part, constants) for part in path.values]
    if len(parts) < 2:
        return
    first = parts[0] if parts[0] is not None else ""
    if isinstance(path.values[0], ast.FormattedValue) and parts[0] is not None:
        first += parts[1] or ""
    top = _TOP.match(first)
    if top and top[1] in _NO_COLLECTIONS:
        return
    if top and not re.search(r"\s", first):
        yield top[1]
    for part in parts[1:]:
        sub = _SUB.match(part or "")
        begins_with_path = isinstance(path.values[0], ast.FormattedValue) and _is_path(path.values[0].value)
        if sub and (top or begins_with_path):
            yield sub[1]


def _is_path(value: ast.expr) -> bool:
    """Whether an expression is a document's path, by its name: `wallet_path(uid)`, `document.path`, `path`."""
    called = value.func if isinstance(value, ast.Call) else value
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name == "path" or name.endswith("_path")


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    """The text of a literal, or of a module's constant; `None` for what is only known at run time."""
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, constants)
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from ((target.id, node.value.value) for target in node.targets if isinstance(target, ast.Name))
