"""Exports rows as CSV, JSON or JSON lines, written as they are read, a page at a time in memory."""

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Literal

import orjson
from starlette.responses import StreamingResponse

Format = Literal["csv", "json", "jsonl"]
MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Row = Mapping[str, Any]


def exported(description: str) -> dict[int | str, dict[str, Any]]:
    """How a route that answers `export` is described."""
    rows = {"type": "object", "required": ["data"]}
    schemas = {"csv": {"type": "string"}, "json": rows, "jsonl": {"type": "string"}}
    content = {MEDIA_TYPES[form].partition(";")[0]: {"schema": schemas[form]} for form in MEDIA_TYPES}
    return {200: {"description": description, "content": content}}


def export(pages: AsyncIterator[Sequence[Row]], columns: Sequence[str], form: Format, name: str) -> StreamingResponse:
    """A download of these rows. A fault after the first page cuts it off, so that no half passes for the whole."""
    writers = {"csv": _csv, "json": _json, "jsonl": _jsonl}
    headers = {"content-disposition": f'attachment; filename="{name}.{form}"'}
    return StreamingResponse(writers[form](pages, columns), media_type=MEDIA_TYPES[form], headers=headers)


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
    """Rows as CSV (RFC 4180). Text that a spreadsheet would take for a formula is marked as text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return orjson.dumps(value).decode()
    is_formula = isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value
