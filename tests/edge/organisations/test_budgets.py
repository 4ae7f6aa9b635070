"""Budgets of members and projects: they stop a request by their name, and tell what was spent of them."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from functions.farebox.audit import audit_all
from functions.farebox.keys import authentication
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.limits.group_budget import group_budget_path
from functions.farebox.limits.span_budgets import span_budgets_path
from functions.farebox.storage import Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.clients.management import AS_ADMIN, DOORS, done
from tests.support.clients.people import Person, found, join, key_of, sign_up
from tests.support.money.customers import wallet_of
from tests.support.product.runtime import START, Clock, runtime_over

USD = 1_000_000_000
CUSTOMERS = 1000
CREDIT = 200_000  # nano-USD: some twenty requests


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock) -> Runtime:
    return runtime_over(sqlite_store, sqlite_url, clock, **DOORS)


@pytest.fixture
async def owner(client: httpx.AsyncClient, sqlite_store: Store) -> Person:
    return await sign_up(client, sqlite_store, "olga")


async def chat(client: httpx.AsyncClient, key: dict[str, Any]) -> httpx.Response:
    """What one request with a key comes to."""
    body = {"model": "echo", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 20}
    return await client.post("/v1/chat/completions", headers={"authorization": f"Bearer {key['key']}"}, json=body)


async def test_a_members_and_a_projects_budget_stop_their_keys_and_tell_what_was_spent(
    owner: Person, sqlite_store: Store, runtime: Runtime
) -> None:
    org, client = await found(owner), owner.client
    await post(sqlite_store, org, START, Posting("credit", "topup", USD, "Credit"))
    mia = await join(owner, sqlite_store, org, "mia", "member")
    poor = await join(owner, sqlite_store, org, "pia", "member", monthly_budget_usd="0.000000001")
    site = await owner.do("POST", f"/api/orgs/{org}/projects", {"name": "site"})
    tight = await owner.do("POST", f"/api/orgs/{org}/projects", {"name": "x", "monthly_budget_usd": "0.000000001"})
    served = await chat(client, await key_of(mia, project=site["id"]))
    assert served.status_code == 200, served.text
    refused(await chat(client, await key_of(mia, project=tight["id"])), 402, "project_budget_exceeded")
    refused(await chat(client, await key_of(poor)), 402, "member_budget_exceeded")
    stats = await owner.at(org).do("GET", "/api/usage/stats?days=7")
    assert [(each["name"], each["requests"]) for each in stats["by_member"]] == [(mia.uid, 1)]
    assert [(each["name"], each["requests"]) for each in stats["by_project"]] == [(site["id"], 1)]
    cost = stats["totals"]["cost_usd"]
    assert (await owner.do("GET", f"/api/orgs/{org}/members/{mia.uid}"))["budget"]["spent_usd"] == cost
    assert (await owner.do("GET", f"/api/orgs/{org}/projects/{site['id']}"))["budget"]["spent_usd"] == cost
    own = await mia.do("GET", "/api/usage/logs")
    assert len(own["data"]) == 1 and (await poor.do("GET", "/api/usage/logs"))["data"] == []
    receipt = f"/api/usage/receipts/{own['data'][0]['request_id']}"
    assert (await mia.ask("GET", receipt)).status_code == 200
    refused(await poor.ask("GET", receipt), 404, "not_found", "request_id")
    assert not (await audit_all(sqlite_store)).faults
    at = group_budget_path(org, "member", mia.uid)
    document = await sqlite_store.get(at)
    assert document is not None
    await sqlite_store.write(Update(at, {"budget": {**document.data["budget"], "spent": 1}}))
    [fault] = (await audit_all(sqlite_store)).faults
    assert (fault.path, "is spent of its budget" in fault.problem) == (at, True)


async def test_who_does_not_see_what_others_spend_is_told_what_their_own_key_can_still_spend(
    owner: Person, sqlite_store: Store
) -> None:
    org, client = await found(owner), owner.client
    await post(sqlite_store, org, START, Posting("credit", "topup", USD, "Credit"))
    mia = await join(owner, sqlite_store, org, "mia", "member")
    site = await owner.do("POST", f"/api/orgs/{org}/projects", {"name": "site", "monthly_budget_usd": "0.30"})
    whole, free = await key_of(owner.at(org)), await key_of(mia)
    tight, shared = await key_of(mia, daily_budget_usd="0.20"), await key_of(mia, project=site["id"])

    async def credits_of(key: dict[str, Any]) -> tuple[Decimal, Decimal]:
        answer = await client.get("/v1/credits", headers={"authorization": f"Bearer {key['key']}"})
        told = json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)["data"]
        return told["total_credits"] - told["total_usage"], told["total_usage"]

    for key in (whole, free, shared):
        assert (await chat(client, key)).status_code == 200
    spent = Decimal((await owner.at(org).do("GET", "/api/usage/stats?days=7"))["totals"]["cost_usd"])
    each = spent / 3
    assert await credits_of(whole) == (1 - spent, spent)
    assert await credits_of(free) == (1 - spent, each)
    assert await credits_of(tight) == (Decimal("0.2"), Decimal(0))
    assert await credits_of(shared) == (Decimal("0.3") - each, each)
    await sqlite_store.write(Update(f"wallets/{org}", {"frozen": True}))
    assert await credits_of(free) == (Decimal(0), each)


async def test_a_member_is_told_what_is_left_of_their_own_budget_before_it_stops_them(
    owner: Person, sqlite_store: Store
) -> None:
    org, client = await found(owner), owner.client
    await post(sqlite_store, org, START, Posting("credit", "topup", USD, "Credit"))
    mia = await join(owner, sqlite_store, org, "mia", "member", monthly_budget_usd="0.50")
    site = await owner.do("POST", f"/api/orgs/{org}/projects", {"name": "site", "monthly_budget_usd": "0.30"})
    free, shared = await key_of(mia), await key_of(mia, project=site["id"])
    for key in (free, shared):
        assert (await chat(client, key)).status_code == 200
    spent = (await owner.at(org).do("GET", "/api/usage/stats?days=7"))["totals"]["cost_usd"]
    for key, limit in ((free, 0.5), (shared, 0.3)):
        told = (await client.get("/v1/key", headers={"authorization": f"Bearer {key['key']}"})).json()["data"]
        assert (told["limit"], told["limit_reset"]) == (limit, "monthly")
        assert limit - float(spent) <= told["limit_remaining"] < limit
    wallet = await mia.do("GET", "/api/wallet")
    assert (wallet["member_budget"]["limit_usd"], wallet["member_budget"]["spent_usd"]) == ("0.50", spent)
    assert (await mia.do("GET", f"/api/orgs/{org}/members/{mia.uid}"))["budget"]["spent_usd"] == spent
    refused(await mia.ask("GET", f"/api/orgs/{org}/members/{owner.uid}"), 403, "forbidden")
    assert (await owner.at(org).do("GET", "/api/wallet"))["member_budget"] is None


async def test_a_reseller_sells_keys_with_totals_tops_one_up_reads_their_spend_and_ends_one(
    owner: Person, sqlite_store: Store, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age in ("FRESH_S", "LONGEST_S"):  # as if five seconds passed between any two requests
        monkeypatch.setattr(authentication, age, 0.0)
    org, client = await found(owner), owner.client
    account = await owner.do("POST", f"/api/orgs/{org}/service-accounts", {"name": "shop"})
    shop = Person(client, "", "", (await key_of(owner.at(org), service_account=account["id"], scopes=["keys"]))["key"])
    await post(sqlite_store, org, START, Posting("credit", "topup", USD, "Credit"))
    probe = await shop.do("POST", "/api/keys", {"name": "probe"})
    served = await chat(client, probe)
    price = round(float(served.headers["x-farebox-cost-usd"]) * USD)
    assert price > 0
    total = f"{3 * price / USD:.9f}"
    terms = {"total_budget_usd": total, "daily_budget_usd": "1", "weekly_budget_usd": "2"}
    anna, bert = [await shop.do("POST", "/api/keys", {"name": name, **terms}) for name in ("anna", "bert")]
    at = f"/api/keys/{anna['id']}"
    total_budget = {"period": None, "limit_usd": anna["total_budget_usd"], "spent_usd": "0.00", "resets_at": None}
    assert anna["budgets"]["total"] == {**total_budget, "since": anna["created_at"]}

    async def answered(times: int) -> tuple[int, list[httpx.Response]]:
        answers = await asyncio.gather(*(chat(client, anna) for _ in range(times)))
        return sum(each.status_code == 200 for each in answers), [each for each in answers if each.status_code != 200]

    async def spent() -> dict[str, int]:
        await runtime.settle_here(org)
        shown = (await shop.do("GET", at))["budgets"]
        return {name: round(float(budget["spent_usd"]) * USD) for name, budget in shown.items()}

    served_count, over = await answered(20)
    for answer in over:
        refused(answer, 402, "key_budget_exceeded")
        assert "API key's total budget, which never begins anew" in answer.json()["error"]["message"]
    assert 0 < served_count <= 3
    first = await spent()
    assert first["daily"] == first["weekly"] == first["total"] <= 3 * price
    topped_up = await shop.do("PATCH", at, {"total_budget_usd": f"{30 * price / USD:.9f}"})
    assert topped_up["budgets"]["total"]["limit_usd"] == topped_up["total_budget_usd"]
    assert (await answered(1))[0] == 1
    assert (await spent())["total"] > first["total"]
    listed = {each["id"]: each for each in (await shop.do("GET", "/api/keys"))["data"]}
    assert listed[bert["id"]]["budgets"]["total"]["spent_usd"] == "0.00"
    assert listed[probe["id"]]["budgets"] is None
    assert (await shop.do("DELETE", f"/api/keys/{bert['id']}"))["state"] == "revoked"
    assert not (await audit_all(sqlite_store)).faults
    counted = await sqlite_store.get(span_budgets_path(org, anna["id"]))
    assert counted is not None
    await sqlite_store.write(Update(counted.path, {"week": {**counted.data["week"], "spent": 1}}))
    [fault] = (await audit_all(sqlite_store)).faults
    assert (fault.path, "is spent of its budget (week)" in fault.problem) == (counted.path, True)


async def test_a_reseller_makes_keys_for_a_thousand_customers_and_none_of_them_passes_the_wallet(
    owner: Person, sqlite_store: Store, runtime: Runtime
) -> None:
    org, client = await found(owner), owner.client
    account = await owner.do("POST", f"/api/orgs/{org}/service-accounts", {"name": "shop"})
    shop = Person(client, "", "", (await key_of(owner.at(org), service_account=account["id"], scopes=["keys"]))["key"])
    await post(sqlite_store, org, START, Posting("credit", "topup", CREDIT, "Credit"))
    customers = [
        await shop.do("POST", "/api/keys", {"name": f"customer {number}", "monthly_budget_usd": "1"})
        for number in range(CUSTOMERS)
    ]
    refused(await shop.ask("GET", "/api/wallet"), 403, "scope_missing")
    answers = await asyncio.gather(*(chat(client, key) for key in customers[:60]))
    assert {answer.status_code for answer in answers} == {200, 402}  # the wallet ends before their budgets do
    await runtime.settle_here(org)
    topped_up = await shop.do("PATCH", f"/api/keys/{customers[0]['id']}", {"monthly_budget_usd": "2"})
    assert topped_up["budget"]["limit_usd"] == "2.00"
    ended = await shop.do("DELETE", f"/api/keys/{customers[1]['id']}")
    assert ended["state"] == "revoked"
    spent = 0
    for customer in customers[:60]:
        shown = await shop.do("GET", f"/api/keys/{customer['id']}")
        spent += round(float(shown["budget"]["spent_usd"]) * USD)
    wallet = await wallet_of(sqlite_store, org)
    assert wallet.balance == CREDIT - spent >= 0
    assert not (await audit_all(sqlite_store)).faults


async def test_a_total_that_is_set_later_counts_from_when_its_key_or_its_account_was_made(
    owner: Person, sqlite_store: Store, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age in ("FRESH_S", "LONGEST_S"):
        monkeypatch.setattr(authentication, age, 0.0)
    org, client = await found(owner), owner.client
    await post(sqlite_store, org, START, Posting("credit", "topup", USD, "Credit"))
    key = await key_of(owner.at(org))
    at = f"/api/keys/{key['id']}"
    cost = round(float((await chat(client, key)).headers["x-farebox-cost-usd"]) * USD)
    await runtime.settle_here(org)

    async def total() -> tuple[int, str]:
        await runtime.settle_here(org)
        shown = (await owner.at(org).do("GET", at))["budgets"]["total"]
        return round(float(shown["spent_usd"]) * USD), shown["since"]

    await owner.at(org).do("PATCH", at, {"total_budget_usd": f"{2 * cost / USD:.9f}"})
    assert await total() == (cost, key["created_at"])
    await owner.at(org).do("PATCH", at, {"daily_budget_usd": "1", "total_budget_usd": f"{3 * cost / USD:.9f}"})
    assert await total() == (cost, key["created_at"]), "raising it counts nothing twice"
    answers = [(await chat(client, key)).status_code for _ in range(4)]
    spent, _ = await total()
    assert answers.count(200) >= 1
    assert cost < spent <= 3 * cost
    await owner.at(org).do("PATCH", at, {"total_budget_usd": None})
    await owner.at(org).do("PATCH", at, {"total_budget_usd": "1"})
    assert (await total())[0] == spent
    user = {"total_budget_usd": f"{spent / USD:.9f}"}
    told = await done(client.patch(f"/api/admin/users/{org}", json=user, headers=AS_ADMIN))
    assert (told["budgets"]["total"]["spent_usd"], told["budgets"]["total"]["since"]) == (
        user["total_budget_usd"].rstrip("0"),
        told["created_at"],
    )
    refused(await chat(client, key), 402, "user_budget_exceeded")
    assert not (await audit_all(sqlite_store)).faults


async def test_an_organisation_that_is_closed_is_credited_by_no_operator_either(owner: Person) -> None:
    org = await found(owner)
    await owner.do("DELETE", f"/api/orgs/{org}")
    for path, amount in (("bonus", {"amount_usd": "7.00"}), ("set", {"balance_usd": "7.00"})):
        order = {"user_id": org, "reason": "sorry", **amount}
        refused(await owner.client.post(f"/api/admin/credits/{path}", json=order, headers=AS_ADMIN), 409, "conflict")
    as_it_is = {"user_id": org, "reason": "nothing is left", "balance_usd": "0.00"}
    await done(owner.client.post("/api/admin/credits/set", json=as_it_is, headers=AS_ADMIN))
