"""Every call of the API, as every role and with every scope: who may make it is written here once more, apart from the
code, and tried. A call that is new in the document fails until it has its line."""

from typing import Any, cast, get_args

import httpx
import pytest

from functions.farebox.errors import Unauthenticated
from functions.farebox.identity import Identity, Person, Visitor
from functions.farebox.keys.lifecycle import owner_of
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.organisations.membership import Membership, membership_path
from functions.farebox.organisations.rights import KeyScope, Role
from functions.farebox.storage import Create, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.product.app import api_document
from tests.support.product.runtime import START

ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[KeyScope, ...] = get_args(KeyScope)

# Which roles may call it, and a key with which scope.
RULES: dict[str, tuple[str, str]] = {
    "GET /api/keys": ("owner admin member viewer", "keys"),
    "POST /api/keys": ("owner admin member", "keys"),
    "GET /api/keys/export": ("owner admin member viewer", "keys"),
    "GET /api/keys/{id}": ("owner admin member viewer", "keys"),
    "PATCH /api/keys/{id}": ("owner admin member", "keys"),
    "DELETE /api/keys/{id}": ("owner admin member", "keys"),
    "POST /api/keys/{id}/rotate": ("owner admin member", "keys"),
    "GET /api/models": ("owner admin billing member viewer", "keys"),
    "GET /api/models/measures": ("owner admin billing member viewer", "keys"),
    "GET /api/usage/stats": ("owner admin billing member viewer", "usage"),
    "GET /api/usage/logs": ("owner admin billing member viewer", "usage"),
    "GET /api/usage/export": ("owner admin billing member viewer", "usage"),
    "GET /api/usage/receipts/{request_id}": ("owner admin billing member viewer", "usage"),
    "GET /api/wallet": ("owner admin billing member viewer", "billing"),
    "GET /api/wallet/transactions": ("owner admin billing viewer", "billing"),
    "GET /api/wallet/transactions/export": ("owner admin billing viewer", "billing"),
    "GET /api/wallet/payments": ("owner admin billing viewer", "billing"),
    "GET /api/wallet/payments/export": ("owner admin billing viewer", "billing"),
    "GET /api/wallet/packages": ("owner admin billing member viewer", "billing"),
    "GET /api/wallet/alerts": ("owner admin billing viewer", "billing"),
    "GET /api/wallet/alerts/log": ("owner admin billing viewer", "billing"),
    "GET /api/wallet/alerts/log/export": ("owner admin billing viewer", "billing"),
    "PUT /api/wallet/alerts": ("owner admin billing", ""),
    "POST /api/wallet/checkout": ("owner admin billing", ""),
    "POST /api/wallet/subscribe": ("owner admin billing", ""),
    "POST /api/wallet/subscribe/quote": ("owner admin billing", ""),
    "DELETE /api/wallet/subscribe": ("owner admin billing", ""),
    "POST /api/wallet/portal": ("owner admin billing", ""),
    "PUT /api/wallet/auto-recharge": ("owner admin billing", ""),
    "POST /api/wallet/redeem": ("owner admin billing", ""),
    "GET /api/orgs/{org}": ("owner admin billing member viewer", ""),
    "PATCH /api/orgs/{org}": ("owner admin", ""),
    "DELETE /api/orgs/{org}": ("owner", ""),
    "GET /api/orgs/{org}/members": ("owner admin billing viewer", ""),
    "GET /api/orgs/{org}/members/export": ("owner admin billing viewer", ""),
    "GET /api/orgs/{org}/members/{uid}": ("owner admin billing viewer", ""),
    "PATCH /api/orgs/{org}/members/{uid}": ("owner admin", ""),
    "DELETE /api/orgs/{org}/members/{uid}": ("owner admin", ""),  # of others; anybody leaves
    "GET /api/orgs/{org}/invitations": ("owner admin", ""),
    "GET /api/orgs/{org}/invitations/export": ("owner admin", ""),
    "POST /api/orgs/{org}/invitations": ("owner admin", ""),
    "GET /api/orgs/{org}/invitations/{id}": ("owner admin", ""),
    "DELETE /api/orgs/{org}/invitations/{id}": ("owner admin", ""),
    "GET /api/orgs/{org}/projects": ("owner admin billing member viewer", ""),
    "GET /api/orgs/{org}/projects/export": ("owner admin billing member viewer", ""),
    "POST /api/orgs/{org}/projects": ("owner admin", ""),
    "GET /api/orgs/{org}/projects/{id}": ("owner admin billing member viewer", ""),
    "PATCH /api/orgs/{org}/projects/{id}": ("owner admin", ""),
    "DELETE /api/orgs/{org}/projects/{id}": ("owner admin", ""),
    "GET /api/orgs/{org}/service-accounts": ("owner admin viewer", ""),
    "GET /api/orgs/{org}/service-accounts/export": ("owner admin viewer", ""),
    "POST /api/orgs/{org}/service-accounts": ("owner admin", ""),
    "GET /api/orgs/{org}/service-accounts/{id}": ("owner admin viewer", ""),
    "DELETE /api/orgs/{org}/service-accounts/{id}": ("owner admin", ""),
    "GET /api/orgs/{org}/audit": ("owner admin", ""),
    "GET /api/orgs/{org}/audit/export": ("owner admin", ""),
}
# Of a person, whatever they belong to.
OF_A_PERSON = {"GET /api/orgs", "POST /api/orgs", "POST /api/invitations/accept"}
OF_NO_ORGANISATION = (
    "/api/auth/", "/api/admin/", "/api/stripe/", "/jobs/",
    "/api/check-budget", "/api/log-usage", "/api/authorize", "/api/capture", "/api/void",
)  # fmt: skip
DATA_PLANE = "/v1/"  # takes a key with the scope `inference`, and no session

ORG = "org_acme"


class Names:
    """An identity provider for whom a token is a person's id."""

    async def verify(self, token: str, *, live: bool = False, visitor: Visitor | None = None) -> Person:
        if token not in (*ROLES, "stranger"):
            raise Unauthenticated("nobody", code="invalid_token")
        return Person(token, f"{token}@example.com", True, is_admin=False)


@pytest.fixture
async def bearers(client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store) -> dict[str, str]:
    """What each role, a stranger, and a key with each scope show. There is credit, so that nothing is closed."""
    runtime.identity.made = cast("Identity", Names())
    accounts = await runtime.accounts()
    for uid in (*ROLES, "stranger"):
        await accounts.ensure(uid, f"{uid}@example.com")
    await accounts.ensure(ORG, "acme@example.com")
    await post(sqlite_store, ORG, START, Posting("credit", "topup", 1_000_000_000, "Credit"))
    for role in ROLES:
        await sqlite_store.write(Create(membership_path(ORG, role), Membership(ORG, role, role, None, START).to_data()))
    keys = await runtime.keys()
    shown = {who: who for who in (*ROLES, "stranger")}
    for scope in SCOPES:
        shown[f"key {scope}"] = (await keys.create(ORG, {"name": scope, "scopes": (scope,)}, owner_of(ORG)))[1]
    return shown


def calls(runtime: Runtime) -> list[str]:
    """Every call that the document has."""
    paths: dict[str, dict[str, Any]] = api_document(runtime)["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


def test_every_call_has_a_rule(runtime: Runtime) -> None:
    documented = calls(runtime)
    ruled = {call for call in documented if call.split()[1].startswith((*OF_NO_ORGANISATION, DATA_PLANE))}
    assert set(documented) - ruled == RULES.keys() | OF_A_PERSON


async def test_every_call_is_open_to_whom_its_rule_says_and_to_nobody_else(
    client: httpx.AsyncClient, bearers: dict[str, str]
) -> None:
    faults: list[str] = []
    for call, (roles, scope) in RULES.items():
        for who, bearer in bearers.items():
            allowed = who in roles.split() or who == f"key {scope}"
            found = await _try(client, call, bearer)
            expected = {"stranger": "not_found org"}.get(who, "forbidden" if who in ROLES else "scope_missing")
            if found != (None if allowed else expected):
                faults.append(f"{call} as {who}: {found or 'let in'}")
    assert not faults, "\n".join(faults)


async def test_the_data_plane_takes_keys_with_the_scope_inference_alone(
    client: httpx.AsyncClient, runtime: Runtime, bearers: dict[str, str]
) -> None:
    for call in calls(runtime):
        if call.split()[1].startswith(DATA_PLANE):
            method, path = call.replace("{model}", "echo").replace("{request_id}", "x").split()
            for scope in SCOPES:
                headers = {"authorization": f"Bearer {bearers[f'key {scope}']}"}
                answer = await client.request(method, path, headers=headers, json={} if method == "POST" else None)
                assert (answer.status_code == 403) == (scope != "inference"), (call, scope, answer.text)


async def _try(client: httpx.AsyncClient, call: str, bearer: str) -> str | None:
    """How a call is refused at the door; `None` where it is let in, whatever comes of it then: it is sent what names
    nothing, so that it changes nothing."""
    method, path = call.replace("{org}", ORG).replace("{id}", "nothing").replace("{uid}", "nobody").split()
    headers = {"authorization": f"Bearer {bearer}", "x-farebox-org": ORG}
    body = {"no": "field"} if method in ("POST", "PUT", "PATCH") else None
    answer = await client.request(method, path.replace("{request_id}", "x"), headers=headers, json=body)
    if answer.is_success:
        return None
    assert answer.status_code < 500, answer.text
    error = answer.json()["error"]
    if answer.status_code == 403:
        return str(error["code"])
    is_hidden = answer.status_code == 404 and error["param"] == "org"
    return "not_found org" if is_hidden or answer.status_code == 401 else None
