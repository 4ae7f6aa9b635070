"""Exports rows as CSV, JSON or JSON lines, written as they are read, a page at a time in memory."""

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import orjson
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from functions.farebox.storage.pages import EXPORT_PAGE, Page, all_pages

Format = Literal["csv", "json", "jsonl"]
MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}
# How a cell begins that a spreadsheet would compute, in full width too (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where a cell begins for a spreadsheet that separates by something else than commas, as Excel does in much of Europe,
# and so knows no quotes in the middle of what it takes for a cell; and the sign of a formula there, if there is one.
_BEGINNING = re.compile(r'([;|\t\r\n][\s"]*+)([=+\-@\uff1d\uff0b\uff0d\uff20]?)')
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NAMED_BY = ("id", "code", "model")  # what a row is about, by the first of these that it has; its column is the first

Row = Mapping[str, Any]
Position = tuple[Any, ...] | None
T = TypeVar("T")
Handler = TypeVar("Handler", bound=Callable[..., Any])


def exported(description: str) -> dict[int | str, dict[str, Any]]:
    """How a route that answers `export` is described."""
    rows = {"type": "object", "required": ["data"]}
    schemas = {"csv": {"type": "string"}, "json": rows, "jsonl": {"type": "string"}}
    content = {MEDIA_TYPES[form].partition(";")[0]: {"schema": schemas[form]} for form in MEDIA_TYPES}
    return {200: {"description": description, "content": content}}


def offer_export(app: FastAPI, path: str, tag: str, what: str) -> Callable[[Handler], Handler]:
    """Have an app answer the list at a path as a download, at `{path}/export`."""
    return app.get(path + "/export", tags=[tag], response_class=StreamingResponse, responses=exported(what))


def export(pages: AsyncIterator[Sequence[Row]], columns: Sequence[str], form: Format, name: str) -> StreamingResponse:
    """A download of these rows. A fault after the first page cuts it off, so that no half passes for the whole."""
    writers = {"csv": _csv, "json": _json, "jsonl": _jsonl}
    headers = {"content-disposition": f'attachment; filename="{name}.{form}"'}
    return StreamingResponse(writers[form](pages, columns), media_type=MEDIA_TYPES[form], headers=headers)


def export_list(
    read: Callable[[int, Position], Awaitable[Page[T]]],
    show: Callable[[T], BaseModel],
    shape: type[BaseModel],
    form: Format,
    name: str,
    *,
    more: Sequence[str] = (),
) -> StreamingResponse:
    """A list as a download: the items that its route answers, each as `show` shows it, of the `shape` it has there.
    `read` answers at most so many items behind a position. In a table what a row is about comes first, what is nested
    has a column for each field, `budget_limit_usd` say, and lists and free-form fields are JSON. `more` are fields that
    the shape does not name."""
    nested = _nested(shape)

    async def rows() -> AsyncIterator[Sequence[Row]]:
        async for items in all_pages(lambda after: read(EXPORT_PAGE, after)):
            shown = [show(item).model_dump(mode="json") for item in items]
            yield [_flat(row, nested) for row in shown] if form == "csv" else shown

    about = next((name for name in _NAMED_BY if name in shape.model_fields), None)
    columns = [
        column
        for each in sorted(shape.model_fields, key=lambda field: field != about)
        for column in ([f"{each}_{inner}" for inner in nested[each]] if each in nested else [each])
    ]
    return export(rows(), [*columns, *more], form, name)


def export_all(
    items: Sequence[T],
    show: Callable[[T], BaseModel],
    shape: type[BaseModel],
    form: Format,
    name: str,
    *,
    more: Sequence[str] = (),
) -> StreamingResponse:
    """The same of a list that is answered whole."""

    async def read(_limit: int, _after: Position) -> Page[T]:
        return Page(list(items), None)

    return export_list(read, show, shape, form, name, more=more)


def _nested(shape: type[BaseModel]) -> dict[str, list[str]]:
    """The fields of a shape that are shapes themselves, with the fields of these."""
    kinds = {name: field.annotation for name, field in shape.model_fields.items()}
    return {
        name: list(kind.model_fields)
        for name, kind in kinds.items()
        if isinstance(kind, type) and issubclass(kind, BaseModel)
    }


def _flat(row: Row, nested: Mapping[str, Sequence[str]]) -> Row:
    inner = {f"{name}_{each}": row[name][each] for name, fields in nested.items() for each in fields}
    return {**row, **inner}


async def _csv(pages: AsyncIterator[Sequence[Row]], columns: Sequence[str]) -> AsyncIterator[bytes]:
    yield csv_head(columns)
    async for page in pages:
        yield csv_lines(page, columns)


async def _json(pages: AsyncIterator[Sequence[Row]], _columns: Sequence[str]) -> AsyncIterator[bytes]:
    yield b'{"data":['
    comma = b""
    async for page in pages:
        for row in page:
            yield comma + orjson.dumps(row)
            comma = b","
    yield b"]}"


async def _jsonl(pages: AsyncIterator[Sequence[Row]], _columns: Sequence[str]) -> AsyncIterator[bytes]:
    async for page in pages:
        yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in page)


def csv_head(columns: Sequence[str]) -> bytes:
    """What CSV begins with: the names of its columns, and before them the mark by which Excel reads it as UTF-8."""
    return BOM_UTF8 + csv_lines([dict(zip(columns, columns, strict=True))], columns)


def csv_lines(rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    """Rows as CSV (RFC 4180). Text that a spreadsheet would take for a formula is marked as text, wherever the
    spreadsheet has its cells begin."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping | list | bool):  # as JSON has them
        # Firestore keeps the fields of a map in no order, and cells that differ by that alone can't be compared.
        value = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    marked = _BEGINNING.sub(lambda found: f"{found[1]}'{found[2]}" if found[2] else found[1], value)
    return f"'{marked}" if value.startswith(_FORMULA) else marked
