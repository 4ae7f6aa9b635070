"""OpenID Connect: discovery, a code with PKCE, and an ID token whose signature, audience, time and nonce are checked.

https://openid.net/specs/openid-connect-core-1_0.html, https://openid.net/specs/openid-connect-discovery-1_0.html
"""

import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from functions.farebox.accounts.sign_in_providers import ProviderSettings
from functions.farebox.identity.providers.oauth import authorization_url, exchange, failed, get_json
from functions.farebox.identity.providers.provider import ProvedIdentity, SignInAttempt, not_proved

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")  # none that a shared secret signs with
BASIC = "client_secret_basic"  # what a provider takes that says nothing
LEEWAY_S = 60
KNOWN_FOR_S = 600.0


class OpenIdProvider:
    """A provider by its issuer's address. `clock` is in monotonic seconds."""

    def __init__(self, settings: ProviderSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._found: Mapping[str, Any] | None = None
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._read_s = 0.0

    async def begin(self, attempt: SignInAttempt) -> str:
        """See `SignInProvider`."""
        found = await self._discover()
        return authorization_url(self._settings, found["authorization_endpoint"], attempt, nonce=attempt.nonce)

    async def finish(self, attempt: SignInAttempt, code: str) -> ProvedIdentity:
        """See `SignInProvider`."""
        found = await self._discover()
        methods = found.get("token_endpoint_auth_methods_supported", [BASIC])
        in_body = BASIC not in methods
        told = await exchange(self._settings, found["token_endpoint"], attempt, code, secret_in_body=in_body)
        claims = await self._read_id_token(str(told.get("id_token", "")), attempt)
        email = claims.get("email")
        return ProvedIdentity(
            issuer=self._settings.issuer,
            subject=str(claims["sub"]),
            email=email if isinstance(email, str) else None,
            email_verified=claims.get("email_verified") in (True, "true"),
            full_name=claims.get("name") if isinstance(claims.get("name"), str) else None,
        )

    async def _read_id_token(self, token: str, attempt: SignInAttempt) -> dict[str, Any]:
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise not_proved()
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._settings.client_id,
                issuer=self._settings.issuer,
                leeway=LEEWAY_S,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise not_proved() from error
        is_ours = claims.get("azp", self._settings.client_id) == self._settings.client_id
        if not is_ours or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), attempt.nonce.encode()):
            raise not_proved()
        return claims

    async def _discover(self) -> Mapping[str, Any]:
        if self._found is None or self._clock() - self._read_s > KNOWN_FOR_S:
            base = self._settings.issuer.rstrip("/")
            found = await get_json(self._settings, f"{base}/.well-known/openid-configuration")
            if not isinstance(found, dict) or found.get("issuer") != self._settings.issuer:
                raise failed(self._settings, "it names another issuer")
            if not all(isinstance(found.get(name), str) for name in _ENDPOINTS):
                raise failed(self._settings, "it names no endpoints")
            self._found, self._read_s, self._keys = found, self._clock(), {}
        return self._found

    async def _key(self, kid: str | None) -> jwt.PyJWK | None:
        """The provider's key of this name; they are read again where it is new, since providers change them."""
        if kid not in self._keys:
            told = await get_json(self._settings, (await self._discover())["jwks_uri"])
            try:
                self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(told).keys}
            except (jwt.PyJWTError, AttributeError, TypeError) as error:
                raise failed(self._settings, "its keys cannot be read") from error
        return self._keys.get(kid)


_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
