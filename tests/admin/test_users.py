import asyncio
from typing import Any

import httpx
import pytest

from functions.farebox.admin.audit_trail import AuditTrail
from functions.farebox.errors import StoreUnavailable
from functions.farebox.identity.local.credentials import Credentials
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.storage import Query, Set, Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.clients.management import done, register
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import Clock


async def ledger(admin: httpx.AsyncClient, uid: str) -> list[tuple[str, str]]:
    entries = (await done(admin.get(f"/api/admin/users/{uid}/transactions")))["data"]
    return [(entry["type"], entry["amount_usd"]) for entry in entries]


async def trail(admin: httpx.AsyncClient, **query: str) -> list[Any]:
    entries: list[Any] = (await done(admin.get("/api/admin/audit", params=query)))["data"]
    return entries


async def test_a_bonus_is_one_entry_of_the_ledger_and_one_of_the_trail(
    admin: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    body = {"user_id": uid, "amount_usd": "2.50", "reason": "sorry for the outage"}
    answer = await done(admin.post("/api/admin/credits/bonus", json=body))
    assert answer["balance_usd"] == "3.50"
    assert answer["transaction"]["description"] == "sorry for the outage"
    assert await ledger(admin, uid) == [("bonus", "2.50"), ("bonus", "1.00")]
    [line] = await trail(admin, target=f"users/{uid}")
    assert (line["actor"], line["action"]) == ("admin-key", "credits.bonus")
    assert (line["before"], line["after"]["balance"]) == ({"balance": 1_000_000_000}, 3_500_000_000)
    assert line["after"]["entry"]["id"] == answer["transaction"]["id"] == line["id"]
    await clean_audit(sqlite_store)


@pytest.mark.parametrize(("balance", "difference"), [("4.00", "3.00"), ("0.25", "-0.75"), ("0.00", "-1.00")])
async def test_setting_a_balance_posts_the_difference(
    admin: httpx.AsyncClient, uid: str, balance: str, difference: str, sqlite_store: Store
) -> None:
    body = {"user_id": uid, "balance_usd": balance, "reason": "agreed"}
    assert (await done(admin.post("/api/admin/credits/set", json=body)))["balance_usd"] == balance
    assert await ledger(admin, uid) == [("adjustment", difference), ("bonus", "1.00")]
    again = await done(admin.post("/api/admin/credits/set", json=body))
    assert (again["balance_usd"], again["transaction"]) == (balance, None)
    await clean_audit(sqlite_store)


async def test_a_balance_is_not_set_below_what_requests_in_flight_hold(
    admin: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    await sqlite_store.write(Update(wallet_path(uid), {"reserved": 600_000_000}))
    body = {"user_id": uid, "balance_usd": "0.50", "reason": "agreed"}
    refused(await admin.post("/api/admin/credits/set", json=body), 409, "balance_reserved", "balance_usd")
    assert (await admin.post("/api/admin/credits/set", json={**body, "balance_usd": "0.60"})).status_code == 200


@pytest.mark.parametrize(
    ("path", "change", "param"),
    [
        ("bonus", {"amount_usd": "0"}, "amount_usd"),
        ("bonus", {"amount_usd": "-1"}, "amount_usd"),
        ("bonus", {"amount_usd": "0.0000000001"}, "amount_usd"),
        ("bonus", {"amount_usd": "1000000000"}, None),  # together with what is there
        ("bonus", {"reason": ""}, "reason"),
        ("set", {"balance_usd": "-0.01"}, "balance_usd"),
        ("set", {"balance_usd": "1e3"}, "balance_usd"),
    ],
)
async def test_credit_that_cannot_be_is_refused_and_leaves_nothing(
    admin: httpx.AsyncClient, uid: str, path: str, change: dict[str, str], param: str | None
) -> None:
    body = {"user_id": uid, ("amount_usd" if path == "bonus" else "balance_usd"): "1.00", "reason": "x", **change}
    refused(await admin.post(f"/api/admin/credits/{path}", json=body), 400, "invalid_value", param)
    assert await ledger(admin, uid) == [("bonus", "1.00")]
    assert await trail(admin) == []


async def test_credit_for_nobody_is_refused(admin: httpx.AsyncClient) -> None:
    for user_id, status in (("nobody", 404), ("..", 404), ("a/b", 400), ("__x__", 404), ("", 400)):
        body = {"user_id": user_id, "amount_usd": "1.00", "reason": "x"}
        assert (await admin.post("/api/admin/credits/bonus", json=body)).status_code == status


async def test_an_idempotency_key_makes_one_change_of_many_calls_and_the_same_answer(
    admin: httpx.AsyncClient, uid: str, clock: Clock
) -> None:
    body = {"user_id": uid, "amount_usd": "1.00", "reason": "once"}

    async def give(**changes: str) -> httpx.Response:
        headers = {"idempotency-key": "k1"}
        return await admin.post("/api/admin/credits/bonus", json={**body, **changes}, headers=headers)

    answers = await asyncio.gather(*(give() for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    refused(await give(amount_usd="2.00"), 422, "idempotency_mismatch", "Idempotency-Key")
    elsewhere = {"user_id": uid, "balance_usd": "1.00", "reason": "once"}
    refused(
        await admin.post("/api/admin/credits/set", json=elsewhere, headers={"idempotency-key": "k1"}),
        422,
        "idempotency_mismatch",
        "Idempotency-Key",
    )
    assert (await done(admin.get(f"/api/admin/users/{uid}")))["balance_usd"] == "2.00"
    assert len(await trail(admin)) == 1
    clock.forward(hours=23, minutes=59)
    assert (await give()).text == answers[0].text
    clock.forward(minutes=1)
    assert (await give()).json()["balance_usd"] == "3.00"


async def test_a_refused_call_leaves_its_idempotency_key_free(admin: httpx.AsyncClient, uid: str) -> None:
    headers = {"idempotency-key": "k1"}
    body = {"user_id": "nobody", "amount_usd": "1.00", "reason": "x"}
    assert (await admin.post("/api/admin/credits/bonus", json=body, headers=headers)).status_code == 404
    body["user_id"] = uid
    assert (await admin.post("/api/admin/credits/bonus", json=body, headers=headers)).status_code == 200


async def test_users_are_found_by_how_their_address_begins_page_by_page(
    client: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    for name in ("bob", "adam", "ada", "eve"):
        await register(client, f"{name}@example.com")

    async def found(**query: str | int) -> list[str]:
        page = await done(admin.get("/api/admin/users", params=query))
        return [user["email"].partition("@")[0] for user in page["data"]]

    assert await found() == ["adam", "ada", "bob", "eve"] or await found() == ["ada", "adam", "bob", "eve"]
    assert set(await found(email="ADA")) == {"ada", "adam"}
    assert await found(email="ada@") == ["ada"]
    assert await found(email="zoe") == []
    first = await done(admin.get("/api/admin/users", params={"limit": 3}))
    assert await found(limit=3, cursor=first["next_cursor"]) == ["eve"]


async def test_a_suspension_holds_at_once_for_new_requests_and_is_lifted(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, clock: Clock
) -> None:
    uid, token = await register(client)
    headers = {"authorization": f"Bearer {token}"}
    await done(admin.patch(f"/api/admin/users/{uid}", json={"status": "suspended"}))
    refused(await client.post("/api/keys", json={"name": "x"}, headers=headers), 403, "account_suspended")
    clock.forward(seconds=1)
    restored = await done(admin.patch(f"/api/admin/users/{uid}", json={"status": "active"}))
    assert restored["status"] == "active"
    assert (await client.post("/api/keys", json={"name": "x"}, headers=headers)).status_code == 201
    actions = [(line["before"]["status"], line["after"]["status"]) for line in await trail(admin)]
    assert actions == [("suspended", "active"), ("active", "suspended")]


async def test_a_plan_brings_its_terms_and_its_credit_once_a_month(
    admin: httpx.AsyncClient, uid: str, clock: Clock, sqlite_store: Store
) -> None:
    user = await done(admin.patch(f"/api/admin/users/{uid}", json={"plan": "starter"}))
    assert (user["plan"], user["balance_usd"], user["budget"]["limit_usd"]) == ("starter", "11.00", "50.00")
    assert user["limits"] == {"rpm": 60, "tpm": 100000, "rpd": 10000}
    await done(admin.patch(f"/api/admin/users/{uid}", json={"plan": None}))
    again = await done(admin.patch(f"/api/admin/users/{uid}", json={"plan": "pro"}))
    assert again["balance_usd"] == "11.00"
    clock.forward(days=10)  # December: the credit of November has lapsed
    body = {"user_id": uid, "amount_usd": "1.00", "reason": "x"}
    assert (await done(admin.post("/api/admin/credits/bonus", json=body)))["balance_usd"] == "2.00"
    await clean_audit(sqlite_store)


async def test_what_is_set_beside_a_plan_wins_over_its_terms_and_null_lifts_it(
    admin: httpx.AsyncClient, uid: str
) -> None:
    change = {"plan": "pro", "monthly_budget_usd": "7.00", "limits": {"rpm": 5}, "tenant_id": "acme"}
    user = await done(admin.patch(f"/api/admin/users/{uid}", json=change))
    assert user["budget"]["limit_usd"] == "7.00"
    assert user["limits"] == {"rpm": 5, "tpm": None, "rpd": None}
    kept = await done(admin.patch(f"/api/admin/users/{uid}", json={"plan": "starter"}))
    assert kept["budget"]["limit_usd"] == "7.00"
    lifted = await done(admin.patch(f"/api/admin/users/{uid}", json={"monthly_budget_usd": None, "limits": None}))
    assert (lifted["budget"]["limit_usd"], lifted["limits"]["rpm"]) == (None, None)
    found = await done(admin.get("/api/admin/users", params={"tenant_id": "acme"}))
    assert [user["id"] for user in found["data"]] == [uid]


async def test_budgets_of_a_day_a_week_and_in_total_are_set_shown_and_lifted_and_no_plans(
    admin: httpx.AsyncClient, uid: str
) -> None:
    caps = {"daily_budget_usd": "1.00", "weekly_budget_usd": "2.00", "total_budget_usd": "3.00"}
    user = await done(admin.patch(f"/api/admin/users/{uid}", json={**caps, "plan": "pro"}))
    shown = {name: budget["limit_usd"] for name, budget in user["budgets"].items()}
    assert shown == {"daily": "1.00", "weekly": "2.00", "total": "3.00"}
    kept = await done(admin.patch(f"/api/admin/users/{uid}", json={"plan": "starter", "daily_budget_usd": None}))
    assert [budget["limit_usd"] for budget in kept["budgets"].values()] == [None, "2.00", "3.00"]
    assert kept == await done(admin.get(f"/api/admin/users/{uid}"))
    lifted = await done(admin.patch(f"/api/admin/users/{uid}", json=dict.fromkeys(caps)))
    assert lifted["budgets"] is None
    negative = await admin.patch(f"/api/admin/users/{uid}", json={"total_budget_usd": "-1"})
    refused(negative, 400, "invalid_value", "total_budget_usd")


async def test_a_user_is_held_to_some_models_until_that_is_lifted(
    admin: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    held = await done(admin.patch(f"/api/admin/users/{uid}", json={"models": ["gpt-4o-mini", "gpt-4o-mini"]}))
    assert held["models"] == ["gpt-4o-mini"]
    stored = await sqlite_store.get(f"users/{uid}")
    assert stored is not None
    assert stored.data["models"] == ["gpt-4o-mini"]
    lifted = await done(admin.patch(f"/api/admin/users/{uid}", json={"models": None}))
    assert lifted["models"] is None
    assert (await done(admin.get(f"/api/admin/users/{uid}")))["models"] is None


async def test_a_change_that_cannot_be_is_refused_as_a_whole(admin: httpx.AsyncClient, uid: str) -> None:
    before = await done(admin.get(f"/api/admin/users/{uid}"))
    change = {"status": "suspended", "plan": "no-such-plan"}
    refused(await admin.patch(f"/api/admin/users/{uid}", json=change), 400, "unknown_value", "plan")
    for bad in ({"status": "gone"}, {"status": None}, {"multiplier": "0"}, {"limits": {"rpm": 0}}, {"balance": "1"}):
        assert (await admin.patch(f"/api/admin/users/{uid}", json=bad)).status_code == 400
    dear = await admin.patch(f"/api/admin/users/{uid}", json={"multiplier": "100000000"})
    refused(dear, 400, "invalid_multiplier", "multiplier")
    assert await done(admin.get(f"/api/admin/users/{uid}")) == before
    assert await trail(admin) == []


async def test_an_account_is_provisioned_with_plan_tenant_and_credit(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, sqlite_store: Store
) -> None:
    body = {
        "email": "New@Example.com",
        "password": "a long password",
        "product_id": "starter",
        "tenant_id": "acme",
        "credit_usd": "5.00",
    }
    made = await done(admin.post("/api/admin/provision-user", json=body))
    user = made["user"]
    assert made["message"] == "The account of new@example.com is there."
    assert (user["email"], user["plan"], user["tenant_id"]) == ("new@example.com", "starter", "acme")
    assert sorted(await ledger(admin, user["id"])) == [("bonus", "1.00"), ("bonus", "5.00"), ("grant", "10.00")]
    assert await done(admin.post("/api/admin/provision-user", json=body)) == made
    login = await client.post("/api/auth/login", json={"email": "new@example.com", "password": "a long password"})
    assert login.status_code == 200
    refused(
        await admin.post("/api/admin/provision-user", json={**body, "credit_usd": "6.00"}),
        409,
        "conflict",
        "credit_usd",
    )
    twice = {**body, "plan": "pro"}
    refused(await admin.post("/api/admin/provision-user", json=twice), 400, "invalid_body", "plan")
    await clean_audit(sqlite_store)


async def test_an_address_that_somebody_registered_is_not_provisioned(
    client: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    await register(client, "new@example.com")
    body = {"email": "new@example.com", "credit_usd": "5.00"}
    refused(await admin.post("/api/admin/provision-user", json=body), 409, "email_taken", "email")
    assert await trail(admin) == []


@pytest.mark.parametrize("is_erased", [False, True])
async def test_an_address_that_its_owner_has_left_is_provisioned_for_somebody_else(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, is_erased: bool
) -> None:
    body = {"email": "new@example.com", "password": "a long password", "credit_usd": "5.00"}
    first = (await done(admin.post("/api/admin/provision-user", json=body)))["user"]["id"]
    await Credentials(sqlite_store, runtime.now).move(first, "new@example.com", "left@example.com")
    if is_erased:
        await (await runtime.erasure()).erase(first)
        assert [each async for each in sqlite_store.scan(Query("provisions"))] == []
    second = (await done(admin.post("/api/admin/provision-user", json=body)))["user"]
    assert (second["email"], second["balance_usd"]) == ("new@example.com", "6.00")
    assert second["id"] != first
    login = {name: body[name] for name in ("email", "password")}
    assert (await done(client.post("/api/auth/login", json=login)))["user"]["id"] == second["id"]
    assert (await done(admin.post("/api/admin/provision-user", json=body)))["user"] == second


async def test_provisioning_that_was_cut_off_goes_on_where_it_was(
    admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, sqlite_store: Store
) -> None:
    body = {"email": "new@example.com", "plan": "starter", "credit_usd": "5.00"}
    refused(await admin.post("/api/admin/provision-user", json={**body, "plan": "x"}), 400, "unknown_value", "plan")
    assert await sqlite_store.query(Query("users")) == []

    async def cut_off(*_args: object) -> None:
        raise StoreUnavailable("The database is busy.")

    with monkeypatch.context() as patch:
        patch.setattr(AuditTrail, "change", cut_off)
        assert (await admin.post("/api/admin/provision-user", json=body)).status_code == 503
    assert len(await sqlite_store.query(Query("users"))) == 1
    user = (await done(admin.post("/api/admin/provision-user", json=body)))["user"]
    assert user["balance_usd"] == "16.00"
    assert len(await sqlite_store.query(Query("users"))) == 1


async def test_an_operator_sees_a_users_keys_without_secrets_and_their_days(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, uid: str
) -> None:
    other, token = await register(client, "grace@example.com")
    made = await client.post("/api/keys", json={"name": "laptop"}, headers={"authorization": f"Bearer {token}"})
    listed = await done(admin.get(f"/api/admin/users/{other}/keys"))
    assert [(key["id"], key["name"]) for key in listed["data"]] == [(made.json()["id"], "laptop")]
    assert made.json()["key"] not in str(listed)
    assert (await done(admin.get(f"/api/admin/users/{uid}/keys")))["data"] == []
    stats = await done(admin.get(f"/api/admin/users/{other}/stats?days=7"))
    assert (len(stats["by_day"]), stats["totals"]["requests"]) == (7, 0)
    for view in ("keys", "stats"):
        refused(await admin.get(f"/api/admin/users/nobody/{view}"), 404, "not_found", "user_id")


async def test_the_trail_is_narrowed_to_an_action_and_to_an_actor(admin: httpx.AsyncClient, uid: str) -> None:
    for body in ({"status": "suspended"}, {"status": "active"}):
        await done(admin.patch(f"/api/admin/users/{uid}", json=body))
    await done(admin.post("/api/admin/credits/bonus", json={"user_id": uid, "amount_usd": "1", "reason": "thanks"}))
    bonus = await trail(admin, action="credits.bonus", actor="admin-key", target=f"users/{uid}")
    assert [line["action"] for line in bonus] == ["credits.bonus"]
    assert len(await trail(admin, actor="admin-key")) == 3
    assert await trail(admin, actor="somebody-else") == []


async def test_what_an_admin_has_set_stays_through_plans_until_it_is_given_up_and_is_shown(
    admin: httpx.AsyncClient, uid: str
) -> None:
    path = f"/api/admin/users/{uid}"
    assert (await done(admin.patch(path, json={"plan": "starter"})))["overrides"] == []
    told = await done(admin.patch(path, json={"monthly_budget_usd": "7"}))
    assert (told["overrides"], told["budget"]["limit_usd"]) == (["monthly_budget"], "7.00")
    told = await done(admin.patch(path, json={"plan": "pro"}))
    assert (told["budget"]["limit_usd"], told["limits"]["rpm"], told["overrides"]) == ("7.00", 600, ["monthly_budget"])
    told = await done(admin.patch(path, json={"overrides": []}))
    assert (told["budget"]["limit_usd"], told["overrides"]) == ("500.00", [])


async def test_a_plan_that_was_edited_is_no_override_of_who_has_it(admin: httpx.AsyncClient, uid: str) -> None:
    path = f"/api/admin/users/{uid}"
    await done(admin.patch(path, json={"plan": "starter"}))
    starter = next(each for each in (await done(admin.get("/api/admin/plans")))["data"] if each["id"] == "starter")
    body = {name: value for name, value in starter.items() if name != "id"}
    await done(admin.put("/api/admin/plans/starter", json={**body, "monthly_budget_usd": "60"}))
    told = await done(admin.patch(path, json={"plan": "pro"}))
    assert (told["budget"]["limit_usd"], told["limits"]["rpm"], told["overrides"]) == ("500.00", 600, [])


async def test_a_term_that_differed_from_the_plan_in_an_older_account_counts_as_an_admins(
    admin: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    path = f"/api/admin/users/{uid}"
    await done(admin.patch(path, json={"plan": "starter"}))
    await done(admin.patch(path, json={"monthly_budget_usd": "3"}))
    document = await sqlite_store.get(f"users/{uid}")
    assert document is not None
    older = {name: value for name, value in document.data.items() if name not in ("overrides", "plan_period")}
    await sqlite_store.write(Set(f"users/{uid}", older))
    told = await done(admin.patch(path, json={"plan": "pro"}))
    assert (told["budget"]["limit_usd"], told["limits"]["rpm"], told["overrides"]) == ("3.00", 600, ["monthly_budget"])
