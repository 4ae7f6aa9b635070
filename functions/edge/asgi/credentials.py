"""Reading who calls, and from where: bearer tokens, API keys, keys of machines, the client's address; and the key by
which a call of theirs is known again."""

import logging
import re

from starlette.requests import HTTPConnection

from functions.edge.asgi.light_request import LightRequest
from functions.farebox.errors import InvalidRequest, Unauthenticated
from functions.farebox.keys.api_key import PREFIX
from functions.farebox.kit.proxies import TrustedProxies
from functions.farebox.secrets.rotating import Secret

MAX_CREDENTIAL_LENGTH = 4096
INVALID_API_KEY = "invalid_api_key"
_IDEMPOTENCY_KEY = re.compile(r"[ -~]{1,255}")

log = logging.getLogger("farebox.edge.credentials")


def bearer(request: HTTPConnection | LightRequest, *, code: str) -> str:
    """What `Authorization: Bearer ...` holds. `Unauthenticated` with this code where there is nothing usable."""
    credential = _bearer(request)
    if credential is None:
        how = "Send a token from /api/auth/login in the header: Authorization: Bearer ..."
        raise Unauthenticated(_without_bearer(request) or how, code=code)
    return credential


def api_key(request: HTTPConnection | LightRequest) -> str:
    """An API key, in `x-api-key` as Anthropic's clients send it, or as everybody else's do. Where both headers hold
    something, the key is what looks like one of ours: the other may be for a proxy on the way."""
    return _either(_own(request), _bearer(request), request)


def bearer_key(request: HTTPConnection | LightRequest) -> str:
    """The same, where clients of OpenAI's dialects are at home: of two of ours, the one in their header counts."""
    return _either(_bearer(request), _own(request), request)


def idempotency_key(request: HTTPConnection | LightRequest) -> str | None:
    """The request's `Idempotency-Key`, if it has one. Raises `InvalidRequest` for one that is not usable."""
    key = request.headers.get("idempotency-key")
    if key is not None and _IDEMPOTENCY_KEY.fullmatch(key) is None:
        raise InvalidRequest(
            "Write an Idempotency-Key of 1 to 255 printable characters.",
            code="invalid_idempotency_key",
            param="Idempotency-Key",
        )
    return key


def _either(first: str | None, second: str | None, request: HTTPConnection | LightRequest) -> str:
    credential = second if first is None else first
    if credential is None:
        how = "Send an API key in one of the headers Authorization: Bearer ... and x-api-key: ..."
        raise Unauthenticated(_without_bearer(request) or how, code=INVALID_API_KEY)
    if second is not None and second.startswith(PREFIX) and not credential.startswith(PREFIX):
        return second
    return credential


def _without_bearer(request: HTTPConnection | LightRequest) -> str | None:
    """What is wrong with an `Authorization` that is there and is not of our kind. Nothing of it is told back: it may be
    the key."""
    given = (request.headers.get("authorization") or "").strip()
    if not given:
        return None
    if given.lower() == "bearer":
        return "The header Authorization has nothing behind the word Bearer. Write: Authorization: Bearer ..."
    if len(given) > MAX_CREDENTIAL_LENGTH:
        return "What the header Authorization has is too long to be one of ours. Write: Authorization: Bearer ..."
    return "The header Authorization does not begin with the word Bearer. Write: Authorization: Bearer ..."


def _bearer(request: HTTPConnection | LightRequest) -> str | None:
    scheme, _, credential = (request.headers.get("authorization") or "").partition(" ")
    return _usable(credential) if scheme.lower() == "bearer" else None


def _own(request: HTTPConnection | LightRequest) -> str | None:
    return _usable(request.headers.get("x-api-key") or "")


def _usable(credential: str) -> str | None:
    credential = credential.strip()
    return credential if 0 < len(credential) <= MAX_CREDENTIAL_LENGTH else None


def client_address(request: HTTPConnection, proxies: TrustedProxies) -> str:
    """The client's network address: the connection's, or what trusted proxies say. Empty where nobody says."""
    peer = request.client.host if request.client is not None else ""
    return proxies.client(peer, request.headers.getlist("x-forwarded-for"))


async def is_machine(request: HTTPConnection, header: str, expected: Secret | None, proxies: TrustedProxies) -> bool:
    """Whether a machine's key is in a header. Never, while no key is configured: that door stays shut.

    Raises `RateLimited` where wrong keys came from the same client too often. The right one is let in even then: many
    may come from one address, behind a proxy say, and none of them is to shut the door for the others.
    """
    given = request.headers.get(header)
    if expected is None or given is None:
        return False
    if await expected.matches(given):
        return True
    caller = client_address(request, proxies)
    expected.guesses.admit(caller)
    lately = expected.guesses.note_wrong(caller)
    log.warning("a wrong %s came from %s, the %d. of late", expected.name, caller or "somewhere", lately)
    return False
