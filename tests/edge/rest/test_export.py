import csv
import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.edge.rest.export import csv_lines
from functions.farebox.storage import Create, Store
from functions.farebox.usage.listing import EXPORT_PAGE, UsageFilter, usage_pages
from tests.support.clients.management import register
from tests.support.product.runtime import START

MANY = 2 * EXPORT_PAGE + 7


def record(uid: str, number: int) -> dict[str, Any]:
    return {
        "user": uid,
        "request_id": f"r{number}",
        "key": "k",
        "model": "=cmd()" if number == 0 else "m",
        "status": "ok",
        "cost": 1_000,
        "charged": 1_000,
        "tokens": {"prompt": 1, "cached": 0, "completion": 2, "reasoning": 0},
        "created_at": START + timedelta(seconds=number),
    }


async def fill(store: Store, uid: str, count: int) -> None:
    for first in range(0, count, 300):
        numbers = range(first, min(first + 300, count))
        await store.write(*(Create(f"usage/{number}", record(uid, number)) for number in numbers))


async def test_every_request_is_exported_once_in_each_format(client: httpx.AsyncClient, sqlite_store: Store) -> None:
    uid, token = await register(client)
    await fill(sqlite_store, uid, MANY)
    await sqlite_store.write(Create("usage/theirs", record("somebody else", 1)))
    headers = {"authorization": f"Bearer {token}"}

    async def download(**query: str) -> httpx.Response:
        answer = await client.get("/api/usage/export", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer

    expected = [f"r{number}" for number in reversed(range(MANY))]
    answer = await download(format="csv")
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["request_id"] for row in table] == expected
    assert (table[0]["charged_usd"], table[0]["completion_tokens"], table[-1]["model"]) == ("0.000001", "2", "'=cmd()")
    assert answer.headers["content-disposition"] == 'attachment; filename="usage.csv"'
    rows = json.loads((await download(format="json")).text)["data"]
    assert [row["request_id"] for row in rows] == expected
    lines = [json.loads(line) for line in (await download(format="jsonl")).text.splitlines()]
    assert lines == rows
    span = {"from": "2026-11-21T12:00:05Z", "to": "2026-11-21T12:00:07Z"}
    assert [row["request_id"] for row in json.loads((await download(format="json", **span)).text)["data"]] == [
        "r6",
        "r5",
    ]
    assert json.loads((await download(format="json", to="2020-01-01T00:00:00Z")).text) == {"data": []}


async def test_an_export_holds_one_page_at_a_time(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(sqlite_store, "u", MANY)
    read = 0
    query = sqlite_store.engine.query

    async def watched(wanted: Any) -> Any:
        nonlocal read
        found = await query(wanted)
        read += len(found)
        return found

    monkeypatch.setattr(sqlite_store.engine, "query", watched)
    given = 0
    async for page in usage_pages(sqlite_store, "u", UsageFilter()):
        assert len(page) <= EXPORT_PAGE
        given += len(page)
        assert read - given <= 2  # one more of each page is read, to know whether more follow
    assert given == MANY


def test_a_table_marks_what_a_spreadsheet_would_compute() -> None:
    row = {"a": "=1+1", "b": "-0.5", "c": "@x", "d": -1, "e": None, "f": 'say "hi"', "g": "-x"}
    assert csv_lines([row], "abcdefg") == b"'=1+1,-0.5,'@x,-1,," + b'"say ""hi"""' + b",'-x\r\n"
