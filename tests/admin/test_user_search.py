"""Users as operators look for them, on each engine: the same ones whatever finds them, counted alike."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.farebox.admin import user_search
from functions.farebox.admin.user_search import UserFilter, count_users, page_users
from functions.farebox.ledger.wallet import Wallet
from functions.farebox.storage import Create, Store
from tests.support.clients.management import done, register
from tests.support.clients.people import sign_up
from tests.support.product.runtime import START

USERS = (
    ("ada", "Ada Lovelace", "acme", "active", "pro", 5),
    ("ade", None, None, "active", "starter", 0),
    ("bob", "Ada B.", "acme", "suspended", "pro", 9),
    ("eve", "Éve", None, "active", None, 5),
    ("old", "Old Ltd", None, "suspended", None, 0),
)


@pytest.fixture
async def users(store: Store) -> Store:
    for age, (name, full_name, tenant, status, plan, balance) in enumerate(USERS):
        user = {"email": f"{name}@x.test", "full_name": full_name, "status": status, "plan": plan, "tenant": tenant}
        closed = {"closed_at": START} if name == "old" else {}
        await store.write(
            Create(f"users/{name}", {**user, **closed, "created_at": START - timedelta(days=age)}),
            Create(f"wallets/{name}", Wallet(balance=balance).to_data()),
        )
    await store.write(Create("wallets/nobody", Wallet(balance=7).to_data()))
    return store


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (UserFilter(), "ada ade bob eve old"),
        (UserFilter(email="AD"), "ada ade"),
        (UserFilter(tenant="acme", email="b"), "bob"),
        (UserFilter(text="ADA"), "ada bob"),
        (UserFilter(text="éve"), "eve"),
        (UserFilter(text="x.test", status="active", plan="pro"), "ada"),
        (UserFilter(status="suspended"), "bob"),
        (UserFilter(status="closed"), "old"),
        (UserFilter(order="poorest", status="suspended"), "bob"),
        (UserFilter(order="newest"), "ada ade bob eve old"),
        (UserFilter(order="newest", tenant="acme", plan="pro", status="active"), "ada"),
        (UserFilter(order="richest"), "bob eve ada old ade"),
        (UserFilter(order="richest", status="active"), "eve ada ade"),
        (UserFilter(order="poorest", least=1, below=9), "ada eve"),
        (UserFilter(least=5), "ada bob eve"),
        (UserFilter(below=5), "ade old"),
    ],
)
async def test_each_filter_and_order_finds_the_same_users_by_pages_of_any_size(
    users: Store, wanted: UserFilter, expected: str
) -> None:
    for limit in (1, 2, 10):
        found, after = [], None
        while True:
            page = await page_users(users, wanted, limit=limit, after=after)
            found += [user.uid for user in page.items]
            assert len(page.items) <= limit
            if (after := page.after) is None:
                break
        assert " ".join(found) == expected
    counted = await count_users(users, wanted)
    assert (counted.count, counted.is_exact) == (len(expected.split()), True)


async def test_a_search_looks_at_no_more_than_its_bound_and_goes_on_from_there(
    users: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_search, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr(user_search, "MOST_COUNTED", 2)
    monkeypatch.setattr(user_search, "_STEP", 2)
    nobody_yet = await page_users(users, UserFilter(text="éve"), limit=2, after=None)
    assert (nobody_yet.items, nobody_yet.after) == ([], ("ade@x.test", "ade"))
    [eve] = (await page_users(users, UserFilter(text="éve"), limit=2, after=nobody_yet.after)).items
    assert eve.uid == "eve"
    assert not (await count_users(users, UserFilter(text="ada"))).is_exact


async def test_the_list_its_count_and_its_table_are_of_the_same_users(
    client: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    uid, _ = await register(client, "ada@example.com")
    await register(client, "bob@example.com")
    await done(admin.post("/api/admin/credits/bonus", json={"user_id": uid, "amount_usd": "4", "reason": "thanks"}))
    params = {"balance_from_usd": "2", "sort": "richest", "q": "ADA"}
    listed = (await done(admin.get("/api/admin/users", params=params)))["data"]
    assert [user["email"] for user in listed] == ["ada@example.com"]
    assert await done(admin.get("/api/admin/users/count", params=params)) == {"count": 1, "is_exact": True}
    table = (await admin.get("/api/admin/users/export", params=params)).text.splitlines()
    assert len(table) == 2
    assert "ada@example.com" in table[1]


async def test_an_organisation_is_found_by_its_name_and_told_to_be_closed(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, sqlite_store: Store
) -> None:
    owner = await sign_up(client, sqlite_store, "olga")
    org = (await owner.do("POST", "/api/orgs", {"name": "Bäckerei Müller"}))["id"]

    async def look() -> dict[str, Any]:
        [one] = (await done(admin.get("/api/admin/users", params={"q": "BÄCKEREI"})))["data"]
        return {name: one[name] for name in ("id", "email", "full_name", "is_organisation", "closed_at")}

    open_one = {"id": org, "email": "", "full_name": "Bäckerei Müller", "is_organisation": True, "closed_at": None}
    assert await look() == open_one
    changed = await done(admin.patch(f"/api/admin/users/{org}", json={"status": "suspended"}))
    assert changed["is_organisation"]
    assert changed["closed_at"] is None
    await done(admin.patch(f"/api/admin/users/{org}", json={"status": "active"}))
    await owner.do("DELETE", f"/api/orgs/{org}")
    closed = await look()
    assert closed.pop("closed_at") is not None
    assert closed.items() <= open_one.items()
    assert (await admin.patch(f"/api/admin/users/{org}", json={"status": "active"})).status_code == 409
