"""Paging of lists: `{"data": [...], "next_cursor": str | null}`, with `limit` and `cursor`."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from functions.edge.rest.app import Answer, Wired
from functions.edge.rest.cursors import Cursors
from functions.farebox.storage.pages import Page
from functions.farebox.wiring.runtime import Runtime

T = TypeVar("T")
A = TypeVar("A")

MAX_LIMIT = 200
DEFAULT_LIMIT = 50

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many items at most")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]


class ListAnswer(Answer, Generic[A]):
    """A page of a list."""

    data: list[A]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null at the end")


class Pager:
    """The cursors of one list of one reader."""

    def __init__(self, runtime: Runtime, listing: str) -> None:
        self._cursors = Cursors(runtime.config.secret_key.derive("cursors"))
        self._listing = listing

    def position(self, cursor: str | None) -> tuple[Any, ...] | None:
        """Where to go on. Raises `InvalidRequest`."""
        return self._cursors.read(self._listing, cursor)

    def answer(self, page: Page[T], show: Callable[[T], A]) -> ListAnswer[A]:
        """A page as its answer."""
        return ListAnswer(
            data=[show(item) for item in page.items],
            next_cursor=self._cursors.write(self._listing, page.after),
        )


class _Part:
    """What is asked for of a list that is read whole, for it is short."""

    def __init__(self, request: Request, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> None:
        self._pager, self._limit, self._cursor = Pager(runtime, request.url.path), limit, cursor

    def of(self, items: Sequence[A]) -> ListAnswer[A]:
        """That part of these items. Raises `InvalidRequest`."""
        (start,) = self._pager.position(self._cursor) or (0,)
        end = start + self._limit
        page = Page(list(items[start:end]), (end,) if end < len(items) else None)
        return self._pager.answer(page, lambda item: item)


Part = Annotated[_Part, Depends()]

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d")


def _refuse_numbers(value: Any) -> Any:
    """A time is text: pydantic would take a number, and text that holds one, for seconds since 1970."""
    if not isinstance(value, datetime) and not (isinstance(value, str) and _RFC_3339.match(value)):
        raise PydanticCustomError("moment_type", "write a time as RFC 3339 has it, like 2026-11-21T12:00:00Z")
    return value


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("moment", "this moment lies outside of the calendar") from error


Moment = Annotated[AwareDatetime, BeforeValidator(_refuse_numbers), AfterValidator(_utc)]
