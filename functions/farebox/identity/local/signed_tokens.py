"""Signed tokens: they prove for an hour who somebody is, or that a mail reached them. JWT with HS256 (RFC 7519)."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt

from functions.farebox.errors import Unauthenticated

ISSUER = "farebox"
ALGORITHM = "HS256"
REQUIRED = ["sub", "aud", "iss", "iat", "exp"]


class SignedTokens:
    """Signs tokens for a purpose and knows them again. A token for one purpose is worthless for another.

    The `kid` names the key, so that a change of keys is told from a forgery in the logs of whoever looks.
    """

    def __init__(self, key: bytes, now: Callable[[], datetime]) -> None:
        self._key = key
        self._kid = hashlib.sha256(key).hexdigest()[:8]
        self._now = now

    def sign(self, purpose: str, subject: str, lifetime: timedelta, **claims: Any) -> str:
        """A token that says `claims` of a subject."""
        now = self._now()
        payload = {
            **claims,
            "iss": ISSUER,
            "aud": _audience(purpose),
            "sub": subject,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        return jwt.encode(payload, self._key, algorithm=ALGORITHM, headers={"kid": self._kid})

    def read(self, purpose: str, token: str) -> dict[str, Any]:
        """What a token says. `Unauthenticated` with `invalid_token` if it is forged, expired or for something else."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=_audience(purpose),
                # The library asks the system's clock; ours is checked below.
                options={"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
            expires_at = int(claims["exp"])
        except (jwt.InvalidTokenError, TypeError, ValueError) as error:
            raise Unauthenticated("This token is not valid. Sign in again.", code="invalid_token") from error
        if self._now().timestamp() >= expires_at:
            raise Unauthenticated("This token has expired. Sign in again, or refresh it.", code="invalid_token")
        return claims


def _audience(purpose: str) -> str:
    return f"{ISSUER}:{purpose}"
