"""Authentication of machines: the scheduler's OIDC token, or the admin key."""

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from functions.edge.asgi.credentials import bearer, is_machine
from functions.farebox.config import Config
from functions.farebox.errors import Unauthenticated

if TYPE_CHECKING:
    from jwt import PyJWKClient

ADMIN_KEY = "x-admin-key"
GOOGLE_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
GOOGLE_KEYS_URL = "https://www.googleapis.com/oauth2/v3/certs"
KEYS_TIMEOUT_S = 5
SIGNATURE_TAKEN_OFF = ".SIGNATURE_REMOVED_BY_GOOGLE"
CHECKED_INSTEAD = "x-serverless-authorization"


async def admit_scheduler(request: HTTPConnection, config: Config, *, keys_url: str = GOOGLE_KEYS_URL) -> None:
    """Let a job's caller in: the admin key, or an OIDC token that Google signed for the configured service account.

    Neither door opens while it is not configured. Raises `Unauthenticated`.

    Where only the scheduler may invoke the function, Cloud Run checks the token's signature, time and audience (the
    function's own address) and passes it on without the signature, so that nothing is left to check but whose it is.
    https://cloud.google.com/run/docs/authenticating/service-to-service
    What it has not checked is refused: a token that still has its signature, and one that came beside
    `X-Serverless-Authorization`, which Cloud Run looks at instead.
    """
    if await is_machine(request, ADMIN_KEY, config.admin_secret_key, config.trusted_proxies):
        return
    refused = Unauthenticated("Jobs take the scheduler's token or the X-Admin-Key header.", code="invalid_token")
    if config.scheduler_account is None or "authorization" not in request.headers:
        raise refused
    token = bearer(request, code="invalid_token")
    import jwt  # and its cryptography, which no call with the admin key needs

    try:
        if config.scheduler_check == "cloud-run":
            if not token.endswith(SIGNATURE_TAKEN_OFF) or CHECKED_INSTEAD in request.headers:
                raise refused
            claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": True, "require": ["exp"]})
        else:
            key = await asyncio.to_thread(_keys(keys_url).get_signing_key_from_jwt, token)
            claims = jwt.decode(token, key.key, algorithms=["RS256"], audience=config.public_url, leeway=30)
    except jwt.PyJWTError:
        raise refused from None
    is_scheduler = claims.get("email") == config.scheduler_account and claims.get("email_verified") is True
    if claims.get("iss") not in GOOGLE_ISSUERS or not is_scheduler:
        raise refused


@lru_cache(maxsize=4)
def _keys(url: str) -> "PyJWKClient":
    """Google's public keys, fetched on first need and kept for some minutes."""
    from jwt import PyJWKClient

    return PyJWKClient(url, timeout=KEYS_TIMEOUT_S)
