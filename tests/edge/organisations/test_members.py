"""Organisations by their API: made, joined by invitation, managed by role, left."""

import asyncio
from typing import Any

import httpx
import pyotp
import pytest

from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.organisations.rights import ROLE_RIGHTS, may_spend
from functions.farebox.storage import Store, Update
from tests.support.clients.asgi import refused
from tests.support.clients.people import Person, found, invitation_token, join, key_of, sign_up
from tests.support.product.runtime import START, Clock


@pytest.fixture
async def owner(client: httpx.AsyncClient, sqlite_store: Store) -> Person:
    return await sign_up(client, sqlite_store, "olga")


async def test_a_persons_own_organisation_is_there_with_their_id_and_all_that_is_theirs(owner: Person) -> None:
    [own] = (await owner.do("GET", "/api/orgs"))["data"]
    assert (own["id"], own["role"], own["is_personal"], own["name"]) == (owner.uid, "owner", True, owner.email)
    key = await key_of(owner)
    assert (await owner.at(owner.uid).do("GET", f"/api/keys/{key['id']}"))["id"] == key["id"]
    assert (key["member"], key["project"], key["scopes"]) == (None, None, ["inference"])


async def test_it_is_told_what_ones_role_may_do_in_each(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    max_ = await join(owner, sqlite_store, org, "max", "member")
    own, joined = (await max_.do("GET", "/api/orgs"))["data"]
    assert set(own["rights"]) == ROLE_RIGHTS["owner"]
    assert set(joined["rights"]) == ROLE_RIGHTS["member"]
    assert own["scopes"] == ["inference", "usage", "keys", "billing"]
    assert joined["scopes"] == ["inference", "keys"]


async def test_an_organisation_has_a_wallet_and_keys_of_its_own(owner: Person) -> None:
    org = await found(owner)
    assert [each["id"] for each in (await owner.do("GET", "/api/orgs"))["data"]] == [owner.uid, org]
    assert (await owner.at(org).do("GET", "/api/wallet"))["balance_usd"] == "0.00"
    assert (await owner.do("GET", "/api/wallet"))["balance_usd"] == "1.00"
    key = await key_of(owner.at(org))
    assert key["member"] == owner.uid
    refused(await owner.ask("GET", f"/api/keys/{key['id']}"), 404, "not_found", "id")
    assert [each["id"] for each in (await owner.at(org).do("GET", "/api/keys"))["data"]] == [key["id"]]


async def test_what_one_does_not_belong_to_is_not_there(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    eve = await sign_up(owner.client, sqlite_store, "eve")
    for name in (org, owner.uid, "org_nothing"):
        refused(await eve.at(name).ask("GET", "/api/wallet"), 404, "not_found", "org")
        refused(await eve.ask("GET", f"/api/orgs/{name}/members"), 404, "not_found", "org")
        refused(await eve.ask("DELETE", f"/api/orgs/{name}"), 404, "not_found", "org")


async def test_an_invitation_is_for_its_address_alone_and_works_once(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    made = await owner.do("POST", f"/api/orgs/{org}/invitations", {"email": "Max@example.com", "role": "member"})
    assert (made["email"], made["role"], made["invited_by"]) == ("max@example.com", "member", owner.uid)
    token = await invitation_token(sqlite_store, "max@example.com")
    assert token not in str(await sqlite_store.get(f"users/{org}/invitations/{made['id']}"))
    eve = await sign_up(owner.client, sqlite_store, "eve")
    refused(await eve.ask("POST", "/api/invitations/accept", {"token": token}), 404, "not_found", "token")
    body = {"email": "max@example.com", "password": "a long password"}
    session = (await owner.client.post("/api/auth/register", json=body)).json()
    unproved = Person(owner.client, session["user"]["id"], "max@example.com", session["token"])
    refused(await unproved.ask("POST", "/api/invitations/accept", {"token": token}), 403, "email_unverified")
    await sqlite_store.write(Update(f"credentials/{unproved.uid}", {"email_verified": True}))
    for wrong in (token[:-1] + ("a" if token[-1] != "a" else "b"), f"{org}.x", "nothing", f"{org}..", "a/b.c.d"):
        refused(await unproved.ask("POST", "/api/invitations/accept", {"token": wrong}), 404, "not_found", "token")
    assert (await unproved.do("POST", "/api/invitations/accept", {"token": token}))["role"] == "member"
    refused(await unproved.ask("POST", "/api/invitations/accept", {"token": token}), 404, "not_found", "token")


async def test_an_invitation_expires_and_can_be_withdrawn(owner: Person, sqlite_store: Store, clock: Clock) -> None:
    org = await found(owner)
    max_ = await sign_up(owner.client, sqlite_store, "max")
    invite = ("POST", f"/api/orgs/{org}/invitations", {"email": max_.email, "role": "viewer"})
    made = await owner.do(*invite)
    token = await invitation_token(sqlite_store, max_.email)
    assert [each["id"] for each in (await owner.do("GET", f"/api/orgs/{org}/invitations"))["data"]] == [made["id"]]
    await owner.do("DELETE", f"/api/orgs/{org}/invitations/{made['id']}")
    refused(await owner.ask("DELETE", f"/api/orgs/{org}/invitations/{made['id']}"), 404, "not_found", "id")
    refused(await max_.ask("POST", "/api/invitations/accept", {"token": token}), 404, "not_found", "token")
    nia = await sign_up(owner.client, sqlite_store, "nia")
    await owner.do("POST", f"/api/orgs/{org}/invitations", {"email": nia.email, "role": "viewer"})
    clock.forward(days=8)
    again = {"email": nia.email, "password": "a long password"}
    session = (await owner.client.post("/api/auth/login", json=again)).json()
    late = Person(owner.client, nia.uid, nia.email, session["token"])
    token = await invitation_token(sqlite_store, nia.email)
    refused(await late.ask("POST", "/api/invitations/accept", {"token": token}), 404, "not_found", "token")


async def test_the_last_owner_stays_also_when_two_leave_at_once(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    mine = f"/api/orgs/{org}/members/{owner.uid}"
    refused(await owner.ask("DELETE", mine), 409, "last_owner")
    refused(await owner.ask("PATCH", mine, {"role": "admin"}), 409, "last_owner")
    other = await join(owner, sqlite_store, org, "otto", "owner")
    left = await asyncio.gather(owner.ask("DELETE", mine), other.ask("DELETE", f"/api/orgs/{org}/members/{other.uid}"))
    assert sorted(answer.status_code for answer in left) == [204, 409]


async def test_whoever_is_erased_leaves_and_no_organisation_is_left_to_nobody(
    owner: Person, sqlite_store: Store
) -> None:
    org = await found(owner)
    other = await join(owner, sqlite_store, org, "otto", "member")
    key = await key_of(owner.at(org))
    refused(await owner.ask("DELETE", "/api/auth/me"), 409, "last_owner")
    assert (await owner.ask("GET", "/api/auth/me")).status_code == 200
    await owner.do("PATCH", f"/api/orgs/{org}/members/{other.uid}", {"role": "owner"})
    await owner.do("DELETE", "/api/auth/me")
    assert [each["id"] for each in (await other.do("GET", f"/api/orgs/{org}/members"))["data"]] == [other.uid]
    assert (await other.do("GET", f"/api/keys/{key['id']}"))["state"] == "revoked"


async def test_only_an_owner_makes_owners_and_touches_them(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    admin = await join(owner, sqlite_store, org, "adam", "admin")
    member = await join(owner, sqlite_store, org, "mia", "member")
    refused(
        await admin.ask("POST", f"/api/orgs/{org}/invitations", {"email": "x@example.com", "role": "owner"}),
        403,
        "forbidden",
    )
    for path, body in ((owner.uid, {"role": "viewer"}), (member.uid, {"role": "owner"})):
        refused(await admin.ask("PATCH", f"/api/orgs/{org}/members/{path}", body), 403, "forbidden")
    refused(await admin.ask("DELETE", f"/api/orgs/{org}/members/{owner.uid}"), 403, "forbidden")
    assert (await admin.do("PATCH", f"/api/orgs/{org}/members/{member.uid}", {"role": "billing"}))["role"] == "billing"
    refused(await member.ask("GET", "/api/keys"), 403, "forbidden")  # at once


async def test_a_removed_member_is_out_at_once_and_their_keys_are_revoked(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    mia = await join(owner, sqlite_store, org, "mia", "member")
    key = await key_of(mia)
    assert key["member"] == mia.uid
    await owner.do("DELETE", f"/api/orgs/{org}/members/{mia.uid}")
    refused(await mia.ask("GET", "/api/keys"), 404, "not_found", "org")
    assert (await owner.at(org).do("GET", f"/api/keys/{key['id']}"))["state"] == "revoked"
    refused(await owner.ask("DELETE", f"/api/orgs/{org}/members/{mia.uid}"), 404, "not_found", "uid")


@pytest.mark.parametrize("role", [role for role in ROLE_RIGHTS if not may_spend(role)])
async def test_whose_role_may_not_spend_has_no_key_that_does_nor_gets_one_back(
    owner: Person, sqlite_store: Store, role: str
) -> None:
    org = await found(owner)
    mia = await join(owner, sqlite_store, org, "mia", "member")
    keys = [await key_of(mia), await key_of(mia, scopes=["inference", "keys"])]
    look = await key_of(owner.at(org), member=mia.uid, scopes=["inference"])
    place = f"/api/orgs/{org}/members/{mia.uid}"
    assert (await owner.do("PATCH", place, {"monthly_budget_usd": "5"}))["revoked_keys"] == 0
    assert (await owner.do("PATCH", place, {"role": role}))["revoked_keys"] == 3
    states = {each["id"]: each["state"] for each in (await owner.at(org).do("GET", "/api/keys"))["data"]}
    assert states == dict.fromkeys([*(key["id"] for key in keys), look["id"]], "revoked")
    told = [line["action"] for line in (await owner.do("GET", f"/api/orgs/{org}/audit"))["data"]]
    assert (told.count("keys.revoke"), told.count("members.change")) == (3, 2)
    admin = owner.at(org)
    refused(await admin.ask("POST", "/api/keys", {"name": "x", "member": mia.uid}), 403, "forbidden", "member")
    usage = await key_of(admin, member=mia.uid, scopes=["usage"])
    await admin.do("PATCH", f"/api/keys/{usage['id']}", {"name": "figures"})
    spends = {"scopes": ["usage", "inference"]}
    refused(await admin.ask("PATCH", f"/api/keys/{usage['id']}", spends), 403, "forbidden", "member")
    await sqlite_store.write(Update(f"api_keys/{look['id']}", {"state": "live"}))  # as if that had been cut off
    assert (await admin.do("GET", f"/api/keys/{look['id']}"))["state"] == "revoked"
    assert {each["id"]: each["state"] for each in (await admin.do("GET", "/api/keys"))["data"]}[look["id"]] == "revoked"
    refused(await admin.ask("PATCH", f"/api/keys/{look['id']}", {"name": "mine"}), 409, "key_revoked")
    refused(await admin.ask("POST", f"/api/keys/{look['id']}/rotate"), 409, "key_revoked")
    assert (await owner.do("PATCH", place, {"role": "member"}))["revoked_keys"] == 1
    states = {each["id"]: each["state"] for each in (await admin.do("GET", "/api/keys"))["data"]}
    assert [key_id for key_id, state in states.items() if state == "live"] == [usage["id"]]


async def test_whoever_has_a_second_factor_shows_it_to_remove_a_member_and_need_not_to_leave(
    owner: Person, sqlite_store: Store, clock: Clock
) -> None:
    org = await found(owner)
    admin = await join(owner, sqlite_store, org, "adam", "admin")
    member = await join(owner, sqlite_store, org, "max", "member")
    totp = pyotp.TOTP((await admin.do("POST", "/api/auth/second-factor/totp"))["secret"])
    await admin.do("POST", "/api/auth/second-factor/totp/confirm", {"code": totp.at(clock())})
    clock.forward(minutes=16)
    place = f"/api/orgs/{org}/members"
    for call in (("DELETE", f"{place}/{member.uid}"), ("PATCH", f"{place}/{member.uid}", {"role": "viewer"})):
        refused(await admin.ask(*call), 403, "second_factor_required")
    await admin.do("POST", "/api/auth/second-factor", {"code": totp.at(clock())})
    await admin.do("DELETE", f"{place}/{member.uid}")
    clock.forward(minutes=16)
    await admin.do("DELETE", f"{place}/{admin.uid}")


async def test_a_member_sees_their_own_keys_and_makes_none_for_others(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    mia, noa = [await join(owner, sqlite_store, org, name, "member") for name in ("mia", "noa")]
    hers, other = await key_of(mia), await key_of(noa)
    assert [each["id"] for each in (await mia.do("GET", "/api/keys"))["data"]] == [hers["id"]]
    for method, body in (("GET", None), ("PATCH", {"name": "mine"}), ("DELETE", None)):
        refused(await mia.ask(method, f"/api/keys/{other['id']}", body), 404, "not_found", "id")
    refused(await mia.ask("POST", "/api/keys", {"name": "x", "member": noa.uid}), 403, "forbidden")
    refused(await mia.ask("POST", "/api/keys", {"name": "x", "scopes": ["billing"]}), 403, "forbidden", "scopes")
    assert len((await owner.at(org).do("GET", "/api/keys"))["data"]) == 2


async def test_an_organisation_is_closed_when_nothing_is_left_or_what_is_left_is_given_up(
    owner: Person, sqlite_store: Store
) -> None:
    refused(await owner.ask("DELETE", f"/api/orgs/{owner.uid}"), 409, "own_organisation")
    org = await found(owner)
    admin = await join(owner, sqlite_store, org, "adam", "admin")
    refused(await admin.ask("DELETE", f"/api/orgs/{org}"), 403, "forbidden")
    await owner.do("DELETE", f"/api/orgs/{org}")
    refused(await owner.ask("GET", f"/api/orgs/{org}"), 404, "not_found", "org")
    assert [each["id"] for each in (await owner.do("GET", "/api/orgs"))["data"]] == [owner.uid]


async def test_everything_that_is_done_is_in_the_trail_with_who_and_from_where(
    owner: Person, sqlite_store: Store, clock: Clock
) -> None:
    org = await found(owner)
    clock.forward(seconds=1)
    mia = await join(owner, sqlite_store, org, "mia", "member")
    clock.forward(seconds=1)
    key = await key_of(mia)
    trail = (await owner.do("GET", f"/api/orgs/{org}/audit"))["data"]
    told = [(line["action"], line["actor"]) for line in trail]
    assert told[0] == ("keys.create", mia.uid)
    assert sorted(told[1:3]) == [("invitations.accept", mia.uid), ("invitations.create", owner.uid)]
    assert told[3:] == [("org.create", owner.uid)]
    assert trail[0]["target"] == f"keys/{key['id']}"
    assert trail[0]["request_id"] and trail[0]["address"]
    assert key["key"] not in str(trail) and "hash" not in trail[0]["after"]
    await owner.at(org).do("PUT", "/api/wallet/alerts", {"low_balance_usd": "5"})
    told = (await owner.do("GET", f"/api/orgs/{org}/audit"))["data"]
    assert "alerts.change" in [line["action"] for line in told]
    exported = await owner.ask("GET", f"/api/orgs/{org}/audit/export?format=csv")
    assert exported.text.count("keys.create") == 1
    refused(await mia.ask("GET", f"/api/orgs/{org}/audit"), 403, "forbidden")


async def test_the_trail_calls_people_by_their_names_and_tells_the_address_of_nobody_who_has_left(
    owner: Person, sqlite_store: Store
) -> None:
    org = await found(owner)
    mia = await join(owner, sqlite_store, org, "mia", "member")
    await key_of(mia)

    async def named() -> list[tuple[str, str | None, str | None]]:
        trail = (await owner.do("GET", f"/api/orgs/{org}/audit"))["data"]
        return [(line["action"], line["actor_name"], line["target_name"]) for line in trail]

    assert ("keys.create", "mia@example.com", None) in await named()
    await owner.do("DELETE", f"/api/orgs/{org}/members/{mia.uid}")
    assert ("keys.create", None, None) in await named()
    assert ("members.remove", "olga@example.com", None) in await named()
    await mia.do("PATCH", "/api/auth/me", {"full_name": "Mia Wallace"})
    assert ("members.remove", "olga@example.com", "Mia Wallace") in await named()
    assert ("keys.create", "Mia Wallace", None) in await named()


async def test_usage_calls_people_by_their_names_to_whom_may_see_them_and_tells_the_address_of_nobody_who_has_left(
    owner: Person, sqlite_store: Store
) -> None:
    org = await found(owner)
    await post(sqlite_store, org, START, Posting("credit", "topup", 1_000_000_000, "Credit"))
    mia = await join(owner, sqlite_store, org, "mia", "member")
    bill = await join(owner, sqlite_store, org, "bill", "billing")
    headers = {"authorization": f"Bearer {(await key_of(mia))['key']}"}
    body = {"model": "echo", "messages": [{"role": "user", "content": "hello"}]}
    assert (await owner.client.post("/v1/chat/completions", headers=headers, json=body)).status_code == 200

    async def told(person: Person) -> list[dict[str, Any]]:
        stats: dict[str, Any] = await person.do("GET", "/api/usage/stats?days=7")
        assert [each["name"] for each in stats["by_member"]] == [mia.uid]
        people: list[dict[str, Any]] = stats["people"]
        return people

    member = {"id": mia.uid, "name": "mia@example.com", "is_member": True}
    assert await told(owner.at(org)) == await told(bill) == [member]
    assert await told(mia) == []
    reader = await key_of(owner.at(org), scopes=["usage"])
    as_key = {"authorization": f"Bearer {reader['key']}"}
    assert (await owner.client.get("/api/usage/stats?days=7", headers=as_key)).json()["people"] == []
    await owner.do("DELETE", f"/api/orgs/{org}/members/{mia.uid}")
    assert await told(bill) == [{"id": mia.uid, "name": None, "is_member": False}]
    await mia.do("PATCH", "/api/auth/me", {"full_name": "Mia@example.com"})
    assert await told(bill) == [{"id": mia.uid, "name": None, "is_member": False}]
    await mia.do("PATCH", "/api/auth/me", {"full_name": "Mia Wallace"})
    assert await told(bill) == [{"id": mia.uid, "name": "Mia Wallace", "is_member": False}]


async def test_a_suspended_organisation_tells_of_its_use_and_not_of_its_members(
    owner: Person, sqlite_store: Store
) -> None:
    org = await found(owner)
    await post(sqlite_store, org, START, Posting("credit", "topup", 1_000_000_000, "Credit"))
    mia = await join(owner, sqlite_store, org, "mia", "member")
    headers = {"authorization": f"Bearer {(await key_of(mia))['key']}"}
    body = {"model": "echo", "messages": [{"role": "user", "content": "hello"}]}
    assert (await owner.client.post("/v1/chat/completions", headers=headers, json=body)).status_code == 200
    await sqlite_store.write(Update(f"users/{org}", {"status": "suspended"}))
    stats = await owner.at(org).do("GET", "/api/usage/stats?days=7")
    assert ([each["name"] for each in stats["by_member"]], stats["people"]) == ([mia.uid], [])
    refused(await owner.ask("GET", f"/api/orgs/{org}/members"), 403, "account_suspended")
    refused(await owner.ask("GET", f"/api/orgs/{org}/members/{mia.uid}"), 403, "account_suspended")
    assert (await owner.ask("GET", f"/api/orgs/{org}/members/{owner.uid}")).status_code == 200


async def test_a_mail_that_invites_is_sent_so_often_and_no_more(owner: Person, client: httpx.AsyncClient) -> None:
    org = await found(owner)
    answers = [
        await owner.ask("POST", f"/api/orgs/{org}/invitations", {"email": "max@example.com", "role": "viewer"})
        for _ in range(6)
    ]
    assert [answer.status_code for answer in answers] == [201] * 5 + [429]


async def test_what_others_send_to_an_address_keeps_nobody_from_inviting_it(owner: Person, sqlite_store: Store) -> None:
    invitation = {"email": "max@example.com", "role": "viewer"}
    eve = await sign_up(owner.client, sqlite_store, "eve")
    for n, status in enumerate([201] * 5 + [429]):  # however many organisations one makes
        org = await found(eve, f"Spam {n}")
        assert (await eve.ask("POST", f"/api/orgs/{org}/invitations", invitation)).status_code == status
    await owner.do("POST", f"/api/orgs/{await found(owner)}/invitations", invitation)


@pytest.mark.parametrize("role", ["gone", "member"])
async def test_an_invitation_is_void_once_its_inviter_may_not_invite(
    owner: Person, sqlite_store: Store, role: str
) -> None:
    org = await found(owner)
    admin = await join(owner, sqlite_store, org, "adam", "admin")
    second = await sign_up(owner.client, sqlite_store, "second")
    await admin.do("POST", f"/api/orgs/{org}/invitations", {"email": second.email, "role": "admin"})
    place = f"/api/orgs/{org}/members/{admin.uid}"
    await (owner.do("DELETE", place) if role == "gone" else owner.do("PATCH", place, {"role": role}))
    accept = ("POST", "/api/invitations/accept", {"token": await invitation_token(sqlite_store, second.email)})
    refused(await second.ask(*accept), 404, "not_found", "token")
    if role != "gone":
        await owner.do("PATCH", place, {"role": "admin"})
        await second.do(*accept)


async def test_an_owner_is_invited_by_an_owner_alone_also_when_it_is_accepted(
    owner: Person, sqlite_store: Store
) -> None:
    org = await found(owner)
    other = await join(owner, sqlite_store, org, "otto", "owner")
    third = await sign_up(owner.client, sqlite_store, "third")
    await other.do("POST", f"/api/orgs/{org}/invitations", {"email": third.email, "role": "owner"})
    await owner.do("PATCH", f"/api/orgs/{org}/members/{other.uid}", {"role": "admin"})
    token = await invitation_token(sqlite_store, third.email)
    refused(await third.ask("POST", "/api/invitations/accept", {"token": token}), 404, "not_found", "token")


async def test_two_owners_who_are_erased_at_once_leave_one_of_them(owner: Person, sqlite_store: Store) -> None:
    org = await found(owner)
    other = await join(owner, sqlite_store, org, "otto", "owner")
    erased = await asyncio.gather(owner.ask("DELETE", "/api/auth/me"), other.ask("DELETE", "/api/auth/me"))
    assert sorted(each.status_code for each in erased) == [200, 409]
    stays, told = next((who, each) for who, each in zip((owner, other), erased, strict=True) if each.status_code == 409)
    refused(told, 409, "last_owner")
    assert "Make another member an owner of it, or close it" in told.json()["error"]["message"]
    assert [each["id"] for each in (await stays.do("GET", f"/api/orgs/{org}/members"))["data"]] == [stays.uid]
