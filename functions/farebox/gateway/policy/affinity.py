"""Affinity: what makes calls belong together, so that they go to the upstream that has their prompt in its cache.

In order: the client's `prompt_cache_key`; else the beginning of the conversation, that is its first system message and
its first user message, which its later turns share, or of a legacy prompt; else the caller. Each upstream gets a score
from it and its weight: the least comes first, the others in their order when it is ill, and over many conversations
each gets its weight's share (weighted rendezvous hashing: Thaler and Ravishankar, 1996; Schindelhauer and Schomaker,
2005).
"""

import math
from collections.abc import Iterator, Mapping
from hashlib import blake2b

from functions.farebox.request.checked import Checked

MAX_CHARS = 2048  # that count of each message: vendors cache from 1,024 tokens on, and conversations differ sooner
MAX_PARTS = 64  # of a message
_INSTRUCTIONS = frozenset({"system", "developer"})
_2_64 = 2.0**64


def affinity(checked: Checked, caller: str) -> bytes:
    """What a call has in common with those that share its prompt's beginning: 16 bytes. A client's own key counts among
    that client's calls alone."""
    key = checked.fields.get("prompt_cache_key")
    own_key = ["key", caller, key] if isinstance(key, str) and key else None
    said = own_key or list(_beginning(checked)) or ["caller", caller]
    digest = blake2b(checked.model.encode(), digest_size=16)
    for text in said:
        digest.update(b"\0")
        digest.update(text.encode(errors="surrogatepass"))
    return digest.digest()


def distance(call: bytes, upstream_id: str, weight: int) -> float:
    """How far a call is from an upstream: an exponential variate with the weight as its rate, always the same for the
    same two."""
    number = int.from_bytes(blake2b(upstream_id.encode(), digest_size=8, key=call).digest())
    return -math.log((number + 1) / _2_64) / weight


def _beginning(checked: Checked) -> Iterator[str]:
    """The texts that a conversation begins with, bounded; none where it has no words of a user."""
    fields = checked.fields
    messages, prompt = fields.get("messages"), fields.get("prompt")
    if checked.endpoint == "/responses":
        messages = fields.get("input")
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
    if isinstance(prompt, str) and prompt:
        yield "prompt"
        yield prompt[:MAX_CHARS]
    if not isinstance(messages, list):
        return
    instructions: str | None = _text(fields.get("system") or fields.get("instructions")) or None  # beside messages
    for message in messages[:MAX_PARTS]:
        if not isinstance(message, Mapping):
            return
        role = message.get("role")
        if role in _INSTRUCTIONS and instructions is None:
            instructions = _text(message.get("content"))
        elif role == "user":
            said = _text(message.get("content"))
            if said:
                yield "conversation"
                yield instructions or ""
                yield said
            return


def _text(content: object) -> str:
    """The first characters of a message's text."""
    if isinstance(content, str):
        return content[:MAX_CHARS]
    found = ""
    for part in content[:MAX_PARTS] if isinstance(content, list) else ():
        text = part.get("text") if isinstance(part, Mapping) else None
        if isinstance(text, str):
            found += text[: MAX_CHARS - len(found)]
            if len(found) >= MAX_CHARS:
                break
    return found
