"""OAuth 2.0 with PKCE, as both kinds of providers speak it: `authlib` writes the messages, `httpx` carries them."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from functions.farebox.accounts.sign_in_providers import ProviderSettings
from functions.farebox.identity import IdentityUnavailable
from functions.farebox.identity.providers.provider import TIMEOUT_S, SignInAttempt, not_proved

REFUSALS = (400, 401, 403)

log = logging.getLogger("farebox.identity.providers")


def authorization_url(settings: ProviderSettings, endpoint: str, attempt: SignInAttempt, **more: str) -> str:
    """The address to send the browser to (RFC 6749, section 4.1.1; RFC 7636, section 4.3)."""
    challenge = {"code_challenge": create_s256_code_challenge(attempt.verifier), "code_challenge_method": "S256"}
    return str(
        prepare_grant_uri(
            endpoint,
            settings.client_id,
            "code",
            redirect_uri=attempt.redirect_uri,
            scope=settings.scope,
            state=attempt.state,
            **challenge,
            **more,
        )
    )


async def exchange(
    settings: ProviderSettings, endpoint: str, attempt: SignInAttempt, code: str, *, secret_in_body: bool
) -> dict[str, Any]:
    """What a code is worth: the provider's tokens (RFC 6749, section 4.1.3). The client's secret goes into the body or,
    as the standard prefers, into a header. Raises `Unauthenticated`, `IdentityUnavailable`."""
    asked: dict[str, str] = {"redirect_uri": attempt.redirect_uri, "code": code, "code_verifier": attempt.verifier}
    auth = None
    if secret_in_body:
        asked |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
    else:  # section 2.3.1: encoded as a form is
        auth = httpx.BasicAuth(quote(settings.client_id, safe=""), quote(settings.client_secret, safe=""))
    headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    body = prepare_token_request("authorization_code", "", **asked)
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, auth=auth) as client:
            answer = await client.post(endpoint, content=body, headers=headers)
            told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise failed(settings, type(error).__name__) from error
    if answer.is_success and isinstance(told, dict) and isinstance(told.get("access_token"), str):
        return told
    if answer.is_success or answer.status_code in REFUSALS:  # GitHub refuses with 200
        log.info("%s takes no such code", settings.id)
        raise not_proved()
    raise failed(settings, str(answer.status_code))


async def get_json(settings: ProviderSettings, url: str, *, headers: Mapping[str, str] | None = None) -> Any:
    """What is at an address of the provider's. Raises `IdentityUnavailable`."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as client:
            answer = await client.get(url, headers=headers)
            answer.raise_for_status()
            return answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise failed(settings, type(error).__name__) from error


def failed(settings: ProviderSettings, why: str) -> IdentityUnavailable:
    """The provider did not answer as it should; `why` is for the log."""
    log.error("%s does not answer as it should: %s", settings.id, why)
    return IdentityUnavailable("The provider that you sign in with does not answer. Try again in a minute.")
