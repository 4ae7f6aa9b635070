import csv
import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.edge.rest import export
from functions.edge.rest.export import csv_lines
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Create, Store
from functions.farebox.storage.pages import EXPORT_PAGE
from functions.farebox.usage.listing import UsageFilter, usage_pages
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
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
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
    row = {"a": "=1+1", "b": "-0.5", "c": "@x", "d": -1, "e": None, "f": 'say "hi"', "g": "-x", "h": "\uff1d1+1"}
    expected = "'=1+1,-0.5,'@x,-1,," + '"say ""hi"""' + ",'-x,'\uff1d1+1\r\n"
    assert csv_lines([row], "abcdefgh") == expected.encode()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_computes_nothing_by_whatever_a_spreadsheet_separates_its_cells(separator: str) -> None:
    texts = [
        f"Jane{behind}{sign}1+1{behind}"
        for behind in (";", "\t", "\n", "\r\n", "|", '; "', ";\u00a0")
        for sign in "=+-@\uff1d"
    ]
    rows: list[dict[str, Any]] = [{"a": "x", "b": text, "c": {"name": text}, "d": [text]} for text in ["=1+1", *texts]]
    table = csv.reader(io.StringIO(csv_lines(rows, "abcd").decode(), newline=""), delimiter=separator)
    cells = [cell.strip().strip('"').strip() for row in table for cell in row]
    assert len(cells) >= len(rows)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\uff1d"))] == []


def test_a_table_keeps_what_is_no_formula_as_it_is() -> None:
    row = {"a": "one; two | three", "b": "a-b;c=d", "c": {"x": [1, -2], "y": "p;q"}}
    [[*cells]] = csv.reader([csv_lines([row], "abc").decode()])
    assert cells == ["one; two | three", "a-b;c=d", '{"x":[1,-2],"y":"p;q"}']


def test_what_a_store_keeps_in_no_order_is_told_in_one() -> None:
    one, other = {"b": 1, "a": {"d": 2, "c": 3}}, {"a": {"c": 3, "d": 2}, "b": 1}
    assert csv_lines([{"a": one}], "a") == csv_lines([{"a": other}], "a")


def test_a_table_says_true_and_false_as_json_does() -> None:
    assert csv_lines([{"a": True, "b": False, "c": [True]}], "abc") == b"true,false,[true]\r\n"


async def test_a_table_opens_in_excel_as_what_it_is(client: httpx.AsyncClient) -> None:
    _, token = await register(client)
    headers = {"authorization": f"Bearer {token}"}
    for path in ("/api/usage/export", "/api/wallet/transactions/export"):
        table = (await client.get(path, headers=headers)).content
        assert table.startswith(b"\xef\xbb\xbf"), "by this it is known as UTF-8"
        assert table.endswith(b"\r\n")
        assert table.count(b"\n") == table.count(b"\r\n")


async def test_every_entry_of_a_ledger_is_exported_once_in_each_format(
    client: httpx.AsyncClient, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "EXPORT_PAGE", 2)
    uid, token = await register(client)
    for number in range(5):
        posting = Posting(f"bonus-{number}", "bonus", number + 1, "=1+1 né", metadata={"number": number})
        await post(sqlite_store, uid, START, posting)
    headers = {"authorization": f"Bearer {token}"}
    listed = (await client.get("/api/wallet/transactions", headers=headers)).json()["data"]
    path = "/api/wallet/transactions/export"
    told = (await client.get(path, params={"format": "json"}, headers=headers)).json()["data"]
    assert told == listed
    answer = await client.get(path, headers=headers)
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["id"] for row in table] == [entry["id"] for entry in listed]
    assert [json.loads(row["metadata"]) for row in table] == [entry["metadata"] for entry in listed]
    assert not any(cell.startswith("=") for row in table for cell in row.values())
    none = (await client.get(path, params={"type": "topup"}, headers=headers)).content
    assert none.count(b"\r\n") == 1
