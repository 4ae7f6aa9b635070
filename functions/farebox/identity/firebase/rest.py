"""A client of Firebase's REST API, with a project's web API key: passwords, refreshing, mails.

https://firebase.google.com/docs/reference/rest/auth
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from functions.farebox.identity.firebase.errors import unavailable

TIMEOUT_S = 10.0
TOOLKIT = "identitytoolkit.googleapis.com/v1"
SECURE_TOKEN = "securetoken.googleapis.com/v1"
SECOND_FACTOR = "mfaPendingCredential"


class Refused(Exception):
    """Firebase says no, for a reason such as `EMAIL_NOT_FOUND` and, at times, in words of its own."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Tokens:
    """An ID token, which lives for `expires_in_s` seconds, and what to get the next one with."""

    id_token: str
    refresh_token: str
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What a mailed code is for: its kind, such as `VERIFY_EMAIL`, whose it is, and the address they are to have."""

    kind: str
    email: str
    new_email: str | None


class FirebaseRest:
    """The calls. Each takes `TIMEOUT_S` seconds at most.

    They raise `Refused`, and `IdentityUnavailable` where there is no answer. `emulator` is its `host:port`, in place of
    Google. The key goes in a header: addresses end up in logs.
    """

    def __init__(self, api_key: str, *, emulator: str | None = None, transport: httpx.AsyncBaseTransport | None = None):
        self._root = f"http://{emulator}/" if emulator else "https://"
        self._http = httpx.AsyncClient(
            headers={"x-goog-api-key": api_key}, timeout=TIMEOUT_S, follow_redirects=False, transport=transport
        )

    async def sign_in(self, email: str, password: str) -> Tokens | None:
        """A session for a password; `None` where the account asks for a second factor as well."""
        body = {"email": email, "password": password, "returnSecureToken": True}
        told = await self._call(f"{TOOLKIT}/accounts:signInWithPassword", json=body)
        if SECOND_FACTOR in told:
            return None
        return _tokens(told, "idToken", "refreshToken", "expiresIn")

    async def refresh(self, refresh_token: str) -> Tokens:
        """A new ID token. The refresh token may be the same one again."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        told = await self._call(f"{SECURE_TOKEN}/token", data=form)
        return _tokens(told, "id_token", "refresh_token", "expires_in")

    async def mail_verification(self, id_token: str, continue_url: str) -> None:
        """Have Firebase mail the token's owner a link that proves the address theirs; it leads on to `continue_url`."""
        await self._mail({"requestType": "VERIFY_EMAIL", "idToken": id_token, "continueUrl": continue_url})

    async def mail_reset(self, email: str, continue_url: str) -> None:
        """Have Firebase mail a link with which to choose a new password."""
        await self._mail({"requestType": "PASSWORD_RESET", "email": email, "continueUrl": continue_url})

    async def mail_email_change(self, id_token: str, new_email: str, continue_url: str) -> None:
        """Have Firebase mail a new address of the token's owner a link that proves it theirs."""
        body = {"requestType": "VERIFY_AND_CHANGE_EMAIL", "idToken": id_token, "newEmail": new_email}
        await self._mail({**body, "continueUrl": continue_url})

    async def read_code(self, code: str) -> CodeFacts:
        """What the code of a mail is for. It stays usable."""
        told = await self._call(f"{TOOLKIT}/accounts:resetPassword", json={"oobCode": code})
        return CodeFacts(str(told.get("requestType", "")), str(told.get("email", "")), told.get("newEmail"))

    async def confirm_verification(self, code: str) -> None:
        """Take the code of a verification mail as proof, or that of a new address."""
        await self._call(f"{TOOLKIT}/accounts:update", json={"oobCode": code})

    async def confirm_reset(self, code: str, password: str) -> None:
        """Set a new password with the code of a reset mail. Firebase ends every session of the account."""
        await self._call(f"{TOOLKIT}/accounts:resetPassword", json={"oobCode": code, "newPassword": password})

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def _mail(self, body: dict[str, str]) -> None:
        await self._call(f"{TOOLKIT}/accounts:sendOobCode", json=body)

    async def _call(self, path: str, **body: Any) -> dict[str, Any]:
        try:
            async with asyncio.timeout(TIMEOUT_S):  # httpx bounds each step, this all of them
                answer = await self._http.post(self._root + path, **body)
            told = answer.json()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise unavailable(f"{path}: {type(error).__name__}") from error
        if answer.is_success and isinstance(told, dict):
            return told
        raise _refused(told, path, answer.status_code)


def _refused(told: Any, path: str, status: int) -> Exception:
    """`{"error": {"message": "WEAK_PASSWORD : Password should be ..."}}`."""
    error = told.get("error") if isinstance(told, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    if status >= 500 or not isinstance(message, str):
        return unavailable(f"{path} answered {status}")
    reason, _, detail = message.partition(":")
    return Refused(reason.strip(), detail.strip())


def _tokens(told: dict[str, Any], token: str, refresh_token: str, expires_in: str) -> Tokens:
    try:
        return Tokens(str(told[token]), str(told[refresh_token]), int(told[expires_in]))
    except (KeyError, ValueError) as error:
        raise unavailable("an answer without tokens") from error
