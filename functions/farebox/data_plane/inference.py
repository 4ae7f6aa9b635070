"""Inference: one request from its hold to its last byte, paid for, sent, relayed and charged.

The pending record is written alongside the upstream call and is durable before a byte reaches the client; an answer
that is whole before the record's turn has come makes one complete record of both. Whatever
happens then — an answer, a refusal, a broken stream, a client that hangs up — the request's tab is closed exactly
once, and what an instance's death leaves open is the sweep's.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Literal

from functions.farebox.caching.gateway import CachedGateway
from functions.farebox.data_plane.disconnect import HangUp, HungUp
from functions.farebox.data_plane.doubt import Doubt
from functions.farebox.data_plane.drain import Drain
from functions.farebox.data_plane.idempotency import Claim, Idempotency, Kept
from functions.farebox.data_plane.measure import measure_loss, measure_unanswered, measure_unheard
from functions.farebox.data_plane.models.near import did_you_mean
from functions.farebox.data_plane.models.served_models import served_models
from functions.farebox.data_plane.models.ways import Way, Ways
from functions.farebox.data_plane.reply import PaidAnswer
from functions.farebox.data_plane.request import Request
from functions.farebox.data_plane.serving import Serving
from functions.farebox.data_plane.settlement import Ending, Tab
from functions.farebox.data_plane.stream import PaidStream
from functions.farebox.errors import FareboxError, Forbidden, NotFound, ServerBusy, StoreUnavailable, UpstreamFailed
from functions.farebox.gateway.answers import PlainAnswer, RejectedAnswer, Source, StreamAnswer
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.policy.fallbacks import NO_FALLBACKS, Fallbacks
from functions.farebox.gateway.trail import Progress
from functions.farebox.kit.fair_share import FairShare
from functions.farebox.leases.pool import LeasePool
from functions.farebox.observability.telemetry import span
from functions.farebox.pricing.price_list import PriceList
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.pricing.versions import unpriced
from functions.farebox.storage import Store, Unreachable
from functions.farebox.storage.later import Later
from functions.farebox.tokens.counting import prepare_to_count
from functions.farebox.usage.journal import Journal
from functions.farebox.usage.record import UsageRecord

Reply = PaidAnswer | PaidStream | Kept

CROWDED = (
    "Too many of your requests are being served here at once, and others must find room. Try again in a few seconds."
)
DRAIN_S = 20.0  # for a model that thinks, or reads what nobody else can count


class Inference:
    """Serves paid requests. `drain_s` is how long an upstream is listened to after its client has gone, `fallbacks` the
    models that answer instead of others, and `places` those of all that are served at once."""

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
        drain_s: float = DRAIN_S,
        fallbacks: Mapping[str, Fallbacks] = NO_FALLBACKS,
        places: FairShare | None = None,
    ) -> None:
        self._store = store
        self._leases = leases
        self._journal = journal
        self._prices = prices
        self._gateway = gateway
        self._ways = Ways(leases, gateway, prices, fallbacks)
        self._idempotency = idempotency
        self._active: dict[HangUp, Request] = {}
        self._later = Later()
        self._places = places
        self._placed: dict[HangUp, str] = {}  # whose place each request that is under way has
        self._now = now
        self._clock = clock
        self._new_id = new_id
        self._drain_s = drain_s

    async def serve(self, request: Request) -> Reply:
        """Pay for a request, send it, and hand back what answers, or what answered it before.

        Run it in a task of its own: it must not be cancelled. It watches `request.hang_up` instead, and raises
        `HungUp`. Any other `FareboxError` it raises has cost the client nothing.
        """
        tariff = await self._tariff_of(request)
        record_id = request.receipt_id = self._new_id("use_")
        self._take_place(request)
        answer = None
        try:
            claim = await self._claim(request, record_id)
            answer = claim if isinstance(claim, Kept) else await self._serve_anew(request, tariff, record_id, claim)
        finally:
            if not isinstance(answer, PaidStream):
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

    async def give_up(self) -> None:
        """Wait for the store no longer: what it has not been told by now, a sweep makes good."""
        self._later.stop()

    def _end(self, request: Request) -> None:
        self._active.pop(request.hang_up, None)
        whose = self._placed.pop(request.hang_up, None)
        if whose is not None and self._places is not None:
            self._places.leave(whose)

    def _take_place(self, request: Request) -> None:
        """Have a request be one of those under way, until it ends, whatever it waits for. Raises `ServerBusy` where its
        account may have no more."""
        if self._places is None:
            return
        uid = request.caller.uid
        if not self._places.take(uid):
            raise ServerBusy(CROWDED)
        self._placed[request.hang_up] = uid

    async def _claim(self, request: Request, record_id: str) -> Claim | Kept | None:
        key = request.idempotency_key
        if key is None:
            return None
        return await self._idempotency.claim(request.caller.party, key, record_id)

    async def _serve_anew(
        self, request: Request, tariff: Tariff, record_id: str, claim: Claim | None
    ) -> PaidAnswer | PaidStream:
        """Serve what nobody has been given for its key, which it lets go of where it came to nothing."""
        self._active[request.hang_up] = request
        way = None
        try:
            with span("hold", model=request.model):
                way = await self._ways.of(request, tariff)
            return await self._serve(request, way, record_id, claim)
        except BaseException as error:
            # Where the store does not answer, the record may be complete and the answer kept: the key is then freed
            # by what the record turns out to be. Before anything is held there is none.
            if claim is not None and not (way is not None and isinstance(error, StoreUnavailable)):
                await self._let_go(claim)
            raise

    async def _let_go(self, claim: Claim) -> None:
        """Release a key; where the store does not answer, once it does, so that nobody waits until it is abandoned."""
        try:
            await self._idempotency.release(claim)
        except Unreachable:
            self._later.add(lambda: self._idempotency.release(claim))

    async def _serve(self, request: Request, way: Way, record_id: str, claim: Claim | None) -> PaidAnswer | PaidStream:
        tab = self._tab(request, way, record_id)
        call = way.call(request)
        serving = Serving(request, way.admitted, tab, claim, self._drain_s)
        tab.open()
        try:
            answer = await request.hang_up.guard(lambda: self._gateway.open(call), lambda: self._grace(call.progress))
        except BaseException as error:
            await self._close_failed(serving, call.progress, error)
            if request.hang_up.happened and isinstance(error, UpstreamFailed):
                raise HungUp from error  # there is nobody left to tell
            raise
        serving = serving.by(answer.source.public)
        if isinstance(answer, StreamAnswer):
            stream = PaidStream(serving, answer, lambda: self._end(request))
            if answer.inspector.complete:  # all of it has come already
                await stream.settle_whole()
                return stream
            try:
                await tab.await_pending()
            except BaseException as error:
                await answer.aclose()
                if isinstance(error, StoreUnavailable):
                    await self._close_unrelayed(serving, answer.source, error)
                raise
            return stream
        if isinstance(answer, RejectedAnswer):
            return await self._finish_rejected(serving, answer)
        return await self._finish_plain(serving, answer)

    def _grace(self, progress: Progress) -> float:
        """The client has hung up: how long its call may go on, for the count that only its upstream knows. Nothing more
        is sent; where nothing was, there is nothing to wait for."""
        progress.nobody_waits = True
        return 0.0 if progress.sent_to is None else self._drain_s

    async def _finish_plain(self, serving: Serving, answer: PlainAnswer) -> PaidAnswer:
        source, request = answer.source, serving.request
        is_late = request.hang_up.happened and not request.hang_up.by_server
        measured = await serving.measure(answer)
        ending = Ending("aborted" if is_late else "ok", measured, source)
        if answer.usage is not None and answer.usage_is_final:
            ending.doubt = await serving.doubt(answer, measured, source)
        elif source.cached_share_bp is None and self._may_hide(serving, answer):
            ending.doubt = Doubt("what was done unseen was never told")
        settled = await serving.close(
            ending,
            lambda settled: Kept(
                request.rendering.head(source, request.receipt_id, settled, request.dropped),
                request.rendering.body(answer, settled, wants_cost=request.own.wants_cost),
                stream=False,
            ),
        )
        return PaidAnswer(answer, settled, serving.admitted.hold)

    def _may_hide(self, serving: Serving, answer: PlainAnswer) -> bool:
        """Whether more may have been done for an answer than is seen of it."""
        if serving.request.completes and not any(answer.texts()):
            return True
        return Drain(serving.request, answer.source, serving.tab.price_of(answer.source)).may_hide

    async def _finish_rejected(self, serving: Serving, answer: RejectedAnswer) -> PaidAnswer:
        """The upstream found fault with the request: it costs nothing, and an idempotency key is free again."""
        ending = Ending("error", source=answer.source, error="the upstream refused the request")
        settled = await serving.tab.close(ending)
        if serving.claim is not None:
            await self._let_go(serving.claim)
        return PaidAnswer(answer, settled, serving.admitted.hold)

    async def _close_failed(self, serving: Serving, progress: Progress, error: BaseException) -> None:
        """Close the books on a request that nobody has answered. What was sent is not free to who hung up on it; what
        an upstream is paid for all the same is our loss."""
        loss = error.loss if isinstance(error, UpstreamFailed) else None
        asked = progress.sent_to
        if loss is not None:
            serving = serving.by(loss.source.public)
        elif asked is not None:
            serving = serving.by(asked.public)
        request, admitted, tab = serving.request, serving.admitted, serving.tab
        attempts = error.attempts if isinstance(error, UpstreamFailed) else progress.attempts
        if loss is not None:
            measured = measure_loss(loss, admitted)
            status: Literal["aborted", "error"] = "aborted" if request.hang_up.happened else "error"
            ending = Ending(status, measured, loss.source, error=loss.why, is_loss=True)
            ending.doubt = Doubt(loss.why) if loss.usage is None else None
            await tab.close(ending)
            return
        hung_up = request.hang_up.happened and isinstance(error, HungUp | UpstreamFailed)
        if hung_up:
            why = "the server was shut down" if request.hang_up.by_server else "the client hung up"
        else:
            why = error.code if isinstance(error, FareboxError) else "internal_error"
        ending = Ending("aborted" if hung_up else "error", attempts=attempts, error=why)
        if asked is not None:
            ending.source = Source(
                asked.upstream.id, asked.model, tuple(attempts), None, asked.price, public=asked.public
            )
            ending.measured = await measure_unanswered(request, admitted)
            ending.at_most = measure_unheard(ending.measured, admitted)
            ending.is_loss = not hung_up or request.hang_up.by_server
            ending.doubt = Doubt("it was sent, and its answer not waited for")
        await tab.close(ending)

    async def _close_unrelayed(self, serving: Serving, source: Source, error: StoreUnavailable) -> None:
        """Close the books, once that can be, on a stream that has begun and of which nobody was given anything."""
        measured = await measure_unanswered(serving.request, serving.admitted)
        ending = Ending("error", measured, source, error=error.code, is_loss=True)
        ending.at_most = measure_unheard(measured, serving.admitted)
        ending.doubt = Doubt("it was given up before it was relayed")
        with suppress(StoreUnavailable):
            await serving.tab.close(ending)

    async def _tariff_of(self, request: Request) -> Tariff:
        allowed, model = request.caller.models, request.model
        if allowed is not None and model not in allowed:
            near = await self._near(request)
            raise Forbidden(
                f"This API key, or its plan, may not use the model {model!r}.{near} List what it may use with "
                "GET /v1/models.",
                code="model_not_allowed",
                param="model",
            )
        routes = self._gateway.routes.get(model)
        if routes is None:
            near = await self._near(request)
            raise NotFound(
                f"There is no model {model!r} here.{near} List the models that there are with GET /v1/models.",
                code="model_not_found",
                param="model",
            )
        try:
            return await self._prices.tariff(routes)
        except NotFound as error:
            raise unpriced(model) from error  # by the name that was asked for

    async def _near(self, request: Request) -> str:
        """What may have been meant, of the models that the caller may use."""
        served = served_models(self._gateway.routes, await self._prices.current(), request.caller.models)
        return did_you_mean(request.model, (price.model for price in served))

    def _tab(self, request: Request, way: Way, record_id: str) -> Tab:
        admitted, tariff = way.admitted, way.tariff
        hold = admitted.hold
        record = UsageRecord(
            user=request.caller.uid,
            key=request.caller.terms.id,
            model=request.model,
            created_at=self._now(),
            request_id=request.request_id,
            lease=hold.lease.id,
            period=hold.scope.period,
            path=request.own.endpoint,
            stream=request.stream,
            price_version=tariff.ceiling.version,
            held=hold.amount,
            belongs=request.caller.terms.belongs,
            days=hold.scope.days,
        )
        if hold.lease.outcome is not None:
            record.set_time_zone(hold.lease.outcome.time_zone)
        return Tab(
            store=self._store,
            leases=self._leases,
            journal=self._journal,
            hold=hold,
            tariff=tariff,
            tier=admitted.tier,
            bound_of=way.bound_of,
            record_id=record_id,
            record=record,
            multiplier_bp=request.caller.multiplier_bp,
            now=self._now,
            clock=self._clock,
            later=self._later,
        )
