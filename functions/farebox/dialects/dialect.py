"""The interface of a dialect: translates a request to a chat completion, and its answer or stream back."""

from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from functions.farebox.gateway.stream.event_buffer import data_of, with_data

Json = dict[str, Any]


class StreamWriter(Protocol):
    """One stream, translated as it comes."""

    def write(self, block: bytes) -> bytes:
        """Take a block of whole chat completion events; answers the dialect's events, perhaps none."""

    def fail(self) -> bytes:
        """The events that end a stream which cannot be translated any further."""


class Dialect(Protocol):
    """A way to ask for completions. `asked` is always the request in the dialect's own words.

    `id_header` is where the dialect's clients look for the request's id, beside `x-request-id`.
    """

    id_header: bytes | None

    def request(self, asked: Mapping[str, Any], lost: list[str] | None = None) -> Json:
        """The chat completion request that means the same; `lost` is given the names of what it does not say. Raises
        `InvalidRequest` for what has no equivalent."""

    def own(self, asked: Mapping[str, Any]) -> Json:
        """The request for who speaks this dialect: without the notes (`notes`) of those that were translated to."""

    def answer(self, completion: Mapping[str, Any], asked: Mapping[str, Any]) -> Json:
        """A chat completion in the dialect's words."""

    def stream(self, asked: Mapping[str, Any]) -> StreamWriter:
        """A writer for a stream that answers a request."""

    def ending(self, withheld: bytes, charge: Mapping[str, Any]) -> bytes:
        """The events that end a stream which is passed on as it came: those of its upstream, with what it cost."""

    def broken(self, status: int, error: Mapping[str, Any]) -> bytes:
        """The event that ends such a stream where it did not end well, for the reason of an `error`."""

    def error(self, status: int, error: Mapping[str, Any]) -> Json:
        """An error, `{message, type, param, code}`, in the dialect's words."""


def with_field(event: bytes, name: str, value: Mapping[str, Any]) -> bytes:
    """An event whose data is a JSON object, with one more field; of what it says no byte is changed."""
    data = (data_of(event) or b"{}").rstrip()
    return with_data(event, data[:-1] + b',"' + name.encode() + b'":' + orjson.dumps(value) + b"}")
