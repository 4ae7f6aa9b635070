"""Who gets in where: every call of the OpenAPI document, tried as everybody. A call without a rule here fails."""

from collections.abc import Mapping
from typing import Any

import httpx

from functions.farebox.identity.factors.enrolment import Enrolment, factors_path
from functions.farebox.identity.local.credentials import credentials_path
from functions.farebox.storage import Create, Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of
from tests.support.clients.management import AS_ADMIN, DOORS, done, register
from tests.support.product.app import api_document, surface_over
from tests.support.product.runtime import Clock, runtime_over

Refusal = tuple[int, str] | None  # `None`: past the door, whatever comes then
Rule = Mapping[str, Refusal]

NO_TOKEN, SUSPENDED = (401, "invalid_token"), (403, "account_suspended")
STALE, NO_ADMIN, NO_KEY, HIDDEN = (
    (403, "second_factor_required"),
    (403, "forbidden"),
    (401, "invalid_api_key"),
    (404, "not_found"),
)

# Nobody; somebody else; whose it is; they, in a session that has ended; who is suspended; an administrator who has not
# shown their second factor for a while.
PEOPLE = ("nobody", "a stranger", "the owner", "an ended session", "a suspended one", "a stale admin")


def rule(*refusals: Refusal) -> Rule:
    return dict(zip(PEOPLE, refusals, strict=True))


PUBLIC = rule(None, None, None, None, None, None)
SIGNED_IN = rule(NO_TOKEN, None, None, NO_TOKEN, None, None)
CONFIRMED_LOOK = rule(NO_TOKEN, None, None, NO_TOKEN, None, STALE)
ACTIVE = rule(NO_TOKEN, None, None, NO_TOKEN, SUSPENDED, None)
CONFIRMED = rule(NO_TOKEN, None, None, NO_TOKEN, SUSPENDED, STALE)
OWN = rule(NO_TOKEN, HIDDEN, None, NO_TOKEN, HIDDEN, HIDDEN)
OWN_ACTIVE = rule(NO_TOKEN, HIDDEN, None, NO_TOKEN, SUSPENDED, HIDDEN)
ERASING = rule(NO_TOKEN, None, None, NO_TOKEN, SUSPENDED, STALE)
FORGED = rule(*[NO_TOKEN] * 6)  # a mail's token that nobody was sent
ADMIN_LOOK = rule(NO_TOKEN, NO_ADMIN, NO_ADMIN, NO_TOKEN, NO_ADMIN, None)
ADMIN = rule(NO_TOKEN, NO_ADMIN, NO_ADMIN, NO_TOKEN, NO_ADMIN, STALE)
KEY = rule(*[NO_KEY] * 6)
JOB = rule(*[NO_TOKEN] * 6)

RULES: dict[str, Rule] = {
    "GET /api/auth/options": PUBLIC,
    "POST /api/auth/register": PUBLIC,
    "POST /api/auth/login": PUBLIC,
    "POST /api/auth/refresh": PUBLIC,
    "POST /api/auth/password-reset": PUBLIC,
    "POST /api/auth/password-reset/confirm": PUBLIC,
    "POST /api/auth/providers/{id}/begin": PUBLIC,
    "POST /api/auth/providers/{id}/finish": PUBLIC,
    "POST /api/auth/verify-email/confirm": FORGED,
    "POST /api/auth/email/confirm": FORGED,
    "POST /api/auth/second-factor/challenge": SIGNED_IN,
    "POST /api/auth/verify-email": SIGNED_IN,
    "POST /api/auth/logout": SIGNED_IN,
    "GET /api/auth/sessions": SIGNED_IN,
    "DELETE /api/auth/sessions": SIGNED_IN,
    "DELETE /api/auth/sessions/{id}": OWN,
    "GET /api/auth/identities": SIGNED_IN,
    "DELETE /api/auth/identities/{id}": CONFIRMED,
    "GET /api/auth/me": SIGNED_IN,
    "PATCH /api/auth/me": SIGNED_IN,
    "DELETE /api/auth/me": ERASING,
    "GET /api/auth/export": CONFIRMED_LOOK,
    "POST /api/auth/password": CONFIRMED,
    "POST /api/auth/email": CONFIRMED,
    "GET /api/auth/second-factor": SIGNED_IN,
    "POST /api/auth/second-factor": SIGNED_IN,
    "POST /api/auth/second-factor/totp": CONFIRMED,
    "DELETE /api/auth/second-factor/totp": CONFIRMED,
    "POST /api/auth/second-factor/totp/confirm": CONFIRMED,
    "POST /api/auth/second-factor/passkeys/options": CONFIRMED,
    "POST /api/auth/second-factor/passkeys": CONFIRMED,
    "DELETE /api/auth/second-factor/passkeys/{id}": CONFIRMED,
    "POST /api/auth/second-factor/recovery-codes": CONFIRMED,
    "POST /api/keys": ACTIVE,
    "GET /api/keys": ACTIVE,
    "GET /api/keys/export": ACTIVE,
    "GET /api/keys/{id}": OWN_ACTIVE,
    "PATCH /api/keys/{id}": OWN_ACTIVE,
    "DELETE /api/keys/{id}": OWN_ACTIVE,
    "POST /api/keys/{id}/rotate": OWN_ACTIVE,
    "GET /api/models": ACTIVE,
    "GET /api/models/measures": ACTIVE,
    "GET /api/wallet": SIGNED_IN,
    "GET /api/wallet/transactions": SIGNED_IN,
    "GET /api/wallet/transactions/export": SIGNED_IN,
    "GET /api/wallet/packages": SIGNED_IN,
    "GET /api/wallet/payments": SIGNED_IN,
    "GET /api/wallet/payments/export": SIGNED_IN,
    "GET /api/wallet/alerts": SIGNED_IN,
    "GET /api/wallet/alerts/log": SIGNED_IN,
    "GET /api/wallet/alerts/log/export": SIGNED_IN,
    "PUT /api/wallet/alerts": ACTIVE,
    "POST /api/wallet/portal": CONFIRMED_LOOK,
    "POST /api/wallet/checkout": CONFIRMED,
    "POST /api/wallet/subscribe": CONFIRMED,
    "POST /api/wallet/subscribe/quote": CONFIRMED,
    "DELETE /api/wallet/subscribe": CONFIRMED_LOOK,
    "POST /api/wallet/redeem": CONFIRMED,
    "PUT /api/wallet/auto-recharge": CONFIRMED,
    "GET /api/usage/stats": SIGNED_IN,
    "GET /api/usage/export": SIGNED_IN,
    "GET /api/usage/logs": SIGNED_IN,
    "GET /api/usage/receipts/{request_id}": OWN,
    "GET /api/orgs": SIGNED_IN,
    "POST /api/orgs": ACTIVE,
    "POST /api/invitations/accept": ACTIVE,
    "POST /api/stripe/webhook": PUBLIC,  # its signature is its door: tests/payments
}
BY_BEGINNING: dict[str, Rule] = {
    "/v1/": KEY,
    "/api/orgs/": OWN,  # of one's own; as each role of another: tests/edge/organisations/test_every_route.py
    "/jobs/": JOB,
    "/api/check-budget": KEY,
    "/api/log-usage": KEY,
    "/api/authorize": KEY,
    "/api/capture": KEY,
    "/api/void": KEY,
}
# After these, whoever called is nobody any more: each is tried by people of its own.
ENDS_ITSELF = ("POST /api/auth/logout", "DELETE /api/auth/me")
# What a client sends that has a body to send: no call takes it, so that behind the door nothing happens.
NONSENSE = {"no_such_field": True}
# Where the door is behind the body.
BODIES: dict[str, Any] = {
    "POST /api/auth/verify-email/confirm": {"token": "forged"},
    "POST /api/auth/email/confirm": {"token": "forged"},
    "POST /api/auth/second-factor/challenge": {},
}
CHANGES = ("PATCH", "PUT")


def rule_of(call: str) -> Rule | None:
    method, path = call.split()
    if path.startswith("/api/admin/"):
        return ADMIN_LOOK if method == "GET" else ADMIN
    by_beginning = (each for beginning, each in BY_BEGINNING.items() if path.startswith(beginning))
    return RULES.get(call) or next(by_beginning, None)


def calls_of(runtime: Runtime) -> dict[str, Any]:
    document = api_document(runtime)
    return {
        f"{method.upper()} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


class World:
    """One server, and everybody who calls it."""

    def __init__(self, runtime: Runtime, client: httpx.AsyncClient, clock: Clock) -> None:
        self.runtime = runtime
        self.client = client
        self.clock = clock
        self.tokens: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self._made = 0

    async def somebody(self, who: str) -> str:
        """The token of a new account, as one of `PEOPLE`."""
        self._made += 1
        uid, token = await register(self.client, f"person{self._made}@example.com")
        headers = {"authorization": f"Bearer {token}"}
        if who == "an ended session":
            await done(self.client.post("/api/auth/logout", headers=headers))
        if who == "a suspended one":
            body = {"status": "suspended"}
            await done(self.client.patch(f"/api/admin/users/{uid}", json=body, headers=AS_ADMIN))
        if who == "a stale admin":
            proved = {"email_verified": True, "verified_at": self.runtime.now(), "admin_at": self.runtime.now()}
            store = await self.runtime.store()
            await store.write(Update(credentials_path(uid), proved))
            await store.write(Create(factors_path(uid), Enrolment(totp="sealed").to_data()))
        return token

    async def settle(self) -> None:
        """Make everybody, and what the owner has."""
        self.tokens = {who: await self.somebody(who) for who in PEOPLE[1:]}
        owner = {"authorization": f"Bearer {self.tokens['the owner']}"}
        key = await done(self.client.post("/api/keys", json={"name": "hers"}, headers=owner))
        asked = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
        as_key = {"authorization": f"Bearer {key['key']}"}
        answer = await self.client.post("/v1/chat/completions", json=asked, headers=as_key)
        me = await done(self.client.get("/api/auth/me", headers=owner))
        await done(self.client.post("/api/auth/login", json={"email": me["email"], "password": "a long password"}))
        sessions = (await done(self.client.get("/api/auth/sessions", headers=owner)))["data"]
        session = next(each for each in sessions if not each["is_current"])
        receipt = answer.headers["x-farebox-receipt"].rpartition("/")[2]
        self.values = {"key": key["id"], "session": session["id"], "request_id": receipt, "org": me["id"]}

    def address(self, path: str) -> str:
        """A path whose parameters name what is the owner's."""
        kind = "session" if path.startswith("/api/auth/sessions") else "key"
        values = {"{id}": self.values[kind], "{request_id}": self.values["request_id"], "{org}": self.values["org"]}
        for name, value in values.items():
            path = path.replace(name, value)
        return (
            path.replace("{uid}", "nobody")
            .replace("{name}", "sweep-leases")
            .replace("{model}", "echo")
            .replace("{code}", "LAUNCH")
        )

    async def try_call(self, call: str, operation: Any, who: str, refusal: Refusal) -> str | None:
        """What is wrong with how a call answers somebody."""
        method, path = call.split()
        headers = {}
        if who != "nobody":
            token = self.tokens[who]
            if call in ENDS_ITSELF and refusal is None:
                token = await self.somebody(who)
            headers["authorization"] = f"Bearer {token}"
        body = BODIES.get(call, NONSENSE if "requestBody" in operation and refusal != HIDDEN else None)
        if refusal == HIDDEN and method in CHANGES:
            body = {}
        answer = await self.client.request(method, self.address(path), json=body, headers=headers)
        told = _code(answer)
        if refusal is None:
            is_in = answer.status_code not in (401, 403, 500) and (answer.status_code, told) != HIDDEN
            return None if is_in or told in PAST_THE_DOOR else f"{call} as {who}: {answer.status_code} {told}"
        matches = (answer.status_code, told) == refusal or (refusal == NO_KEY and answer.status_code == 401)
        return None if matches else f"{call} as {who}: {answer.status_code} {told}, not {refusal}"


# Refusals for another reason than who calls.
PAST_THE_DOOR = ("not_found", "model_not_found", "no_passkey", "invalid_body", "unknown_field")


def _code(answer: httpx.Response) -> str | None:
    try:
        error = answer.json()["error"]
        return str(error["code"] if "code" in error else error["type"])
    except (ValueError, KeyError, TypeError):
        return None


async def test_every_call_lets_in_whom_it_should_and_nobody_else(
    sqlite_store: Store, sqlite_url: str, clock: Clock
) -> None:
    runtime = runtime_over(sqlite_store, sqlite_url, clock, **DOORS)
    calls = calls_of(runtime)
    assert [call for call in calls if rule_of(call) is None] == [], "say in RULES who gets in there"
    assert [call for call in RULES if call not in calls] == [], "there is no such call any more"
    faults = []
    async with client_of(surface_over(runtime)) as client:
        world = World(runtime, client, clock)
        await world.settle()
        clock.forward(minutes=16)
        for call, operation in sorted(calls.items(), key=lambda each: (each[0].startswith("DELETE"), -len(each[0]))):
            rules = rule_of(call)
            assert rules is not None
            for who, refusal in rules.items():
                if fault := await world.try_call(call, operation, who, refusal):
                    faults.append(fault)
    await runtime.close()
    assert not faults, "\n".join(faults)
