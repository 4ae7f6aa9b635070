"""People who sign in and belong to organisations together, over the management API."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from functions.farebox.storage import Query, Store
from tests.support.clients.management import done, register


@dataclass
class Person:
    """Somebody signed in, who acts for `org` or, without one, for themselves."""

    client: httpx.AsyncClient
    uid: str
    email: str
    token: str
    org: str | None = None
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        named = {} if self.org is None else {"x-farebox-org": self.org}
        self.headers = {"authorization": f"Bearer {self.token}", **named}

    def at(self, org: str) -> "Person":
        """The same, acting for an organisation."""
        return Person(self.client, self.uid, self.email, self.token, org)

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """What a call answers."""
        return await self.client.request(method, path, headers=self.headers, json=body)

    async def do(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a call that succeeds; `None` where it has none."""
        answer = await self.ask(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


async def sign_up(client: httpx.AsyncClient, store: Store, name: str) -> Person:
    """A new person whose address is confirmed."""
    email = f"{name}@example.com"
    uid, token = await register(client, email)
    person = Person(client, uid, email, token)
    await person.do("POST", "/api/auth/verify-email")
    await person.do("POST", "/api/auth/verify-email/confirm", {"token": await mailed_token(store, email)})
    return person


async def mailed_token(store: Store, email: str) -> str:
    """The token of the latest mail to an address."""
    mails = [each.data async for each in store.scan(Query("mail")) if each.data["to"] == email]
    found = re.search(r"#token=(\S+)", max(mails, key=lambda mail: mail["created_at"])["message"]["text"])
    assert found, "the mail has a link"
    return found[1]


async def found(owner: Person, name: str = "Acme") -> str:
    """The id of a new organisation."""
    return str((await owner.do("POST", "/api/orgs", {"name": name}))["id"])


async def join(owner: Person, store: Store, org: str, name: str, role: str, **terms: Any) -> Person:
    """Somebody new who was invited by the owner, and has accepted."""
    person = await sign_up(owner.client, store, name)
    await owner.do("POST", f"/api/orgs/{org}/invitations", {"email": person.email, "role": role, **terms})
    token = await invitation_token(store, person.email)
    joined = await person.do("POST", "/api/invitations/accept", {"token": token})
    assert (joined["id"], joined["role"]) == (org, role)
    return person.at(org)


async def invitation_token(store: Store, email: str) -> str:
    """The token of the invitation to an address."""
    mails = [each async for each in store.scan(Query("mail")) if each.id.startswith("invitation-")]
    [mail] = [each.data for each in mails if each.data["to"] == email]
    found = re.search(r"/invitation#token=(\S+)", mail["message"]["text"])
    assert found, "the mail has a link"
    return found[1]


async def key_of(person: Person, **terms: Any) -> dict[str, Any]:
    """A new key of whoever a person acts for."""
    made: dict[str, Any] = await done(
        person.client.post("/api/keys", headers=person.headers, json={"name": "test", **terms})
    )
    return made
