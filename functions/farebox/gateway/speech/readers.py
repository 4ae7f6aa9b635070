"""The readers that there are."""

from collections.abc import Mapping
from typing import Final

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.speech.messages.reader import MessagesReader
from functions.farebox.gateway.speech.reader import Reader
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.request.checked import Endpoint

READERS: Final[Mapping[Endpoint, Reader]] = {"/messages": MessagesReader()}
_MARKS: Final[Mapping[str, Reader]] = {"message": READERS["/messages"], "message_start": READERS["/messages"]}


def reader_of_kept(body: bytes, *, stream: bool) -> Reader | None:
    """Whose answer this is, whole or as the events of a stream; `None` for OpenAI's completions."""
    told = read_object((data_of(split(body)[0]) or b"") if stream else body)
    return _MARKS.get(str(told.get("type"))) if told is not None else None
