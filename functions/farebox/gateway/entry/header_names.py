"""Which headers an entry may name: to be sent always, or to be taken over from a client."""

import re

# What the gateway writes itself, or what belongs to one connection (RFC 9110, 7.6.1).
_OURS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "traceparent",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-request-id",
    }
)
_HOP = re.compile(r"proxy-.*")

# A client's credentials are for us, and so is what a proxy in front of us wrote about it.
_CREDENTIALS = re.compile(
    r"auth|api-?key|(access|subscription|license)-?key|cookie|token|secret|passw|credential|session|signature|jwt"
)
_ABOUT_THE_CLIENT = re.compile(
    r"^(x-)?forwarded|^via$|(client|connecting|real)-ip|^x-farebox-|^x-admin-|^idempotency-key$"
)
# What steers a proxy behind us: where a request goes is chosen here.
_STEERING = re.compile(r"(x-litellm|x-portkey|x-bf|cf-aig|helicone|x-goog-user-project|x-goog-request-params).*")


def header_problem(name: str) -> str | None:
    """Why a header, in lower case, can't be one that is sent always; `None` if it can."""
    if name in _OURS or _HOP.fullmatch(name):
        return f"{name} is written by the gateway itself"
    return None


def pass_problem(name: str) -> str | None:
    """Why a header, in lower case, can't be one that clients may send on; `None` if it can."""
    if name in ("traceparent", "x-request-id"):
        return f"{name} is always sent"
    problem = header_problem(name)
    if problem is not None:
        return problem
    if _CREDENTIALS.search(name):
        return f"{name} may hold a credential, and is never passed on"
    if _ABOUT_THE_CLIENT.search(name):
        return f"{name} is between the client and this gateway, and is never passed on"
    if _STEERING.fullmatch(name):
        return f"{name} steers a proxy or its bill, and is never passed on"
    return None
