"""The readers that there are."""

from collections.abc import Mapping
from typing import Final

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.speech.messages.reader import MESSAGES
from functions.farebox.gateway.speech.reader import Reader
from functions.farebox.gateway.speech.responses.reader import RESPONSES
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.request.checked import Endpoint

READERS: Final[Mapping[Endpoint, Reader]] = {"/messages": MESSAGES, "/responses": RESPONSES}
_MARKS: Final[Mapping[str, Endpoint]] = {
    "message": "/messages",
    "message_start": "/messages",
    "response": "/responses",
    "response.created": "/responses",
    "text_completion": "/completions",
}


def endpoint_of_kept(body: bytes, *, stream: bool) -> Endpoint | None:
    """Whose answer this is, whole or as the events of a stream; `None` for OpenAI's chat completions and embeddings."""
    told = read_object((data_of(split(body)[0]) or b"") if stream else body) or {}
    return _MARKS.get(str(told.get("type"))) or _MARKS.get(str(told.get("object")))
