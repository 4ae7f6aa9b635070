"""Calls to the management API: as a new user, an operator, or another gateway, with the keys for it."""

from typing import Any

import httpx

ADMIN_KEY = "an admin key of the tests"
BILLING_KEY = "a billing key of the tests"
DOORS = {"ADMIN_SECRET_KEY": ADMIN_KEY, "BILLING_API_KEY": BILLING_KEY, "FAREBOX_ADMIN_EMAILS": "root@example.com"}
AS_ADMIN = {"x-admin-key": ADMIN_KEY}
AS_GATEWAY = {"x-api-key": BILLING_KEY}


async def register(client: httpx.AsyncClient, email: str = "ada@example.com") -> tuple[str, str]:
    """A new user's id and token."""
    answer = await client.post("/api/auth/register", json={"email": email, "password": "a long password"})
    assert answer.status_code == 201, answer.text
    session = answer.json()
    return session["user"]["id"], session["token"]


async def done(request: Any) -> Any:
    """The JSON of an answer that must be a success."""
    answer: httpx.Response = await request
    assert answer.is_success, answer.text
    return answer.json()
