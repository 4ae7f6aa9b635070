"""Calls as the data plane makes them: of a body that was checked."""

from typing import Any

from functions.farebox.gateway.call import Call
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked
from functions.farebox.request.embeddings import check_embedding

CAP = 1_000  # tokens, where a body names none


def checked(body: dict[str, Any]) -> Checked:
    """A body, checked: of embeddings if it has an input, else of a chat."""
    return check_embedding(body) if "input" in body else check_chat(body)


def call_of(body: dict[str, Any], *, cap: int | None = None, **fields: Any) -> Call:
    """The call for a body. `cap` is what its choices may have, at most what the body says."""
    asked = checked(body)
    if asked.endpoint != "/embeddings":
        cap = cap or asked.cap or CAP
    return Call(asked, cap, **fields)
