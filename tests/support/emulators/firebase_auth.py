"""A client of Firebase's Auth emulator: its users as the project's owner and as other clients see them."""

from typing import Any
from uuid import uuid4

import httpx

from tests.support.emulators.emulator import PROJECT
from tests.support.patience import PATIENCE_S

API_KEY = "a web API key"
TOOLKIT = "/identitytoolkit.googleapis.com/v1"


class FirebaseAuth:
    """The emulator's project."""

    def __init__(self, address: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"http://{address}", headers={"x-goog-api-key": API_KEY}, timeout=PATIENCE_S
        )

    async def sign_up(self, email: str | None, password: str | None) -> tuple[str, str]:
        """What a client SDK does; answers the user's id and ID token. Without both it is anonymous."""
        body = {"email": email, "password": password} if email else {}
        told = await self._post(f"{TOOLKIT}/accounts:signUp", {**body, "returnSecureToken": True})
        return told["localId"], told["idToken"]

    async def sign_in_with_google(self, email: str) -> tuple[str, str]:
        """A sign-in with Google, whose address is verified."""
        google = f'{{"sub": "{uuid4().hex}", "email": "{email}", "email_verified": true}}'
        body = {"postBody": f"providerId=google.com&id_token={google}", "requestUri": "http://localhost"}
        told = await self._post(f"{TOOLKIT}/accounts:signInWithIdp", {**body, "returnSecureToken": True})
        return told["localId"], told["idToken"]

    async def change(self, uid: str, **fields: Any) -> None:
        """What an operator may: `disableUser`, `validSince` (which revokes), `customAttributes`, `email`."""
        await self._post(f"{TOOLKIT}/projects/{PROJECT}/accounts:update", {"localId": uid, **fields}, owner=True)

    async def delete(self, uid: str) -> None:
        """Remove a user."""
        await self._post(f"{TOOLKIT}/projects/{PROJECT}/accounts:delete", {"localId": uid}, owner=True)

    async def mailed_code(self, email: str) -> str:
        """The code in the link of the latest mail to an address."""
        answer = await self._http.get(f"/emulator/v1/projects/{PROJECT}/oobCodes")
        codes = answer.json()["oobCodes"]
        return str([code["oobCode"] for code in codes if code.get("newEmail", code["email"]) == email][-1])

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def _post(self, path: str, body: dict[str, Any], *, owner: bool = False) -> dict[str, Any]:
        answer = await self._http.post(path, json=body, headers={"authorization": "Bearer owner"} if owner else {})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told
