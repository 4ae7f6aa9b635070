"""Keys that manage: what their scopes open, and a program that makes keys for its own customers."""

import json
import re
from decimal import Decimal

import httpx
import pytest

from functions.farebox.kit.money import parse_usd
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Store
from tests.support.clients.asgi import refused
from tests.support.clients.people import Person, found, join, key_of, sign_up
from tests.support.product.runtime import START


@pytest.fixture
async def owner(client: httpx.AsyncClient, sqlite_store: Store) -> Person:
    return await sign_up(client, sqlite_store, "olga")


def holder(person: Person, key: dict[str, str]) -> Person:
    """Whoever holds a key, and shows it instead of a session."""
    return Person(person.client, "", "", key["key"])


async def test_a_scope_opens_its_calls_and_no_others(owner: Person) -> None:
    calls = {
        "usage": "/api/usage/stats",
        "keys": "/api/keys",
        "billing": "/api/wallet/transactions",
        "inference": "/v1/models",
    }
    for scope in calls:
        key = holder(owner, await key_of(owner, scopes=[scope]))
        for needed, path in calls.items():
            answer = await key.ask("GET", path)
            if needed == scope:
                assert answer.status_code == 200, answer.text
            else:
                refused(answer, 403, "scope_missing")
        refused(await key.ask("GET", f"/api/orgs/{owner.uid}/members"), 403, "scope_missing")
        refused(await key.ask("GET", "/api/auth/me"), 401, "invalid_token")
        refused(await key.at("org_other").ask("GET", calls["usage"]), 404, "not_found", "org")


async def test_a_key_that_makes_keys_reaches_those_that_it_made(owner: Person) -> None:
    minter, other = [holder(owner, await key_of(owner, scopes=["inference", "keys"])) for _ in range(2)]
    made = await minter.do("POST", "/api/keys", {"name": "customer", "monthly_budget_usd": "5"})
    assert made["scopes"] == ["inference"]
    path = f"/api/keys/{made['id']}"
    assert (await minter.do("PATCH", path, {"monthly_budget_usd": "7"}))["monthly_budget_usd"] == "7.00"
    assert [each["id"] for each in (await minter.do("GET", "/api/keys"))["data"]] == [made["id"]]
    for method, body in (("GET", None), ("PATCH", {"name": "mine"}), ("DELETE", None)):
        refused(await other.ask(method, path, body), 404, "not_found", "id")
    assert (await holder(owner, made).ask("GET", "/v1/models")).status_code == 200
    assert (await minter.do("DELETE", path))["state"] == "revoked"
    assert len((await owner.do("GET", "/api/keys"))["data"]) == 3


async def test_a_key_gives_none_more_than_it_has(owner: Person) -> None:
    minter = holder(owner, await key_of(owner, scopes=["inference", "keys"], models=["echo", "gpt-*"], rpm=10))
    for terms, param in (
        ({"scopes": ["keys"]}, "scopes"),
        ({"scopes": ["billing"]}, "scopes"),
        ({"models": ["claude"]}, "models"),
        ({"models": None}, "models"),
        ({"rpm": 11}, "rpm"),
        ({"rpm": None}, "rpm"),
    ):
        refused(await minter.ask("POST", "/api/keys", {"name": "x", **terms}), 403, "forbidden", param)
    made = await minter.do("POST", "/api/keys", {"name": "x", "models": ["echo", "gpt-4o"]})
    assert (made["models"], made["rpm"]) == (["echo", "gpt-4o"], 10)
    refused(await minter.ask("PATCH", f"/api/keys/{made['id']}", {"rpm": 11}), 403, "forbidden", "rpm")


async def test_a_key_is_told_what_the_keys_that_it_makes_cannot_belong_to(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    adam = await join(owner, sqlite_store, org, "adam", "admin")
    own, other = [(await owner.do("POST", f"/api/orgs/{org}/projects", {"name": n}))["id"] for n in ("own", "other")]
    minter = holder(owner, await key_of(owner.at(org), scopes=["inference", "keys"], project=own))
    for name, value in (("project", other), ("project", None), ("member", adam.uid)):
        refused(await minter.ask("POST", "/api/keys", {"name": "x", name: value}), 403, "forbidden", name)
    for name in ("project", "member", "service_account"):
        refused(await minter.ask("POST", "/api/keys", {"name": "x", name: "nothing"}), 400, "unknown_value", name)
    for terms in ({}, {"project": own}, {"member": owner.uid, "service_account": None}):
        made = await minter.do("POST", "/api/keys", {"name": "x", **terms})
        assert (made["project"], made["member"]) == (own, owner.uid)


async def test_a_members_key_may_do_no_more_than_the_member_may_now(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    adam = await join(owner, sqlite_store, org, "adam", "admin")
    key = holder(owner, await key_of(adam, scopes=["billing", "usage"]))
    assert (await key.ask("GET", "/api/wallet/transactions")).status_code == 200
    await owner.do("PATCH", f"/api/orgs/{org}/members/{adam.uid}", {"role": "member"})
    refused(await key.ask("GET", "/api/wallet/transactions"), 403, "forbidden")
    assert (await key.ask("GET", "/api/usage/stats")).status_code == 200  # of their own, as they may themselves
    refused(await key.ask("GET", f"/api/usage/logs?member={owner.uid}"), 403, "forbidden", "member")
    await owner.do("DELETE", f"/api/orgs/{org}/members/{adam.uid}")
    refused(await key.ask("GET", "/api/usage/stats"), 401, "invalid_api_key")


async def test_a_service_accounts_keys_outlive_people_and_end_with_it(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    adam = await join(owner, sqlite_store, org, "adam", "admin")
    account = await adam.do("POST", f"/api/orgs/{org}/service-accounts", {"name": "ci"})
    project = await adam.do("POST", f"/api/orgs/{org}/projects", {"name": "site", "monthly_budget_usd": "3"})
    key = await key_of(adam, service_account=account["id"], project=project["id"])
    assert (key["member"], key["service_account"], key["project"]) == (None, account["id"], project["id"])
    refused(await adam.ask("POST", "/api/keys", {"name": "x", "project": "prj_no"}), 400, "unknown_value", "project")
    await owner.do("DELETE", f"/api/orgs/{org}/members/{adam.uid}")
    assert (await holder(owner, key).ask("GET", "/v1/models")).status_code == 200
    await owner.do("DELETE", f"/api/orgs/{org}/service-accounts/{account['id']}")
    assert (await owner.at(org).do("GET", f"/api/keys/{key['id']}"))["state"] == "revoked"
    refused(await owner.ask("DELETE", f"/api/orgs/{org}/service-accounts/{account['id']}"), 404, "not_found", "id")


ASKED = {"model": "echo", "max_tokens": 20}
CHAT = {**ASKED, "messages": [{"role": "user", "content": "hello"}]}
CALLS = (
    ("/v1/chat/completions", CHAT),
    ("/v1/messages", CHAT),
    ("/v1/responses", {"model": "echo", "max_output_tokens": 20, "input": "hello"}),
    ("/v1/completions", {**ASKED, "prompt": "hello"}),
)
STREAMS = (
    ("/v1/chat/completions", {**CHAT, "stream": True, "stream_options": {"include_usage": True}}),
    ("/v1/messages", {**CHAT, "stream": True}),
    ("/v1/responses", {"model": "echo", "input": "hello", "stream": True}),
)


async def test_a_key_that_a_key_made_is_told_what_is_left_of_its_own_and_nothing_of_the_wallet(owner: Person) -> None:
    minter = holder(owner, await key_of(owner, scopes=["inference", "keys"]))
    capped = holder(owner, await minter.do("POST", "/api/keys", {"name": "a", "monthly_budget_usd": "0.50"}))
    uncapped = holder(owner, await minter.do("POST", "/api/keys", {"name": "b"}))
    left = Decimal("0.50")
    for path, asked in CALLS:
        answer = await capped.ask("POST", path, asked)
        assert answer.status_code == 200, answer.text
        left -= Decimal(answer.headers["x-farebox-cost-usd"])
        assert Decimal(answer.headers["x-farebox-balance-usd"]) == left, path
        assert "x-farebox-balance-usd" not in (await uncapped.ask("POST", path, asked)).headers
        assert Decimal((await minter.ask("POST", path, asked)).headers["x-farebox-balance-usd"]) > left
    for path, asked in STREAMS:
        told = (await capped.ask("POST", path, asked)).text
        charge = json.loads(re.findall(r'"farebox":\s*({[^}]*})', told)[-1])
        left -= Decimal(charge["cost_usd"])
        assert Decimal(charge["balance_usd"]) == left, path
        assert "balance_usd" not in (await uncapped.ask("POST", path, asked)).text
    credit, key = [(await capped.do("GET", path))["data"] for path in ("/v1/credits", "/v1/key")]
    assert Decimal(str(key["limit_remaining"])) == left
    assert Decimal(str(credit["total_credits"])) - Decimal(str(credit["total_usage"])) == left
    assert (await uncapped.do("GET", "/v1/credits"))["data"]["total_credits"] is None
    assert (await uncapped.do("GET", "/v1/key"))["data"]["limit_remaining"] is None


@pytest.mark.parametrize("balance", ["0", "0.000001"])
async def test_a_refusal_tells_a_key_that_a_key_made_nothing_of_the_wallet(
    owner: Person, sqlite_store: Store, balance: str
) -> None:
    minter = holder(owner, await key_of(owner, scopes=["inference", "keys"]))
    made = holder(owner, await minter.do("POST", "/api/keys", {"name": "a", "monthly_budget_usd": "5"}))
    had = (await owner.do("GET", "/api/wallet"))["balance_usd"]
    taken = parse_usd(had) - parse_usd(balance)
    await post(sqlite_store, owner.uid, START, Posting("taken", "adjustment", -taken, "Taken"))
    for path, asked in CALLS:
        refusal = await made.ask("POST", path, asked)
        assert refusal.status_code == 402
        assert "Ask whoever gave you this API key." in refusal.text
        assert not re.search(r"your balance|top up|wallet", refusal.text, re.IGNORECASE)
        assert (balance == "0") or balance not in refusal.text
    assert "Top up your wallet" in (await minter.ask("POST", *CALLS[0])).text
