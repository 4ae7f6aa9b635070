"""The dialect of Anthropic's Messages (https://docs.anthropic.com/en/api/messages), for any upstream."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.dialects.dialect import Json, with_field
from functions.farebox.dialects.messages.answer import message_of
from functions.farebox.dialects.messages.request import chat_of, without_notes
from functions.farebox.dialects.messages.stream import MessagesWriter
from functions.farebox.dialects.messages.thinking import wants_thoughts
from functions.farebox.gateway.stream.event_buffer import split
from functions.farebox.gateway.stream.own_events import named_event

_STOP = b'"message_stop"'

# https://docs.anthropic.com/en/api/errors; of all others a client's fault is an `invalid_request_error`.
ERROR_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}


class Messages:
    """The dialect of `POST /v1/messages`."""

    id_header: bytes | None = b"request-id"

    def request(self, asked: Mapping[str, Any], lost: list[str] | None = None) -> Json:
        """See `Dialect`."""
        return chat_of(asked, lost)

    def own(self, asked: Mapping[str, Any]) -> Json:
        """See `Dialect`."""
        return without_notes(asked)

    def answer(self, completion: Mapping[str, Any], asked: Mapping[str, Any]) -> Json:
        """See `Dialect`."""
        return message_of(completion, asked)

    def stream(self, asked: Mapping[str, Any]) -> MessagesWriter:
        """See `Dialect`."""
        return MessagesWriter(str(asked["model"]), thoughts=wants_thoughts(asked))

    def ending(self, withheld: bytes, charge: Mapping[str, Any]) -> bytes:
        """See `Dialect`. The charge stands beside the counts; who ends a stream without saying so is helped out."""
        events = split(withheld)
        stops = [each for each in events if _STOP in each]
        changes = [each for each in events if _STOP not in each]
        if changes:
            changes[-1] = with_field(changes[-1], "farebox", charge)
        return b"".join(changes) + (b"".join(stops) or named_event({"type": "message_stop"}))

    def broken(self, status: int, error: Mapping[str, Any]) -> bytes:
        """See `Dialect`."""
        return named_event(self.error(status, error))

    def error(self, status: int, error: Mapping[str, Any]) -> Json:
        """See `Dialect`. OpenAI's `code` is kept as an extra: it says more than the type."""
        kind = ERROR_TYPES.get(status) or ("invalid_request_error" if 400 <= status < 500 else "api_error")
        return {"type": "error", "error": {"type": kind, "message": error["message"], "code": error.get("code")}}
