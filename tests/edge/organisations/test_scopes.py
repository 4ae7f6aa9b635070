"""Keys that manage: what their scopes open, and a program that makes keys for its own customers."""

import httpx
import pytest

from functions.farebox.storage import Store
from tests.support.clients.asgi import refused
from tests.support.clients.people import Person, found, join, key_of, sign_up


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
