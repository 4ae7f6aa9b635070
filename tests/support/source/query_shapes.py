"""Reads from the code every query that it can make: what it compares, and how it is ordered.

An expression that cannot be read is an error, so that no query is passed over.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations, product
from pathlib import Path

FUNCTIONS = Path(__file__).parents[3] / "functions"

# Filters that a caller may or may not ask for, by how the code names what makes them.
OPTIONAL = {
    "account_filters": (("tenant", "=="), ("status", "=="), ("plan", "==")),
    "address_filters": (("email", ">="), ("email", "<")),
    "balance_filters": (("balance", ">="), ("balance", "<")),
    "span": (("created_at", ">="), ("created_at", "<")),
    "wanted": (
        ("model", "=="),
        ("key", "=="),
        ("status", "=="),
        ("member", "=="),
        ("project", "=="),
        ("created_at", ">="),
        ("created_at", "<"),
    ),
}

Clause = tuple[str, str]  # field and operator
Order = tuple[tuple[str, str], ...]  # field and "asc" or "desc"


class Unreadable(Exception):
    """The code makes a query in a way that this module does not understand."""


@dataclass(frozen=True)
class Shape:
    """What of a query decides which index it needs. `order` ends before the id."""

    collection: str
    group: bool
    equal: frozenset[str]
    order: Order

    def __str__(self) -> str:
        scope = "group " if self.group else ""
        order = ", ".join(f"{field} {direction}" for field, direction in self.order) or "id"
        return f"{scope}{self.collection} where {sorted(self.equal)} order by {order}"


def shape_of(
    collection: str, where: Iterable[Clause], order_by: str | None, *, descending: bool = False, group: bool = False
) -> Shape:
    """A query's shape. Like `storage/firestore/queries.py`, it orders by `order_by`, then by the other fields with a
    range."""
    clauses = list(where)
    ranges = [name for name, operator in clauses if operator != "=="]
    fields = list(dict.fromkeys([order_by, *ranges])) if order_by else []
    direction = "desc" if descending else "asc"
    order = tuple((name, direction) for name in fields if name)
    equal = frozenset(name for name, operator in clauses if operator == "==")
    return Shape(collection.rpartition("/")[2], group, equal, order)


def aggregate_shape(collection: str, where: Iterable[Clause], summed: str | None) -> Shape:
    """The shape of a count, or of a sum, whose index must hold the field that is added up."""
    clauses = list(where)
    ranges = [(name, "asc") for name, operator in clauses if operator != "=="]
    order = dict.fromkeys([*ranges, *([(summed, "asc")] if summed else [])])
    equal = frozenset(name for name, operator in clauses if operator == "==")
    return Shape(collection.rpartition("/")[2], False, equal, tuple(order))


@cache
def shapes_in_code(root: Path = FUNCTIONS) -> dict[Shape, str]:
    """Every shape, and one place that makes it."""
    found: dict[Shape, str] = {}
    for file in sorted(root.rglob("*.py")):
        if "storage" in file.parts:
            continue
        for shape, line in _Module(file).shapes():
            found.setdefault(shape, f"{file.relative_to(root.parent)}:{line}")
    return found


class _Module:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._tree = ast.parse(file.read_text())
        self._parents = {child: parent for parent in ast.walk(self._tree) for child in ast.iter_child_nodes(parent)}
        self._imports_query = any(
            alias.name == "Query" and "storage" in (node.module or "")
            for node in ast.walk(self._tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        )

    def shapes(self) -> Iterator[tuple[Shape, int]]:
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id == "Query" and self._imports_query:
                yield from ((shape, node.lineno) for shape in self._queries(node))
            elif isinstance(node.func, ast.Attribute) and node.func.attr in ("count", "sums") and _is_store(node.func):
                yield from ((shape, node.lineno) for shape in self._aggregates(node))

    def _queries(self, call: ast.Call) -> Iterator[Shape]:
        given = dict(zip(("collection", "where", "order_by", "descending"), call.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        where = self._clauses(given["where"]) if "where" in given else [()]
        order_by = self._constant(given.get("order_by"))
        assert order_by is None or isinstance(order_by, str)
        for collection, clauses in product(self._texts(given["collection"]), where):
            yield shape_of(
                collection,
                clauses,
                order_by,
                descending=bool(self._constant(given.get("descending"))),
                group=bool(self._constant(given.get("group"))),
            )

    def _aggregates(self, call: ast.Call) -> Iterator[Shape]:
        assert isinstance(call.func, ast.Attribute)
        collections, *rest = call.args
        sums: list[str | None] = [None]
        if call.func.attr == "sums":
            fields, *rest = rest
            if not isinstance(fields, ast.List | ast.Tuple):
                raise self._unreadable(fields)
            sums = [str(self._constant(field)) for field in fields.elts]
        where = self._clauses(ast.Tuple(elts=rest))
        for collection, clauses, summed in product(self._texts(collections), where, sums):
            yield aggregate_shape(collection, clauses, summed)

    def _clauses(self, node: ast.expr) -> list[tuple[Clause, ...]]:
        """Every list of clauses that an expression may come to."""
        match node:
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return [tuple(chain(*parts)) for parts in product(*map(self._clauses, elements))]
            case ast.Starred(value=value):
                return self._clauses(value)
            case ast.IfExp(body=body, orelse=orelse):
                return [*self._clauses(body), *self._clauses(orelse)]
            case ast.BinOp(left=left, right=right, op=ast.Add()):
                return [(*first, *second) for first, second in product(self._clauses(left), self._clauses(right))]
            case ast.Call(func=ast.Name(id="Filter"), args=[field, operator, *_]):
                return [((str(self._constant(field)), str(self._constant(operator))),)]
            case ast.Call(func=ast.Attribute(value=maker, attr=attr)) if attr.endswith("filters"):
                optional = OPTIONAL.get(_last_name(maker) if attr == "filters" else attr)
                if optional is not None:
                    return list(_subsets(optional))
            case ast.Name(id=name):
                return [clauses for value in self._values(name, node) for clauses in self._clauses(value)]
        raise self._unreadable(node)

    def _texts(self, node: ast.expr) -> list[str]:
        """Every text that an expression may come to, with `*` for what is only known at run time."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return ["".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts)]
            case ast.Name(id=name):
                return [text for value in self._values(name, node) for text in self._texts(value)]
        raise self._unreadable(node)

    def _values(self, name: str, used: ast.expr) -> list[ast.expr]:
        """What a name stands for where it is used: what was assigned to it, or is passed for a parameter."""
        scope: ast.AST = used
        while scope in self._parents:
            scope = self._parents[scope]
            if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
                continue
            body = [each for statement in scope.body for each in ast.walk(statement)]
            assigned = [each.value for each in body if isinstance(each, ast.Assign) and _names(each, name)]
            if assigned:
                return assigned
            if not isinstance(scope, ast.Module):
                passed = self._arguments(scope, name)
                if passed:
                    return passed
        raise self._unreadable(used)

    def _arguments(self, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> list[ast.expr]:
        """What this module passes for a parameter by its position, or for all that `*name` takes."""
        parameters = [each.arg for each in function.args.args if each.arg != "self"]
        calls = [each for each in ast.walk(self._tree) if isinstance(each, ast.Call)]
        calls = [call for call in calls if _last_name(call) == function.name]
        if name in parameters:
            position = parameters.index(name)
            return [call.args[position] for call in calls] if all(len(call.args) > position for call in calls) else []
        if function.args.vararg and function.args.vararg.arg == name:
            return [ast.Tuple(elts=call.args[len(parameters) :]) for call in calls]
        return []

    def _constant(self, node: ast.expr | None) -> object:
        if node is None:
            return None
        if isinstance(node, ast.Name):
            values = self._values(node.id, node)
            return self._constant(values[0]) if len(values) == 1 else self._refuse(node)
        return node.value if isinstance(node, ast.Constant) else self._refuse(node)

    def _refuse(self, node: ast.expr) -> object:
        raise self._unreadable(node)

    def _unreadable(self, node: ast.expr) -> Unreadable:
        where = f"{self._file.name}:{getattr(node, 'lineno', '?')}"
        return Unreadable(f"{where}: {ast.unparse(node)!r}. Write it plainer, or teach {Path(__file__).name}")


def _subsets(clauses: Sequence[Clause]) -> Iterator[tuple[Clause, ...]]:
    return chain.from_iterable(combinations(clauses, size) for size in range(len(clauses) + 1))


def _names(assignment: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in assignment.targets)


def _is_store(function: ast.Attribute) -> bool:
    return bool(re.fullmatch(r"_?store", _last_name(function.value)))


def _last_name(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
