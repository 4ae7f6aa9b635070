"""A light request object for the busiest paths: headers and body, and nothing made of either before it is needed."""

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from functions.edge.asgi.content_encoding import coding_of, unpacked
from functions.edge.asgi.incoming_body import IncomingBody


class Headers:
    """Headers by their names in lower case; the last one counts where a name is there twice."""

    __slots__ = ("raw",)

    def __init__(self, raw: dict[bytes, bytes]) -> None:
        self.raw = raw

    def get(self, name: str, default: str | None = None) -> str | None:
        """A header's value."""
        value = self.raw.get(name.encode("latin-1"))
        return default if value is None else value.decode("latin-1")


class LightRequest:
    """One request, inside its envelope."""

    __slots__ = ("_receive", "headers", "incoming", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.headers = Headers(scope["state"]["headers"])
        self.incoming: IncomingBody = scope["state"]["body"]
        self._receive = receive

    async def body(self) -> bytes:
        """The whole body, to be read once, unpacked where it came packed. Raises `ClientDisconnect` where the client
        goes before its end, `UnsupportedEncoding`, and what `IncomingBody` does."""
        coding = coding_of(self.headers.get("content-encoding"))
        pieces = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            pieces.append(message.get("body", b""))
            if not message.get("more_body", False):
                body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
                if coding is not None:
                    body = await unpacked(body, coding, self.incoming.grown_to)
                self.incoming.grows_no_more()
                return body
