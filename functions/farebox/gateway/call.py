"""A call as the caller states it, and the request that an upstream gets for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct, field
from msgspec.structs import replace

from functions.farebox.gateway.policy.fallbacks import FallbackReason
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.speech.forms import Forms
from functions.farebox.gateway.speech.messages.vertex import BODY_HEAD, vertex_path
from functions.farebox.gateway.trail import Progress
from functions.farebox.gateway.transport import Outgoing
from functions.farebox.kit.party import NOBODY, Party
from functions.farebox.observability.telemetry import current_trace
from functions.farebox.request.checked import CAP_FIELDS, LEGACY_CAP_FIELD, Checked, Endpoint, write


@dataclass(frozen=True, slots=True)
class CacheWish:
    """What a client says about the cache: `on` asks for it, `False` declines it. `max_age_s` is the oldest answer it
    takes."""

    on: bool | None = None
    max_age_s: int | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A fallback model that a call is paid for as well: the request in its name, and the cap that fits it. `forms` and
    `calls` as in `Call`."""

    checked: Checked
    cap: int | None
    forms: Forms | None = None
    calls: int | None = None


NO_WISH = CacheWish()
MAX_PASSED_BYTES = 8192  # of a header's value


class Call(Struct, frozen=True):
    """One request of a client, checked and paid for.

    `cap` is the most tokens a choice may have; `None` for embeddings alone. `user` and `cache` say whose cached answers
    may do. `request_id` is what the upstream is to call it, too. `headers` are all that the client sent, for the
    upstreams that are to have some of them. `fallbacks` are asked, by the reason for which its own model gave no
    answer. `forms` has the request in other dialects, where some upstream of its model speaks one. `calls` is the most
    of each tool that a vendor runs, where that is less than was asked for. `progress` tells whoever gives the call up
    how far it came.
    """

    checked: Checked
    cap: int | None
    user: Party = NOBODY
    cache: CacheWish = NO_WISH
    request_id: str | None = None
    headers: Mapping[bytes, bytes] | None = None
    fallbacks: Mapping[FallbackReason, Sequence[Alternative]] | None = None
    forms: Forms | None = None
    calls: int | None = None
    progress: Progress = field(default_factory=Progress)

    @property
    def endpoint(self) -> Endpoint:
        """Where it goes, below the base address of an upstream that speaks its dialect."""
        return self.checked.endpoint

    def form_for(self, candidate: Candidate) -> Checked | None:
        """What a candidate is sent, in a dialect that it speaks; `None` where it can't be asked."""
        return self.checked if self.forms is None else self.forms.sent_to((candidate.upstream.speaks, candidate.model))

    @property
    def model(self) -> str:
        """The public name of the model."""
        return self.checked.model

    @property
    def stream(self) -> bool:
        """Whether the answer is to be streamed."""
        return self.checked.stream

    def by(self, other: Alternative) -> "Call":
        """The same call of a fallback model, which has none itself."""
        return replace(self, checked=other.checked, cap=other.cap, forms=other.forms, calls=other.calls, fallbacks=None)


def outgoing(call: Call, candidate: Candidate, *, stream_options: bool = True) -> Outgoing:
    """The request for one candidate: what was checked, in the upstream's words. `stream_options`: it takes them."""
    upstream = candidate.upstream
    form = call.form_for(candidate)
    assert form is not None, "who can't be asked is no candidate"
    own_cap_field = CAP_FIELDS.get(form.endpoint)
    is_vertexes = form.endpoint == "/messages" and upstream.is_vertex_claude
    body = write(
        form,
        model=candidate.model,
        cap=call.cap,
        cap_field=own_cap_field or (LEGACY_CAP_FIELD if form.endpoint == "/completions" else upstream.cap_field),
        stream_options=stream_options and own_cap_field is None,  # other dialects always tell the usage
        pass_fields=upstream.pass_fields,
        drop_fields=upstream.drop_fields,
        head=BODY_HEAD if is_vertexes else None,
        developer_role=upstream.developer_role,
        calls=call.calls,
    )
    headers = {**upstream.head, "accept": "text/event-stream" if call.stream else "application/json"}
    if call.request_id is not None:
        headers["x-request-id"] = call.request_id
    trace = current_trace()
    if trace is not None:
        headers["traceparent"] = trace.traceparent
    if upstream.pass_headers and call.headers:
        headers.update(passed_headers(call.headers, upstream.pass_headers))
    path = vertex_path(candidate.model, stream=call.stream) if is_vertexes else form.endpoint
    return Outgoing(upstream, path, body, headers)


def passed_headers(given: Mapping[bytes, bytes], names: Iterable[str]) -> dict[str, str]:
    """Of a client's headers those that are named and that can be sent on as they are."""
    passed = {}
    for name in names:
        value = given.get(name.encode())
        if value is not None and len(value) <= MAX_PASSED_BYTES and value.isascii():
            text = value.decode()
            if text.isprintable():
                passed[name] = text
    return passed
