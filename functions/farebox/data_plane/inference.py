"""Inference: one request from its hold to its last byte, paid for, sent, relayed and charged.

The pending record is written alongside the upstream call and is durable before a byte reaches the client; an answer
that is whole before the record's turn has come makes one complete record of both. Whatever
happens then — an answer, a refusal, a broken stream, a client that hangs up — the request's tab is closed exactly
once, and what an instance's death leaves open is the sweep's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import orjson

from functions.farebox.caching.gateway import CachedGateway
from functions.farebox.data_plane.admission import Admitted, admit
from functions.farebox.data_plane.disconnect import HangUp, HungUp
from functions.farebox.data_plane.idempotency import Claim, Idempotency, Kept
from functions.farebox.data_plane.request import Plain, Request
from functions.farebox.data_plane.settlement import Measured, Settled, Tab, measure
from functions.farebox.errors import (
    FareboxError,
    Forbidden,
    NotFound,
    StoreUnavailable,
    UpstreamFailed,
    UpstreamUnavailable,
)
from functions.farebox.gateway.answers import PlainAnswer, RejectedAnswer, Source, StreamAnswer
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.stream.inspector import DONE_EVENT
from functions.farebox.kit.money import format_usd
from functions.farebox.leases.pool import Hold, LeasePool
from functions.farebox.observability.telemetry import span
from functions.farebox.pricing.price_list import PriceList
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.storage import Store, Unreachable, Write
from functions.farebox.tokens.counting import prepare_to_count
from functions.farebox.usage.journal import Journal
from functions.farebox.usage.record import UsageRecord, UsageStatus

_STATUS: dict[str, UsageStatus] = {"complete": "ok", "broken": "error", "cut": "aborted"}  # of a stream, by its outcome


@dataclass(slots=True)
class _Serving:
    """A request that is under way, and what it has been given."""

    request: Request
    tariff: Tariff
    admitted: Admitted
    tab: Tab
    claim: Claim | None
    ended: Callable[[], None]


class Stream:
    """An answer that streams. Iterate it to its end: the last blocks come after the books are closed."""

    def __init__(self, serving: _Serving, answer: StreamAnswer) -> None:
        self.headers = _source_headers(answer.source)
        self.hold = serving.admitted.hold
        self._serving = serving
        self._request = serving.request
        self._answer = answer
        self._relayed: list[bytes] | None = None if serving.claim is None else []  # what is kept for a replay
        self._settled: bytes | None = None  # all of it, where it was charged before it is sent

    async def settle_whole(self) -> None:
        """Charge a stream that has come whole before anything of it is sent, as a plain answer: one record says it all,
        and there is nothing left to be cut."""
        blocks = [block async for block in self._answer]
        await self._answer.aclose()
        if self._relayed is not None:
            self._relayed += blocks
        try:
            self._settled = b"".join([*blocks, await self._end()])
        finally:
            self._serving.ended()

    async def blocks(self) -> AsyncIterator[bytes]:
        """What to send, as it comes. When the client hangs up, the upstream is cancelled and what was relayed until
        then is charged; the iteration then ends."""
        if self._settled is not None:
            yield self._settled
            return
        try:
            while True:
                block = await self._request.hang_up.guard(lambda: anext(self._answer, None))
                if block is None:
                    break
                if self._relayed is not None:
                    self._relayed.append(block)
                yield block
        except HungUp:
            pass
        finally:
            await self._answer.aclose()
        try:
            end = await self._end()
        finally:
            self._serving.ended()
        yield end

    async def _end(self) -> bytes:
        answer, serving = self._answer, self._serving
        outcome = answer.outcome
        if self._request.hang_up.happened and outcome != "complete":
            outcome = "cut"
        settled = await serving.tab.close(
            _STATUS[outcome],
            await _measured(answer, self._request, serving.admitted),
            upstream=answer.source.upstream,
            attempts=answer.source.attempts,
            first_byte_s=answer.source.first_byte_s,
            error=answer.failure if outcome == "broken" else None,
            price=serving.tariff.price_of(answer.source.price),
            cached_share_bp=answer.source.cached_share_bp,
            keep=None if serving.claim is None else lambda settled: self._keep(serving.claim, outcome, settled),
        )
        return self._tail(outcome, settled)

    def _tail(self, outcome: str, settled: Settled) -> bytes:
        """What follows the relayed events."""
        if outcome == "broken":
            return broken_event(UpstreamFailed("The model's server broke off in the middle of its answer. Try again."))
        if outcome == "cut":
            return broken_event(UpstreamUnavailable("This server is shutting down. Try again."))
        if not self._request.wants_usage:
            return DONE_EVENT
        extra = {"farebox": {"cost_usd": format_usd(settled.charged), "balance_usd": format_usd(settled.balance)}}
        usage = None if self._answer.usage is not None else _usage_json(settled)
        return self._answer.usage_chunk(extra, usage) + DONE_EVENT

    def _keep(self, claim: Claim | None, outcome: str, settled: Settled) -> list[Write]:
        assert claim is not None
        assert self._relayed is not None
        body = b"".join([*self._relayed, self._tail(outcome, settled)])
        return claim.keep(Kept(200, True, self.headers, body))


class Inference:
    """Serves paid requests."""

    def __init__(
        self,
        *,
        store: Store,
        leases: LeasePool,
        journal: Journal,
        prices: PriceList,
        gateway: Gateway | CachedGateway,
        idempotency: Idempotency,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        new_id: Callable[[str], str],
    ) -> None:
        self._store = store
        self._leases = leases
        self._journal = journal
        self._prices = prices
        self._gateway = gateway
        self._idempotency = idempotency
        self._active: dict[HangUp, Request] = {}
        self._now = now
        self._clock = clock
        self._new_id = new_id

    async def serve(self, request: Request) -> Plain | Stream | Kept:
        """Pay for a request, send it, and hand back what answers, or what answered it before.

        Run it in a task of its own: it must not be cancelled. It watches `request.hang_up` instead, and raises
        `HungUp`. Any other `FareboxError` it raises has cost the client nothing.
        """
        tariff = await self._tariff_of(request)
        record_id = self._new_id("use_")
        claim = await self._claim(request, record_id)
        if isinstance(claim, Kept):
            return claim
        self._active[request.hang_up] = request
        answer = None
        try:
            answer = await self._serve(request, tariff, record_id, claim)
        except BaseException as error:
            # Where the store does not answer, the record may be complete and the answer kept: the key is then freed
            # by what the record turns out to be.
            if claim is not None and not isinstance(error, StoreUnavailable):
                with suppress(Unreachable):
                    await self._idempotency.release(claim)
            raise
        finally:
            if not isinstance(answer, Stream):
                self._end(request)
        return answer

    async def prepare_shutdown(self) -> None:
        """Load what it takes to count the streams that run, before they may have to be cut: that takes a while. What
        fails here fails when they are counted."""
        models = {request.model for request in self._active.values() if request.stream}
        await asyncio.gather(*map(prepare_to_count, models), return_exceptions=True)

    async def cancel_all(self) -> None:
        """End every request that runs, because the server must: it is charged for what was relayed."""
        for hang_up in list(self._active):
            hang_up.set(by_server=True)

    def _end(self, request: Request) -> None:
        self._active.pop(request.hang_up, None)

    async def _claim(self, request: Request, record_id: str) -> Claim | Kept | None:
        key = request.idempotency_key
        if key is None:
            return None
        return await self._idempotency.claim(request.caller.uid, key, request.path, request.raw, record_id)

    async def _serve(self, request: Request, tariff: Tariff, record_id: str, claim: Claim | None) -> Plain | Stream:
        caller = request.caller
        completes = request.path == "/chat/completions"
        with span("hold", model=request.model):
            admitted = await admit(
                self._leases,
                caller.uid,
                caller.terms,
                tariff.ceiling,
                request.body,
                request.raw,
                completes=completes,
                multiplier_bp=caller.multiplier_bp,
            )
        tab = self._tab(request, tariff, admitted.hold, record_id)
        call = Call(
            path=request.path,
            model=request.model,
            body=request.body,
            stream=request.stream,
            wants_usage=request.wants_usage,
            cap=admitted.cap,
            is_translated=request.is_translated,
            user=caller.uid,
            cache=request.cache,
            headers={"x-request-id": request.request_id},
        )
        tab.open()
        try:
            answer = await request.hang_up.guard(lambda: self._gateway.open(call))
        except BaseException as error:
            await self._close_failed(tab, error)
            raise
        serving = _Serving(request, tariff, admitted, tab, claim, lambda: self._end(request))
        if isinstance(answer, StreamAnswer):
            stream = Stream(serving, answer)
            if answer.outcome == "complete":  # all of it has come already
                await stream.settle_whole()
                return stream
            try:
                await tab.await_pending()
            except BaseException:
                await answer.aclose()
                raise
            return stream
        if isinstance(answer, RejectedAnswer):
            return await self._finish_rejected(serving, answer)
        return await self._finish_plain(serving, answer)

    async def _finish_plain(self, serving: _Serving, answer: PlainAnswer) -> Plain:
        source, claim = answer.source, serving.claim
        settled = await serving.tab.close(
            "ok",
            await _measured(answer, serving.request, serving.admitted),
            upstream=source.upstream,
            attempts=source.attempts,
            first_byte_s=source.first_byte_s,
            price=serving.tariff.price_of(source.price),
            cached_share_bp=source.cached_share_bp,
            keep=None
            if claim is None
            else lambda settled: claim.keep(Kept(200, False, _headers(answer, settled), answer.body)),
        )
        counted = None if answer.usage is not None else _usage_json(settled)
        return Plain(answer.body, _headers(answer, settled), serving.admitted.hold, counted=counted)

    async def _finish_rejected(self, serving: _Serving, answer: RejectedAnswer) -> Plain:
        """The upstream found fault with the request: it costs nothing, and an idempotency key is free again."""
        source = answer.source
        settled = await serving.tab.close(
            "error",
            None,
            upstream=source.upstream,
            attempts=source.attempts,
            first_byte_s=source.first_byte_s,
            error="the upstream refused the request",
        )
        if serving.claim is not None:
            await self._idempotency.release(serving.claim)
        return Plain(answer.body, _headers(answer, settled), serving.admitted.hold, answer.status)

    async def _close_failed(self, tab: Tab, error: BaseException) -> None:
        attempts = getattr(error, "attempts", ())
        if isinstance(error, HungUp):
            await tab.close("aborted", None, upstream=None, attempts=attempts, error="the client hung up")
            return
        why = error.code if isinstance(error, FareboxError) else "internal_error"
        await tab.close("error", None, upstream=None, attempts=attempts, error=why)

    async def _tariff_of(self, request: Request) -> Tariff:
        allowed = request.caller.models
        if allowed is not None and request.model not in allowed:
            raise Forbidden(
                f"This API key, or its plan, may not use the model {request.model!r}. List what it may use with "
                "GET /v1/models.",
                code="model_not_allowed",
                param="model",
            )
        routes = self._gateway.routes.get(request.model)
        if routes is None:
            raise NotFound(
                f"There is no model {request.model!r} here. List the models that there are with GET /v1/models.",
                code="model_not_found",
                param="model",
            )
        return await self._prices.tariff(routes)

    def _tab(self, request: Request, tariff: Tariff, hold: Hold, record_id: str) -> Tab:
        record = UsageRecord(
            user=request.caller.uid,
            key=request.caller.terms.id,
            model=request.model,
            created_at=self._now(),
            request_id=request.request_id,
            lease=hold.lease.id,
            period=hold.period,
            path=request.path,
            stream=request.stream,
            price_version=tariff.ceiling.version,
            held=hold.amount,
        )
        return Tab(
            store=self._store,
            leases=self._leases,
            journal=self._journal,
            hold=hold,
            price=tariff.ceiling,
            record_id=record_id,
            record=record,
            multiplier_bp=request.caller.multiplier_bp,
            now=self._now,
            clock=self._clock,
        )


def _headers(answer: PlainAnswer | RejectedAnswer, settled: Settled) -> dict[str, str]:
    return {
        **_source_headers(answer.source),
        "x-farebox-cost-usd": format_usd(settled.charged),
        "x-farebox-balance-usd": format_usd(settled.balance),
    }


def _source_headers(source: Source) -> dict[str, str]:
    cache = {} if source.cache is None else {"x-farebox-cache": source.cache}
    return {"x-farebox-upstream": source.trail, **cache}


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
