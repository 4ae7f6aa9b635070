"""Whatever query a test has the code make, `infra/` has the index for it, or the test fails.

The emulator answers queries without their indexes, and SQLite needs none; production would refuse them. This looks at
queries as they are made in this process; `query_shapes` reads those that no test makes.
"""

import functools
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from functions.farebox.storage import Filter, Query, Store
from tests.infra.agreement import lacks_index
from tests.infra.terraform import Configuration, read_module
from tests.support.query_shapes import FUNCTIONS, Clause, aggregate_shape, shape_of

_OURS = str(FUNCTIONS)
_STORAGE = f"{_OURS}/farebox/storage"  # what it is asked by tests of its own is no query of the product

_refused: list[str] = []


@pytest.fixture(autouse=True)
def every_query_has_its_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test under which the code made a query that Firestore would refuse."""
    monkeypatch.setattr(Query, "__init__", _watched(Query.__init__, _look_at_query))
    monkeypatch.setattr(Store, "count", _watched(Store.count, _look_at_count))
    monkeypatch.setattr(Store, "sums", _watched(Store.sums, _look_at_sums))
    _refused.clear()
    yield
    assert not _refused, f"no index in infra/firestore_indexes.tf for: {'; '.join(_refused)}"


def _watched(function: Any, look: Any) -> Any:
    @functools.wraps(function)
    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = function(self, *args, **kwargs)
        file = sys._getframe(1).f_code.co_filename
        if file.startswith(_OURS) and not file.startswith(_STORAGE):
            look(self, *args)
        return result

    return watched


def _look_at_query(query: Query, *_: object) -> None:
    _look(query.collection, _clauses(query.where), query.order_by, query.descending, query.group)


def _look_at_count(_: Store, collection: str, *where: Filter) -> None:
    _look_at_aggregate(collection, _clauses(where), None)


def _look_at_sums(_: Store, collection: str, fields: Any, *where: Filter) -> None:
    for field in fields:
        _look_at_aggregate(collection, _clauses(where), field)


def _clauses(where: Any) -> tuple[Clause, ...]:
    return tuple((clause.field, clause.op) for clause in where)


@functools.cache
def _infra() -> Configuration:
    return read_module()


@functools.lru_cache(maxsize=4096)
def _problem(collection: str, where: tuple[Clause, ...], order_by: str | None, descending: bool, group: bool) -> str:
    shape = shape_of(collection, where, order_by, descending=descending, group=group)
    return str(shape) if lacks_index(_infra(), shape) else ""


@functools.lru_cache(maxsize=4096)
def _aggregate_problem(collection: str, where: tuple[Clause, ...], summed: str | None) -> str:
    shape = aggregate_shape(collection, where, summed)
    return str(shape) if lacks_index(_infra(), shape) else ""


def _look(*query: Any) -> None:
    name, *rest = query
    if problem := _problem(name.rpartition("/")[2], *rest):
        _refused.append(problem)


def _look_at_aggregate(collection: str, where: tuple[Clause, ...], summed: str | None) -> None:
    if problem := _aggregate_problem(collection.rpartition("/")[2], where, summed):
        _refused.append(problem)
