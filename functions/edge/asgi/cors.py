"""CORS for who is known by a header that pages must send themselves, never by cookies: any origin may be let in.

What browsers ask first and what they are told is the Fetch standard's: https://fetch.spec.whatwg.org/#http-cors-protocol.
"""

from collections.abc import Collection, Mapping
from typing import Final

from starlette.responses import Response

ORIGIN: Final = b"origin"
ANY: Final = "*"

_METHOD = b"access-control-request-method"
_HEADERS = b"access-control-request-headers"
_MAX_AGE_S = b"7200"  # the longest that any browser takes

Headers = list[tuple[bytes, bytes]]


class Cors:
    """The origins whose pages may read answers, `*` among them for every one; to a browser that sends no credentials of
    its own accord."""

    def __init__(self, origins: Collection[str]) -> None:
        self._all = ANY in origins
        self._origins = frozenset(origin.encode() for origin in origins)

    def headers(self, origin: bytes) -> Headers:
        """What every answer says to a page of this origin, refusals included."""
        if self._all:
            return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"*")]
        vary = (b"vary", b"origin")
        if origin not in self._origins:
            return [vary]
        return [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", b"*"), vary]

    def preflight(self, method: str, given: Mapping[bytes, bytes]) -> Response | None:
        """The answer to a browser that asks whether it may send something; `None` where this is no such question.

        It may send any header: `*` would not stand for `authorization`, and client libraries send many of their own.
        """
        if method != "OPTIONS" or _METHOD not in given:
            return None
        answer = Response(status_code=204)
        if self._all or given[ORIGIN] in self._origins:
            answer.raw_headers += [
                (b"access-control-allow-methods", b"GET, POST"),
                (b"access-control-allow-headers", given.get(_HEADERS, b"authorization")),
                (b"access-control-max-age", _MAX_AGE_S),
                (b"vary", _HEADERS),
            ]
        return answer
