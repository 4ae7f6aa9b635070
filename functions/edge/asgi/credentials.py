"""Reading credentials from request headers: bearer tokens, API keys, keys of machines."""

from starlette.requests import HTTPConnection

from functions.edge.asgi.light_request import LightRequest
from functions.farebox.errors import Unauthenticated
from functions.farebox.secrets.rotating import Secret

MAX_CREDENTIAL_LENGTH = 4096
INVALID_API_KEY = "invalid_api_key"


def bearer(request: HTTPConnection | LightRequest, *, code: str) -> str:
    """What `Authorization: Bearer ...` holds. `Unauthenticated` with this code where there is nothing usable."""
    scheme, _, credential = (request.headers.get("authorization") or "").partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential or len(credential) > MAX_CREDENTIAL_LENGTH:
        what = "an API key" if code == INVALID_API_KEY else "a token from /api/auth/login"
        raise Unauthenticated(f"Send {what} in the header: Authorization: Bearer ...", code=code)
    return credential


def api_key(request: HTTPConnection | LightRequest) -> str:
    """An API key, in `x-api-key` as Anthropic's clients send it, or as everybody else's do."""
    given = (request.headers.get("x-api-key") or "").strip()
    return given if 0 < len(given) <= MAX_CREDENTIAL_LENGTH else bearer(request, code=INVALID_API_KEY)


async def is_machine(request: HTTPConnection, header: str, expected: Secret | None) -> bool:
    """Whether a machine's key is in a header. Never, while no key is configured: that door stays shut."""
    given = request.headers.get(header)
    return expected is not None and given is not None and await expected.matches(given)
