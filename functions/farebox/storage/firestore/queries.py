"""Translates queries into Firestore's protocol buffers."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.wrappers_pb2 import Int32Value

from functions.farebox.storage.firestore.protocol.firestore_pb2 import Cursor, Value
from functions.farebox.storage.firestore.protocol.firestore_pb2 import StructuredAggregationQuery as _Aggregation
from functions.farebox.storage.firestore.protocol.firestore_pb2 import StructuredQuery as _Query
from functions.farebox.storage.firestore.values import value_of
from functions.farebox.storage.firestore.writes import field_path
from functions.farebox.storage.model import Filter, Query

_ID = "__name__"
_OPERATORS = {
    "==": _Query.FieldFilter.EQUAL,
    "<": _Query.FieldFilter.LESS_THAN,
    "<=": _Query.FieldFilter.LESS_THAN_OR_EQUAL,
    ">": _Query.FieldFilter.GREATER_THAN,
    ">=": _Query.FieldFilter.GREATER_THAN_OR_EQUAL,
}


def parent_of(query: Query, root: str) -> str:
    """The document, or the whole database, under which a query looks."""
    parent = "" if query.group else query.collection.rpartition("/")[0]
    return (root + parent).rstrip("/")


def encode_query(query: Query, root: str) -> _Query:
    """A checked query as a `StructuredQuery`."""
    direction = _Query.DESCENDING if query.descending else _Query.ASCENDING
    encoded = _Query(
        order_by=[_Query.Order(field=_reference(path), direction=direction) for path in _order(query)],
        limit=Int32Value(value=query.limit),
        **_scope(query),
    )
    if query.after is not None:
        encoded.start_at.CopyFrom(Cursor(values=_position(query, query.after, root), before=False))
    return encoded


def encode_count(query: Query) -> _Aggregation:
    """The aggregation that counts what a query's filters find, as `total`."""
    return _aggregation(query, count=_Aggregation.Aggregation.Count())


def encode_sum(query: Query, field: str) -> _Aggregation:
    """The aggregation that adds up a field over what a query's filters find, as `total`."""
    return _aggregation(query, sum=_Aggregation.Aggregation.Sum(field=_reference(field_path(field))))


def _order(query: Query) -> list[str]:
    """The paths that order a query. Firestore wants every field with a range among them, before the id."""
    if query.order_by is None:
        return [_ID]
    ranges = [clause.field for clause in query.where if clause.op != "=="]
    return [*map(field_path, dict.fromkeys([query.order_by, *ranges])), _ID]


def _position(query: Query, after: tuple[Any, ...], root: str) -> list[Value]:
    """Values of `_order` that a page comes after: all of them, or the first alone where ranges of other fields follow
    it, whose values a cursor does not hold. That first one is unique then."""
    *values, last = after
    if query.order_by is not None and len(_order(query)) > 2:
        return [value_of(values[0])]
    name = root + (last if query.group else f"{query.collection}/{last}")
    return [*map(value_of, values), Value(reference_value=name)]


def _aggregation(query: Query, **operator: Any) -> _Aggregation:
    return _Aggregation(
        structured_query=_Query(**_scope(query)),
        aggregations=[_Aggregation.Aggregation(alias="total", **operator)],
    )


def _scope(query: Query) -> dict[str, Any]:
    """Where a query looks, and what must hold."""
    collection = query.collection.rpartition("/")[2]
    selector = _Query.CollectionSelector(collection_id=collection, all_descendants=query.group)
    scope: dict[str, Any] = {"from_": [selector]}
    if query.where:
        scope["where"] = _all(query.where)
    return scope


def _all(clauses: Sequence[Filter]) -> _Query.Filter:
    filters = [_filter(clause) for clause in clauses]
    if len(filters) == 1:
        return filters[0]
    return _Query.Filter(composite_filter=_Query.CompositeFilter(op=_Query.CompositeFilter.AND, filters=filters))


def _filter(clause: Filter) -> _Query.Filter:
    field = _reference(field_path(clause.field))
    if clause.value is None:
        return _Query.Filter(unary_filter=_Query.UnaryFilter(op=_Query.UnaryFilter.IS_NULL, field=field))
    return _Query.Filter(
        field_filter=_Query.FieldFilter(field=field, op=_OPERATORS[clause.op], value=value_of(clause.value))
    )


def _reference(path: str) -> _Query.FieldReference:
    return _Query.FieldReference(field_path=path)
