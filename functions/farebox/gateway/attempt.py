"""One attempt: sends a call to one candidate and decides whether it has answered, before a byte reaches the client.

Where it has not, what it has cost decides whether the next candidate may be asked, for nothing is paid for twice:

| the attempt ended with | it cost | the next is asked |
| --- | --- | --- |
| no connection, or none that still stood | nothing | yes |
| silence or a break before the head of an answer | nothing that is known of (*) | yes |
| an error that is not the request's fault, in place of an answer or of its head | nothing that is known of (*) | yes |
| an error that is the request's fault | nothing | no: the client is told |
| a page of HTML, an empty body or stream | nothing that is known of (*) | yes |
| JSON to its end that holds no result and reports no tokens | nothing that is known of (*) | yes |
| silence, a break, more than is taken, half an answer | perhaps all: a `Loss` | no |

(*) Its vendor may charge for it all the same, as `faults/vendor_bill.py` says: it is told in the attempt, and booked
as a loss, of what an error reports beside it where it does. Whose fault an error is, `faults/meaning.py` says.
"""

from collections.abc import Callable

from functions.farebox.gateway.answer_reading import AnswerReading
from functions.farebox.gateway.answers import Answer, Loss, RejectedAnswer, Source
from functions.farebox.gateway.call import Call, outgoing
from functions.farebox.gateway.faults.attempt_failed import AttemptFailed, failed_by
from functions.farebox.gateway.faults.meaning import fault_of
from functions.farebox.gateway.faults.quoting import rejected
from functions.farebox.gateway.faults.stream_options import refuses_stream_options, was_asked
from functions.farebox.gateway.faults.told import read_error
from functions.farebox.gateway.faults.vendor_bill import usage_beside
from functions.farebox.gateway.json_object import UNWRITABLE, read_json
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.transport import (
    ConnectFailed,
    ConnectionLost,
    Incoming,
    TimedOut,
    Transport,
    TransportError,
)
from functions.farebox.kit.memory_budget import MemoryQueue, Room
from functions.farebox.request.tools.calls import lowered_bounds

MAX_ERROR_BYTES = 64 * 1024
ERROR_BODY_S = 5.0  # its words are worth no longer

_TIER = "service_tier"
_USAGE = b"sage"  # of `usage`, `usageMetadata` and `tokenUsage`


async def attempt(
    call: Call,
    candidate: Candidate,
    transport: Transport,
    *,
    clock: Callable[[], float],
    max_body_bytes: int,
    memory: MemoryQueue,
    stream_options: bool = True,
) -> Answer:
    """Send a call to a candidate and judge what comes back. Raises `AttemptFailed`; closes what it does not hand over.

    The answer's source does not know yet which attempts were made. `stream_options`: the candidate takes them.
    """
    paid: Loss | None = None
    is_refused = False
    asks_usage = stream_options and was_asked(call, candidate)
    try:
        request = outgoing(call, candidate, stream_options=stream_options)
        call.progress.begin(candidate, request)
        incoming = await transport.send(request)
        room = Room(memory, call.user)
        try:
            source = _source(call, candidate, clock())
            if not 200 <= incoming.status < 300:
                is_refused = True
                return await _refused(incoming, call, candidate, source, asked_usage=asks_usage)
            paid = Loss(source)
            reading = AnswerReading(incoming, call, candidate, paid, room, max_body_bytes, asked_usage=asks_usage)
            return await (reading.stream(clock) if call.stream else reading.whole())
        except AttemptFailed as failure:
            room.leave()
            await incoming.aclose(drained=failure.status is not None)
            raise
        except BaseException:
            room.leave()
            await incoming.aclose()
            raise
    except UNWRITABLE as error:
        raise AttemptFailed("invalid", "the answer is nested too deeply", loss=paid) from error
    except TimedOut as error:
        may_be_billed = error.was_written and not is_refused
        raise AttemptFailed(
            "timeout", "no answer in time", illness="model", loss=paid, may_be_billed=may_be_billed
        ) from error
    except ConnectFailed as error:
        raise AttemptFailed("unreachable", str(error), illness="connection") from error
    except ConnectionLost as error:
        stale = error.was_stale
        raise AttemptFailed(
            "connection_lost",
            str(error),
            illness=None if stale else "model",
            was_stale=stale,
            loss=paid,
            may_be_billed=error.was_written and not stale and not is_refused,
        ) from error


def _source(call: Call, candidate: Candidate, first_byte_s: float) -> Source:
    source = Source(candidate.upstream.id, candidate.model, (), first_byte_s, candidate.price, public=candidate.public)
    form = call.form_for(candidate) or call.checked
    if candidate.upstream.drop_fields:
        source.left_out = form.among(candidate.upstream.drop_fields)
    if form is not call.checked:
        source.left_out += form.dropped  # what was lost in translation
    source.went_without_tier = _TIER in source.left_out or _TIER not in form.fields
    asked = call.checked.cap
    if asked is not None and call.cap is not None and call.cap < asked:
        source.lowered_cap = call.cap
    if call.calls is not None:
        lowered = lowered_bounds(form.endpoint, form.fields, form.features, call.calls)
        source.left_out += lowered
        source.lowered_calls = call.calls if lowered else None
    return source


async def _refused(
    incoming: Incoming, call: Call, candidate: Candidate, source: Source, *, asked_usage: bool
) -> RejectedAnswer:
    """The upstream's refusal of the request, or `AttemptFailed` where that is not the request's fault."""
    status = incoming.status
    body = await _read_error(incoming) if 400 <= status < 500 or _tells_json(incoming) else b""
    told = read_error(body) if 400 <= status < 500 else None
    usage = usage_beside(read_json(body), call.endpoint) if body.find(_USAGE) >= 0 else None
    fault = fault_of(status, told) if 400 <= status < 600 else fault_of(502, None)
    is_ours = asked_usage and status in (400, 422) and refuses_stream_options(told, call)
    if not fault.is_callers and not is_ours:
        raise failed_by(fault, status, incoming.headers, usage)
    await incoming.aclose(drained=True)
    answer = rejected(source, fault, candidate, call.model, of_stream_options=is_ours)
    answer.may_be_billed, answer.usage = usage is not None, usage
    return answer


def _tells_json(incoming: Incoming) -> bool:
    """Whether a failure has a body that may tell what it cost: one that has come, or is about to."""
    return incoming.headers.get("content-type", "").startswith("application/json")


async def _read_error(incoming: Incoming) -> bytes:
    """The body of a refusal; nothing if it is longer than one is, or does not come."""
    incoming.allow(ERROR_BODY_S)
    parts = []
    size = 0
    try:
        while chunk := await incoming.read():
            size += len(chunk)
            if size > MAX_ERROR_BYTES:
                return b""
            parts.append(chunk)
    except TransportError:
        return b""
    return b"".join(parts)
