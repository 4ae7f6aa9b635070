"""A test under which the code makes a query without an index fails."""

from pathlib import Path
from typing import Any

import pytest

from functions.farebox.storage import Filter, Query, Store
from functions.farebox.storage.connect import open_engine
from tests.support.fixtures import index_guard
from tests.support.source.query_shapes import FUNCTIONS

BY = (Filter("plan", "==", "pro"),)


def as_code(make: str, **names: Any) -> Any:
    """Run a line as if it stood in a module of the product."""
    return eval(compile(make, str(FUNCTIONS / "farebox/admin/users.py"), "eval"), names)


@pytest.mark.parametrize(
    "query",
    [
        "Query('users', by, order_by='full_name')",
        "Query('leases', by, group=True)",
        "Query('usage', (), order_by='created_at')",
        "Query(collection='wallets/u1/transactions', where=by, order_by='seq', descending=True)",
    ],
)
def test_a_query_without_an_index_is_noticed(query: str) -> None:
    as_code(query, Query=Query, by=BY)
    assert len(index_guard._refused) == 1
    index_guard._refused.clear()


def test_a_sum_without_an_index_is_noticed_and_a_count_needs_none(tmp_path: Path) -> None:
    store = Store(open_engine(f"sqlite:///{tmp_path}/farebox.db"))
    as_code("store.count('users', *by)", store=store, by=BY).close()
    assert not index_guard._refused
    as_code("store.sums('usage_days', ['cost'], *by)", store=store, by=BY).close()
    assert len(index_guard._refused) == 1
    index_guard._refused.clear()


@pytest.mark.parametrize(
    "query",
    [
        "Query('users', by)",
        "Query('users', order_by='email')",
        "Query('users', (Filter('tenant', '==', 't'),), order_by='email')",
    ],
)
def test_a_query_with_its_index_goes_through(query: str) -> None:
    as_code(query, Query=Query, Filter=Filter, by=BY)
    assert not index_guard._refused


def test_queries_that_tests_make_themselves_are_no_business_of_it() -> None:
    Query("users", BY, order_by="email")
    assert not index_guard._refused
