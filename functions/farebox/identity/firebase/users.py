"""A client of Firebase's users, through `firebase-admin` and the rights of this function's service account.

The library blocks, on a certificate miss even where it mostly computes, so each call runs in a thread.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import firebase_admin
from firebase_admin import auth, credentials, exceptions
from google.auth.exceptions import GoogleAuthError

from functions.farebox.errors import FareboxError, Unauthenticated
from functions.farebox.identity import OutsideIdentity
from functions.farebox.identity.firebase.errors import refusal, unavailable

T = TypeVar("T")

TIMEOUT_S = 10.0
SKEW_S = 10  # how far ahead of ours the clock may be that dates tokens

ADMIN_CLAIM = "admin"
PASSWORD = "password"  # the one way in that is no identity elsewhere
# https://firebase.google.com/docs/auth/admin/manage-users: ids of providers. A phone is one of them.
NAMES = {
    "apple.com": "Apple",
    "facebook.com": "Facebook",
    "github.com": "GitHub",
    "google.com": "Google",
    "linkedin.com": "LinkedIn",
    "microsoft.com": "Microsoft",
    "phone": "Phone",
    "twitter.com": "X",
    "yahoo.com": "Yahoo",
}


@dataclass(frozen=True, slots=True)
class FirebaseUser:
    """What Firebase knows of somebody. Sessions that began before `valid_from_s` (Unix time) count no longer."""

    uid: str
    email: str | None
    email_verified: bool
    full_name: str | None
    disabled: bool
    valid_from_s: float
    has_admin_claim: bool
    has_password: bool = False
    outside: tuple[OutsideIdentity, ...] = ()


class FirebaseUsers:
    """The users of one project. Where Firebase does not answer, `IdentityUnavailable`."""

    def __init__(self, project: str) -> None:
        self._project = project

    async def read_token(self, token: str) -> tuple[str, float]:
        """Whose ID token this is, and when its session began (Unix time). Says nothing of what happened since.

        Raises `Unauthenticated` with `invalid_token`.
        """
        try:
            claims = await self._ask(lambda: self._client.verify_id_token(token, clock_skew_seconds=SKEW_S))
        except auth.ExpiredIdTokenError as error:
            message = "This token has expired. Sign in again, or refresh it."
            raise Unauthenticated(message, code="invalid_token") from error
        except (auth.InvalidIdTokenError, ValueError) as error:
            raise Unauthenticated("This token is not valid. Sign in again.", code="invalid_token") from error
        return str(claims["uid"]), float(claims.get("auth_time", claims["iat"]))

    async def find(self, uid: str) -> FirebaseUser | None:
        """Somebody by id."""
        try:
            return _user(await self._ask(lambda: self._client.get_user(uid)))
        except auth.UserNotFoundError:
            return None

    async def find_by_email(self, email: str) -> FirebaseUser | None:
        """Somebody by address."""
        try:
            return _user(await self._ask(lambda: self._client.get_user_by_email(email)))
        except auth.UserNotFoundError:
            return None

    async def create(self, uid: str, email: str, password: str | None, full_name: str | None) -> bool:
        """Make a user; answers whether it was made, which it is not where the id or the address is taken.

        Raises `InvalidRequest` for a password that Firebase finds too weak. Calls with the project's own rights are not
        held to the few sign-ups an hour that one network address may make.
        """
        details = {"uid": uid, "email": email, "password": password, "display_name": full_name}
        wanted = {name: value for name, value in details.items() if value is not None}
        try:
            await self._ask(lambda: self._client.create_user(**wanted))
        except (auth.EmailAlreadyExistsError, auth.UidAlreadyExistsError):
            return False
        return True

    async def set_password(self, uid: str, password: str) -> None:
        """Set a new password. Firebase ends every session."""
        await self._ask(lambda: self._client.update_user(uid, password=password))

    async def unlink(self, uid: str, provider: str) -> None:
        """Have an identity at a provider be linked with somebody no more."""
        await self._ask(lambda: self._client.update_user(uid, providers_to_delete=[provider]))

    async def make_admin(self, uid: str, password: str) -> None:
        """Give somebody a new password, a verified address and the claim of administrators, and end every session."""
        await self._ask(lambda: self._client.update_user(uid, password=password, email_verified=True))
        await self._ask(lambda: self._client.set_custom_user_claims(uid, {ADMIN_CLAIM: True}))
        await self._ask(lambda: self._client.revoke_refresh_tokens(uid))

    async def unmake_admin(self, uid: str) -> None:
        """Take the claim away."""
        await self._ask(lambda: self._client.set_custom_user_claims(uid, None))

    async def delete(self, uid: str) -> None:
        """Remove somebody, there or not."""
        with suppress(auth.UserNotFoundError):
            await self._ask(lambda: self._client.delete_user(uid))

    @cached_property
    def _client(self) -> Any:
        """Made in a thread: finding the credentials may ask the metadata server."""
        options = {"projectId": self._project, "httpTimeout": TIMEOUT_S}
        return auth.Client(firebase_admin.App("farebox", credentials.ApplicationDefault(), options))

    async def _ask(self, call: Callable[[], T]) -> T:
        """Firebase's answer, in `TIMEOUT_S` seconds: the library's own bound holds for each of its attempts."""
        try:
            return await asyncio.wait_for(asyncio.to_thread(call), TIMEOUT_S)
        except TimeoutError as error:
            raise unavailable(f"no answer within {TIMEOUT_S:.0f} s") from error
        except auth.CertificateFetchError as error:
            raise unavailable("its certificates cannot be had") from error
        except (auth.InvalidIdTokenError, auth.UserNotFoundError):
            raise
        except (auth.EmailAlreadyExistsError, auth.UidAlreadyExistsError):
            raise
        except exceptions.FirebaseError as error:
            raise _refusal_of(error) from error
        except GoogleAuthError as error:
            raise unavailable(f"no credentials: {type(error).__name__}") from error


def _refusal_of(error: Any) -> FareboxError:
    """What an answer says that the library has no class for: it keeps the answer."""
    answer = error.http_response
    try:
        message = str(answer.json()["error"]["message"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return unavailable(str(error.code))
    reason, _, detail = message.partition(":")
    return refusal(reason.strip(), detail.strip())


def _user(record: Any) -> FirebaseUser:
    return FirebaseUser(
        uid=record.uid,
        email=record.email,
        email_verified=bool(record.email_verified),
        full_name=record.display_name,
        disabled=bool(record.disabled),
        valid_from_s=(record.tokens_valid_after_timestamp or 0) / 1000,
        has_admin_claim=(record.custom_claims or {}).get(ADMIN_CLAIM) is True,
        has_password=any(each.provider_id == PASSWORD for each in record.provider_data),
        outside=tuple(
            OutsideIdentity(each.provider_id, each.uid, NAMES.get(each.provider_id, each.provider_id), each.email)
            for each in record.provider_data
            if each.provider_id != PASSWORD
        ),
    )
