"""A call as the caller states it, and the request that an upstream gets for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.transport import Outgoing

CAP_FIELDS = ("max_completion_tokens", "max_tokens")

Path = Literal["/chat/completions", "/embeddings"]


@dataclass(frozen=True, slots=True)
class CacheWish:
    """What a client says about the cache: `on` asks for it, `False` declines it. `max_age_s` is the oldest answer it
    takes."""

    on: bool | None = None
    max_age_s: int | None = None


NO_WISH = CacheWish()


@dataclass(slots=True)
class Call:
    """One request of a client, parsed and paid for.

    `model` is the public name. `cap` is the most tokens a choice may have: it lowers what the client named, or is
    added where the client named nothing; `None` leaves the body alone. A body that `is_translated` is not the client's
    own: its cap goes into the field that the upstream knows. `user` and `cache` say whose cached answers may do.
    `request_id` is what the upstream is to call it, too.
    """

    path: Path
    model: str
    body: Mapping[str, Any]
    stream: bool = False
    cap: int | None = None
    is_translated: bool = False
    user: str = ""
    cache: CacheWish = NO_WISH
    request_id: str | None = None

    @property
    def choices(self) -> int:
        """How many choices the client asked for."""
        n = self.body.get("n")
        return n if type(n) is int and n > 0 else 1


def outgoing(call: Call, candidate: Candidate) -> Outgoing:
    """The request for one candidate. Only the model's name, the cap and, in a stream, the wish for usage differ from
    what the client sent: everything else passes through."""
    upstream = candidate.upstream
    body = {**call.body, "model": candidate.model}
    if call.stream:
        options = call.body.get("stream_options")
        body["stream_options"] = {**(options if isinstance(options, dict) else {}), "include_usage": True}
    if call.cap is not None:
        fields = {*CAP_FIELDS, upstream.cap_field}
        if call.is_translated:
            body = {name: value for name, value in body.items() if name not in fields}
        named = {name: value for name in fields if (value := body.get(name)) is not None}
        lowered = {name: min(value, call.cap) if type(value) is int else call.cap for name, value in named.items()}
        body.update(lowered or {upstream.cap_field: call.cap})
    named_id = {} if call.request_id is None else {"x-request-id": call.request_id}
    headers = {
        **named_id,
        "content-type": "application/json",
        "accept": "text/event-stream" if call.stream else "application/json",
        "accept-encoding": "identity",  # a compressor would hold events back, and costs time on both sides
        "user-agent": "farebox",
    }
    if upstream.api_key is not None:
        headers["authorization"] = f"Bearer {upstream.api_key}"
    return Outgoing(upstream, call.path, orjson.dumps(body), headers)
