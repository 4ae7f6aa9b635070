"""A request from its hold to its last byte: paid for, sent, relayed, charged.

The pending record is written alongside the upstream call and is durable before a byte reaches the client. Whatever
happens then — an answer, a refusal, a broken stream, a client that hangs up — the request's tab is closed exactly
once, and what an instance's death leaves open is the sweep's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from functions.farebox.admission import Admitted, admit
from functions.farebox.callers import Caller
from functions.farebox.errors import FareboxError, Forbidden, NotFound, UpstreamFailed
from functions.farebox.gateway.answers import PlainAnswer, RejectedAnswer, StreamAnswer
from functions.farebox.gateway.call import Call, Path
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.relay import DONE_EVENT
from functions.farebox.hang_up import HangUp, HungUp
from functions.farebox.journal import Journal
from functions.farebox.leases import Hold, Leases
from functions.farebox.money import format_usd
from functions.farebox.price import Price
from functions.farebox.price_list import PriceList
from functions.farebox.settlement import Measured, Settled, Tab, measure
from functions.farebox.storage import Store


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request, parsed. `raw` is the body as it came; `hang_up` is set when the client goes."""

    caller: Caller
    path: Path
    body: Mapping[str, Any]
    raw: bytes
    request_id: str
    hang_up: HangUp = field(default_factory=HangUp)

    @property
    def model(self) -> str:
        """The public model name."""
        return str(self.body["model"])

    @property
    def stream(self) -> bool:
        """Whether the client wants a stream."""
        return self.body.get("stream") is True

    @property
    def wants_usage(self) -> bool:
        """Whether the client wants a usage chunk."""
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True


@dataclass(frozen=True, slots=True)
class Plain:
    """A whole answer, charged."""

    body: bytes
    upstream: str
    settled: Settled
    hold: Hold
    status: int = 200


class Stream:
    """An answer that streams. Iterate it to its end: the last blocks come after the books are closed."""

    def __init__(self, request: Request, answer: StreamAnswer, tab: Tab, admitted: Admitted) -> None:
        self.upstream = answer.source.upstream
        self.hold = admitted.hold
        self._request = request
        self._answer = answer
        self._tab = tab
        self._admitted = admitted

    async def blocks(self) -> AsyncIterator[bytes]:
        """What to send, as it comes. When the client hangs up, the upstream is cancelled and what was relayed until
        then is charged; the iteration then ends."""
        try:
            while True:
                block = await self._request.hang_up.guard(lambda: anext(self._answer, None))
                if block is None:
                    break
                yield block
        except HungUp:
            pass
        finally:
            await self._answer.aclose()
        yield await self._end()

    async def _end(self) -> bytes:
        answer, request = self._answer, self._request
        outcome = answer.outcome
        status = {"complete": "ok", "broken": "error", "cut": "aborted"}[outcome]
        measured = await _measured(answer, request, self._admitted)
        settled = await self._tab.close(
            status,
            measured,
            upstream=answer.source.upstream,
            attempts=answer.source.attempts,
            first_byte_s=answer.source.first_byte_s,
            error=answer.failure,
        )
        if outcome == "cut":
            return b""
        if outcome == "broken":
            return broken_event(UpstreamFailed("The model's server broke off in the middle of its answer. Try again."))
        if not request.wants_usage:
            return DONE_EVENT
        extra = {"farebox": {"cost_usd": format_usd(settled.charged), "balance_usd": format_usd(settled.balance)}}
        usage = None if answer.usage is not None else _usage_json(settled)
        return answer.usage_chunk(extra, usage) + DONE_EVENT


class Completions:
    """Serves paid requests."""

    def __init__(
        self,
        *,
        store: Store,
        leases: Leases,
        journal: Journal,
        prices: PriceList,
        gateway: Gateway,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        new_id: Callable[[str], str],
    ) -> None:
        self._store = store
        self._leases = leases
        self._journal = journal
        self._prices = prices
        self._gateway = gateway
        self._now = now
        self._clock = clock
        self._new_id = new_id

    async def serve(self, request: Request) -> Plain | Stream:
        """Pay for a request, send it, and hand back what answers.

        Run it in a task of its own: it must not be cancelled. It watches `request.hang_up` instead, and raises
        `HungUp`. Any other `FareboxError` it raises has cost the client nothing.
        """
        price = await self._price_of(request)
        completes = request.path == "/chat/completions"
        caller = request.caller
        admitted = await admit(
            self._leases, caller.uid, caller.terms, price, request.body, request.raw, completes=completes
        )
        tab = self._tab(request, price, admitted.hold)
        call = Call(
            path=request.path,
            model=request.model,
            body=request.body,
            stream=request.stream,
            wants_usage=request.wants_usage,
            cap=admitted.cap,
            headers={"x-request-id": request.request_id},
        )
        opened = asyncio.ensure_future(tab.open())
        try:
            answer = await request.hang_up.guard(lambda: self._gateway.open(call))
        except BaseException as error:
            await opened
            await self._close_failed(tab, error)
            raise
        try:
            await opened
        except BaseException:
            await answer.aclose()
            raise
        if isinstance(answer, StreamAnswer):
            return Stream(request, answer, tab, admitted)
        return await self._finish_plain(request, answer, tab, admitted)

    async def _finish_plain(
        self, request: Request, answer: PlainAnswer | RejectedAnswer, tab: Tab, admitted: Admitted
    ) -> Plain:
        source = answer.source
        rejected = isinstance(answer, RejectedAnswer)
        settled = await tab.close(
            "error" if rejected else "ok",
            None if isinstance(answer, RejectedAnswer) else await _measured(answer, request, admitted),
            upstream=source.upstream,
            attempts=source.attempts,
            first_byte_s=source.first_byte_s,
            error="the upstream refused the request" if rejected else None,
        )
        status = answer.status if isinstance(answer, RejectedAnswer) else 200
        return Plain(answer.body, source.upstream, settled, admitted.hold, status)

    async def _close_failed(self, tab: Tab, error: BaseException) -> None:
        attempts = getattr(error, "attempts", ())
        if isinstance(error, HungUp):
            await tab.close("aborted", None, upstream=None, attempts=attempts, error="the client hung up")
            return
        why = error.code if isinstance(error, FareboxError) else "internal_error"
        await tab.close("error", None, upstream=None, attempts=attempts, error=why)

    async def _price_of(self, request: Request) -> Price:
        allowed = request.caller.models
        if allowed is not None and request.model not in allowed:
            raise Forbidden(
                f"This API key may not use the model {request.model!r}. List what it may use with GET /v1/models.",
                code="model_not_allowed",
                param="model",
            )
        if request.model not in self._gateway.models:
            raise NotFound(
                f"There is no model {request.model!r} here. List the models that there are with GET /v1/models.",
                code="model_not_found",
                param="model",
            )
        return await self._prices.get(request.model)

    def _tab(self, request: Request, price: Price, hold: Hold) -> Tab:
        record = {
            "user": request.caller.uid,
            "key": request.caller.terms.id,
            "lease": hold.lease.id,
            "period": hold.period,
            "model": request.model,
            "path": request.path,
            "stream": request.stream,
            "request_id": request.request_id,
            "price_version": price.version,
            "held": hold.amount,
            "created_at": self._now(),
        }
        return Tab(
            store=self._store,
            leases=self._leases,
            journal=self._journal,
            hold=hold,
            price=price,
            record_id=self._new_id("use_"),
            record=record,
            now=self._now,
            clock=self._clock,
        )


def broken_event(error: FareboxError) -> bytes:
    """The SSE event that ends a stream which did not end well."""
    body = {"message": error.message, "type": "upstream_error", "param": error.param, "code": error.code}
    return b"data: " + orjson.dumps({"error": body}) + b"\n\n"


async def _measured(answer: PlainAnswer | StreamAnswer, request: Request, admitted: Admitted) -> Measured:
    if answer.usage is not None:
        return Measured(answer.usage, "provider")
    return await measure(
        request.body,
        request.model,
        answer.texts() if request.path == "/chat/completions" else [],
        most_prompt=admitted.prompt_bound,
        most_completion=(admitted.cap or 0) * admitted.choices,
    )


def _usage_json(settled: Settled) -> dict[str, int]:
    usage = settled.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
