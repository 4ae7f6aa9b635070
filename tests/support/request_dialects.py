"""The dialects, each with its check, its table and a body that passes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.farebox.request.chat import CHAT, check_chat
from functions.farebox.request.checked import Checked
from functions.farebox.request.completions import COMPLETIONS, check_completion
from functions.farebox.request.embeddings import EMBEDDINGS, check_embedding
from functions.farebox.request.fate import Table
from functions.farebox.request.messages import MESSAGES, check_message
from functions.farebox.request.responses import RESPONSES, check_response

SAID = [{"role": "user", "content": "Hello"}]


@dataclass(frozen=True)
class Spoken:
    """A dialect as tests speak it. `cap` is its own field for a cap."""

    name: str
    check: Callable[[dict[str, Any]], Checked]
    table: Table
    least: dict[str, Any]
    cap: str | None

    def __str__(self) -> str:
        return self.name


CHATS = Spoken("chat", check_chat, CHAT, {"model": "m", "messages": SAID}, "max_completion_tokens")
LEGACY = Spoken("completions", check_completion, COMPLETIONS, {"model": "m", "prompt": "Hello"}, "max_tokens")
VECTORS = Spoken("embeddings", check_embedding, EMBEDDINGS, {"model": "m", "input": "Hello"}, None)
ANTHROPICS = Spoken(
    "messages", check_message, MESSAGES, {"model": "m", "messages": SAID, "max_tokens": 50}, "max_tokens"
)
RESPONSE = Spoken("responses", check_response, RESPONSES, {"model": "m", "input": "Hello"}, "max_output_tokens")
DIALECTS = [CHATS, LEGACY, VECTORS, ANTHROPICS, RESPONSE]

TEXT = {"type": "text", "text": "a"}


def said(*parts: Any, **fields: Any) -> list[Any]:
    """A conversation of one message, of these parts, with further fields."""
    return [{"role": "user", "content": list(parts), **fields}]
