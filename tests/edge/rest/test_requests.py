"""How management edges read what they are sent: bodies, money, moments, pages, tokens."""

from datetime import UTC
from typing import Annotated, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from functions.edge.asgi.deployables import make_edge
from functions.edge.rest.cursors import Cursors
from functions.edge.rest.money import NonNegativeUsd, PositiveUsd, Usd, UsdAmount
from functions.farebox.errors import InvalidRequest
from functions.farebox.storage import Store, Update
from tests.support.clients.asgi import client_of, error_of, refused
from tests.support.product.runtime import Clock, runtime_over

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_field", "name"),
        ({"name": 5}, "invalid_type", "name"),
        ({"name": None}, "invalid_type", "name"),
        ({"name": ""}, "invalid_value", "name"),
        ({"name": "  "}, "invalid_value", "name"),
        ({"name": "x" * 101}, "invalid_value", "name"),
        ({"name": "bell\u0007"}, "invalid_value", "name"),
        ({"name": "x", "colour": "red"}, "unknown_field", "colour"),
        ({"nome": "x"}, "missing_field", "name"),
        ({"name": "x", "rpm": "5"}, "invalid_type", "rpm"),
        ({"name": "x", "rpm": True}, "invalid_type", "rpm"),
        ({"name": "x", "rpm": 0}, "invalid_value", "rpm"),
        ({"name": "x", "rpm": -1}, "invalid_value", "rpm"),
        ({"name": "x", "rpm": 1.5}, "invalid_type", "rpm"),
        ({"name": "x", "rpm": 10**30}, "invalid_value", "rpm"),
        ({"name": "x", "models": []}, "invalid_value", "models"),
        ({"name": "x", "models": "gpt"}, "invalid_type", "models"),
        ({"name": "x", "models": ["a", 5]}, "invalid_type", "models.1"),
        ({"name": "x", "monthly_budget_usd": 5}, "invalid_type", "monthly_budget_usd"),
        ({"name": "x", "monthly_budget_usd": 4.99}, "invalid_type", "monthly_budget_usd"),
        ({"name": "x", "monthly_budget_usd": "-1"}, "invalid_value", "monthly_budget_usd"),
        ({"name": "x", "monthly_budget_usd": "1e3"}, "invalid_value", "monthly_budget_usd"),
        ({"name": "x", "expires_at": "tomorrow"}, "invalid_type", "expires_at"),
        ({"name": "x", "expires_at": "2027-01-01T00:00:00"}, "invalid_value", "expires_at"),
        ({"name": "x", "expires_at": "9999-12-31T23:59:59-12:00"}, "invalid_value", "expires_at"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "invalid_value", "expires_at"),
        ([], "invalid_body", None),
        ("text", "invalid_body", None),
        (None, "invalid_body", None),
    ],
)
async def test_what_a_body_gets_wrong_is_told_by_its_field(
    signed_in: httpx.AsyncClient, body: Any, code: str, param: str | None
) -> None:
    refused(await signed_in.post("/api/keys", json=body), 400, code, param)


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b'{"name": ', "application/json", "malformed_json"),
        (b"\xff\xfe", "application/json", "malformed_json"),
        (b'{"name": "x"}', "text/plain", "invalid_body"),
        (b"", "application/json", "invalid_body"),
    ],
)
async def test_what_is_no_json_is_told(signed_in: httpx.AsyncClient, content: bytes, kind: str, code: str) -> None:
    refused(await signed_in.post("/api/keys", content=content, headers={"content-type": kind}), 400, code)


async def test_a_body_of_a_megabyte_is_too_large_to_manage_anything(signed_in: httpx.AsyncClient) -> None:
    refused(await signed_in.post("/api/keys", json={"name": "x" * 2**20}), 413, "request_too_large")


@pytest.mark.parametrize(
    ("query", "param"),
    [("limit=0", "limit"), ("limit=201", "limit"), ("limit=ten", "limit"), ("cursor=x", "cursor")],
)
async def test_a_page_out_of_bounds_is_refused(signed_in: httpx.AsyncClient, query: str, param: str) -> None:
    assert error_of(await signed_in.get(f"/api/keys?{query}"))["param"] == param


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer not.a.token", "Bearer " + "x" * 5000]
)
async def test_without_a_usable_token_nothing_is_managed(client: httpx.AsyncClient, header: str | None) -> None:
    headers = {"authorization": header} if header is not None else {}
    for method, path in (
        ("GET", "/api/auth/me"),
        ("POST", "/api/keys"),
        ("GET", "/api/keys/x"),
        ("GET", "/api/wallet"),
        ("GET", "/api/wallet/transactions"),
        ("GET", "/api/usage/logs"),
    ):
        answer = await client.request(method, path, headers=headers)
        refused(answer, 401, "invalid_token")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_suspended_account_reads_but_makes_no_keys(signed_in: httpx.AsyncClient, sqlite_store: Store) -> None:
    uid = (await signed_in.get("/api/auth/me")).json()["id"]
    await sqlite_store.write(Update(f"users/{uid}", {"status": "suspended"}))
    assert (await signed_in.get("/api/auth/me")).json()["status"] == "suspended"
    assert (await signed_in.get("/api/wallet")).status_code == 200
    refused(await signed_in.post("/api/keys", json={"name": "x"}), 403, "account_suspended")


@pytest.mark.parametrize("origin", ["https://app.example.com", "https://elsewhere.example.com"])
async def test_browsers_of_other_origins_are_let_in_only_by_name(
    sqlite_store: Store, sqlite_url: str, origin: str
) -> None:
    allowed = "https://app.example.com"
    runtime = runtime_over(sqlite_store, sqlite_url, Clock(), FAREBOX_CORS_ORIGINS=allowed)
    async with client_of(make_edge("wallet", runtime)) as client:
        answer = await client.get("/api/wallet", headers={"origin": origin})
        assert answer.headers.get("access-control-allow-origin") == (allowed if origin == allowed else None)


# --- cursors -----------------------------------------------------------------------------------------------------

values = st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(max_size=20), st.datetimes(timezones=st.just(UTC)))


@given(after=st.tuples(values, st.text(min_size=1, max_size=40)))
def test_a_cursor_names_the_position_it_was_made_from(after: tuple[Any, ...]) -> None:
    cursors = Cursors(KEY)
    cursor = cursors.write("list", after)
    assert cursor is not None
    assert cursors.read("list", cursor) == after


@given(garbage=st.text(max_size=60))
def test_what_was_not_handed_out_is_no_cursor(garbage: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Cursors(KEY).read("list", garbage)
    assert (caught.value.code, caught.value.param) == ("invalid_cursor", "cursor")


def test_a_cursor_that_was_touched_or_is_of_another_list_or_server_is_refused() -> None:
    cursor = Cursors(KEY).write("list", (5, "id"))
    assert cursor is not None
    flipped = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    for key, listing, text in (
        (KEY, "list", flipped),
        (KEY, "list", cursor[:-2]),
        (KEY, "list", cursor + "AAAA"),
        (KEY, "another list", cursor),
        (b"x" * 32, "list", cursor),
    ):
        with pytest.raises(InvalidRequest):
            Cursors(key).read(listing, text)


def test_the_end_of_a_list_has_no_cursor() -> None:
    assert Cursors(KEY).write("list", None) is None
    assert Cursors(KEY).read("list", None) is None


# --- money -------------------------------------------------------------------------------------------------------


@given(nanos=st.integers(-(10**18), 10**18))
def test_money_survives_the_way_out_and_back(nanos: int) -> None:
    text = TypeAdapter[int](Usd).dump_python(nanos, mode="json")
    assert isinstance(text, str)
    assert TypeAdapter[int](UsdAmount).validate_python(text) == nanos


@pytest.mark.parametrize("value", [1, 1.5, True, None, ["1"], "", "one", "1e3", "1,5", "+1", "0.0000000001", "٣"])
def test_only_decimal_text_is_money(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[int](UsdAmount).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "text", "taken"),
    [
        (NonNegativeUsd, "0", True),
        (NonNegativeUsd, "-0.01", False),
        (PositiveUsd, "0", False),
        (PositiveUsd, "0.000000001", True),
    ],
)
def test_amounts_have_a_sign_where_they_may(kind: Any, text: str, taken: bool) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[kind, "amount"])
    if taken:
        adapter.validate_python(text)
    else:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)
