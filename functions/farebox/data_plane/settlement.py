"""Settlement: the price of a request, its bill, and the charge that the wallet bears."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from functions.farebox.data_plane.doubt import Doubt
from functions.farebox.data_plane.measure import Measured
from functions.farebox.data_plane.reply import Settled
from functions.farebox.errors import StoreUnavailable
from functions.farebox.gateway.answers import Source
from functions.farebox.gateway.trail import Attempt
from functions.farebox.kit.model_names import MAX_NAME
from functions.farebox.kit.money import ceil_div, format_usd
from functions.farebox.leases.late_charges import charge_late
from functions.farebox.leases.pool import Hold, LeasePool
from functions.farebox.observability.metrics import (
    CHARGED,
    FIRST_BYTE,
    LOSSES,
    REQUESTS,
    SHORTFALL,
    TOKENS,
    UNEXPECTED_ANSWERS,
)
from functions.farebox.observability.request_context import note
from functions.farebox.observability.telemetry import count, listener, observe, span
from functions.farebox.pricing.bill import ONE_BP, Bill, charge
from functions.farebox.pricing.bound import Bound
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.storage import Contended, Store, Unreachable, Write
from functions.farebox.storage.later import Later
from functions.farebox.tokens.usage.usage import Usage
from functions.farebox.usage.journal import Displaced, GivenUp, Journal, Opening, Otherwise
from functions.farebox.usage.record import Outcome, TokenCounts, UsageRecord

NOTHING = Usage()

log = logging.getLogger("farebox.settlement")


class Ending(Struct):
    """How a request ended. `measured=None` costs nothing. `source` is who answered it, or refused it; where nobody did,
    `attempts` are those that were made. `error` is what went wrong, for the record. `is_loss`: it cost what it did, and
    that is not the client's to pay. `at_most`: what it may have come to where nobody heard all of it; what that costs
    beyond the charge is our loss. `doubt`: it may have cost more than that, which is our loss as well."""

    status: Literal["ok", "error", "aborted"]
    measured: Measured | None = None
    source: Source | None = None
    attempts: Sequence[Attempt] = ()
    error: str | None = None
    is_loss: bool = False
    at_most: Measured | None = None
    doubt: Doubt | None = None


class Tab:
    """One request's account: opened before its upstream is called, closed once, whatever becomes of it."""

    def __init__(
        self,
        *,
        store: Store,
        leases: LeasePool,
        journal: Journal,
        hold: Hold,
        tariff: Tariff,
        tier: str | None = None,
        bound_of: Callable[[str], Bound | None] = lambda _model: None,
        record_id: str,
        record: UsageRecord,
        multiplier_bp: int = ONE_BP,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        later: Later,
    ) -> None:
        self.record_id = record_id
        self._store = store
        self._leases = leases
        self._journal = journal
        self._hold = hold
        self._tariff = tariff
        self._tier = tier  # the service tier that was asked for, where it has a price of its own
        self._bound_of = bound_of  # the most that a model may do for it; what is held covers that
        self._record = record
        self._multiplier_bp = multiplier_bp
        self._now = now
        self._clock = clock
        self._later = later
        self._opened_s = clock()
        self._opening: Opening | None = None

    def open(self) -> None:
        """Begin to make the pending record durable."""
        self._opening = self._journal.begin(self.record_id, self._record)

    async def await_pending(self) -> None:
        """Wait until it is. `StoreUnavailable`: nothing may be relayed then, and the tab is closed all the same."""
        assert self._opening is not None, "a tab is opened first"
        await self._journal.await_pending(self._opening)

    async def close(
        self,
        ending: Ending,
        keep: Callable[[Settled], Awaitable[Sequence[Write]]] | None = None,
        *,
        is_delivered: bool = False,
    ) -> Settled:
        """Charge the request and complete its record, by the price of whoever answered. What the cache answered costs
        its share of that price, and no upstream anything.

        `keep` says what else to write in the same commit, given what the client will be told.

        Raises `StoreUnavailable` where that could not be made certain. The books are closed as soon as it can; what
        nobody has been given by then (`is_delivered`), nor will be for its key, is the operator's loss.
        """
        with span("settle", status=ending.status):
            outcome = await self._outcome(ending)
            balance = self._leases.balance(self._hold)
            usage = ending.measured.usage if ending.measured else NOTHING
            charged = outcome.charged
            settled = Settled(charged, None if balance is None else balance - charged, usage)
            others = await keep(settled) if keep else ()
            try:
                try:
                    is_complete = await self._complete(outcome, others)
                except Displaced:  # whoever has the key by now keeps theirs
                    others = ()
                    is_complete = await self._complete(outcome, others)
            except StoreUnavailable:
                rest = others
                self._later.add(lambda: self._close_later(outcome, rest, is_delivered=is_delivered))
                raise
            late = await self._charge(outcome, others, is_complete=is_complete)
            if late is not None:
                settled = replace(settled, charged=late)
        self._tell(settled.charged, outcome)
        return settled

    async def _outcome(self, ending: Ending) -> Outcome:
        """What is to be written."""
        measured, source = ending.measured, ending.source
        doubt = ending.doubt
        if measured is not None and measured.beyond is not None and (doubt is None or doubt.at_most is not None):
            ending.doubt = Doubt(measured.why_beyond, measured.beyond, 0 if doubt is None else doubt.cost)
        bill, is_as_held, other_model = self._bill(measured, source)
        cost = bill.total
        if cost > self._hold.amount and is_as_held and not ending.is_loss:
            await self._leases.extend(self._hold, cost - self._hold.amount)
        charged = 0 if ending.is_loss else min(cost, self._most_charged(source, is_as_held=is_as_held))
        if ending.at_most is not None:
            bill = max(bill, self._bill(ending.at_most, source)[0], key=lambda each: each.total)
            cost = bill.total
        usage = measured.usage if measured else NOTHING
        attempts, lost = self._attempts(source.attempts if source else ending.attempts)
        doubted = self._doubted(ending, bill)
        outcome = Outcome(
            status=ending.status,
            upstream=source.upstream if source else None,
            tokens=TokenCounts(
                usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, usage.reasoning_tokens
            ),
            cost=cost,
            list_cost=0 if source and source.cached_share_bp is not None else bill.list_total,
            charged=charged,
            shortfall=cost - charged,
            lost=lost + doubted,
            lost_why=ending.doubt.why if ending.doubt and doubted else None,
            extended=self._hold.amount - self._record.held,
            usage_source=measured.source if measured else None,
            price_version=bill.price_version,
            bill=bill.to_data() if measured else None,
            attempts=attempts,
            latency_ms=self._ms_until(self._clock()),
            first_token_ms=self._first_token_ms(source),
            error=ending.error,
            answered_model=other_model or self._fallback(source),
            service_tier=None if measured is None or measured.tier is None else measured.tier[:MAX_NAME],
        )
        if not is_as_held and (source is None or source.cached_share_bp is None):
            self._report_unexpected(outcome)
        if outcome.lost:
            self._report_losses(outcome, ending.doubt if doubted else None)
        return outcome

    async def _charge(self, outcome: Outcome, others: Sequence[Write], *, is_complete: bool) -> int | None:
        """Have the wallet pay, now that the record says what it came to, or that a sweep was first: what was charged
        late, `None` where it was in time."""
        if is_complete:
            if await self._leases.spend(self._hold, self.record_id, self._record):
                return None
            return await charge_late(self._store, self.record_id, self._now())
        self._leases.cancel(self._hold)
        late = await charge_late(self._store, self.record_id, self._now(), outcome)
        if others:
            # Whoever took this request for lost may have the key by now; and what is charged is not closed again.
            with suppress(Contended, Unreachable):
                await self._store.write(*others)
        return late

    async def _close_later(self, outcome: Outcome, others: Sequence[Write], *, is_delivered: bool) -> None:
        """The same once the store answers again. Raises `StoreUnavailable` where it does not."""
        unpaid = outcome if is_delivered else replace(outcome, charged=0, shortfall=outcome.cost)
        due = outcome if others else unpaid
        is_complete = None
        while is_complete is None:
            try:
                is_complete = await self._complete(due, others)
            except GivenUp:
                self._leases.cancel(self._hold)
                return
            except Displaced:  # nobody will be given it for its key
                due, others = unpaid, ()
            except Otherwise as told:  # what could not be made certain had been written
                due = replace(outcome, charged=told.charged, shortfall=outcome.cost - told.charged)
        if not is_complete and not is_delivered:  # its key is free, and may be another's
            due, others = unpaid, ()
        with suppress(StoreUnavailable):  # a sweep sees to what is left of it
            await self._charge(due, others, is_complete=is_complete)

    def _bill(self, measured: Measured | None, source: Source | None) -> tuple[Bill, bool, str | None]:
        """What it cost, by the model and in the service tier that the answer names; whether these are what was held
        for, for what was not is no reason to take more than the hold; and the model, if another was asked for."""
        tariff = self._tariff
        if measured is None or source is None:
            return charge(tariff.ceiling, NOTHING, 0, multiplier_bp=self._multiplier_bp), True, None
        share_bp = ONE_BP if source.cached_share_bp is None else source.cached_share_bp
        multiplier_bp = ceil_div(self._multiplier_bp * share_bp, ONE_BP)
        price, is_other = tariff.answered(source.price, source.model, measured.model)
        tier = price.tier_served(None if source.went_without_tier else self._tier, measured.tier)
        bill = charge(price, measured.usage, tier=tier, multiplier_bp=multiplier_bp)
        if measured.otherwise is not None:
            otherwise = charge(price, measured.otherwise, tier=tier, multiplier_bp=multiplier_bp)
            bill = max(bill, otherwise, key=lambda each: each.total)
        is_as_held = (not is_other or price.model in tariff.prices) and (tier is None or tier == self._tier)
        return bill, is_as_held, measured.model[:MAX_NAME] if is_other and measured.model else None

    def _most_charged(self, source: Source | None, *, is_as_held: bool) -> int:
        """The most that is taken for an answer, in nano-USD: what is held. An unexpected one cost no more than that
        when it was new, and costs its share of it from the cache."""
        held = self._hold.amount
        if is_as_held or source is None or source.cached_share_bp is None:
            return held
        return ceil_div(held * source.cached_share_bp, ONE_BP)

    def _attempts(self, made: Sequence[Attempt]) -> tuple[list[dict[str, Any]], int]:
        """The attempts as they are stored, each with what it cost by its own report, or may have cost, where it came to
        nothing; and the sum of that, in nano-USD."""
        stored = [attempt.to_data() for attempt in made]
        lost = 0
        for attempt, data in zip(made, stored, strict=True):
            if attempt.may_be_billed:
                data["lost"] = self._lost(attempt)
                lost += data["lost"]
        return stored, lost

    def _lost(self, attempt: Attempt) -> int:
        """What an attempt that came to nothing may have cost, in nano-USD at list prices."""
        if attempt.usage is None or not attempt.usage.prompt_is_told:
            return self._most(attempt.public, self._tariff.price_of(attempt.price))
        price = self._tariff.price_of(attempt.price)
        return charge(price, attempt.usage, tier=price.tier_served(self._tier, None)).list_total

    def _doubted(self, ending: Ending, bill: Bill) -> int:
        """What an answer may have cost beyond its bill, in nano-USD at list prices."""
        doubt, source, measured = ending.doubt, ending.source, ending.measured
        if doubt is None or source is None or measured is None or source.cached_share_bp is not None:
            return 0
        if doubt.at_most is None:
            most = self._most(source.public, self._tariff.answered(source.price, source.model, measured.model)[0])
        elif doubt.at_most is measured.usage:
            most = 0
        else:
            most = self._bill(replace(measured, usage=doubt.at_most), source)[0].list_total
        return max(0, max(most, doubt.cost) - bill.list_total)

    def _fallback(self, source: Source | None) -> str | None:
        """The model that answered, if it is a fallback of the one that was asked for."""
        return source.public if source is not None and source.public not in ("", self._record.model) else None

    def _most(self, model: str, price: Price) -> int:
        """The most that somebody's work for it can cost at list prices, in nano-USD."""
        bound = self._bound_of(model) or self._bound_of(self._record.model)
        return self._hold.amount if bound is None else bound.cost(price)

    @property
    def dearest(self) -> Price:
        """The ceiling of all who may answer."""
        return self._tariff.ceiling

    def longest_context(self) -> int | None:
        """The most tokens that whoever may answer reads at a time; `None` where the price of one does not say."""
        return self._tariff.longest_context

    def price_of(self, source: Source) -> Price:
        """The price of the model that was asked."""
        return self._tariff.price_of(source.price)

    def _report_unexpected(self, outcome: Outcome) -> None:
        """Tell operators of an answer by another model, or in another service tier, than was asked for."""
        count(UNEXPECTED_ANSWERS, 1, model=self._record.model)
        if outcome.shortfall:
            log.warning(
                "%s was asked of %s, and answered by %s (service tier %s), which costs more than was held: %s",
                self._record.model,
                outcome.upstream,
                outcome.answered_model or "the same model",
                outcome.service_tier or "not told",
                f"{format_usd(outcome.shortfall)} USD are nobody's",
            )

    def _report_losses(self, outcome: Outcome, doubt: Doubt | None) -> None:
        """Tell operators of what upstreams may charge for, and nobody pays."""
        for upstream, amount in outcome.losses().items():
            count(LOSSES, amount, upstream=upstream or "unknown")
        if doubt is not None and outcome.status == "ok":
            log.warning(
                "%s was answered by %s, which may charge %s USD more than was charged: %s",
                self._record.model,
                outcome.upstream,
                format_usd(outcome.lost),
                doubt.why,
            )

    def _first_token_ms(self, source: Source | None) -> int | None:
        return None if source is None or source.first_byte_s is None else self._ms_until(source.first_byte_s)

    def _ms_until(self, then_s: float) -> int:
        return round((then_s - self._opened_s) * 1000)

    async def _complete(self, outcome: Outcome, others: Sequence[Write]) -> bool:
        """Whether the record is complete now; `False` where a sweep has given it up."""
        assert self._opening is not None, "a tab is opened before it is closed"
        self._record.reopen()
        fields = self._record.complete(outcome)
        self._journal.amend(self._opening, fields, *others)
        await self.await_pending()
        return await self._journal.complete(self._opening, fields, *others)

    def _tell(self, charged: int, outcome: Outcome) -> None:
        """Tell whoever watches what the request came to."""
        model, status = self._record.model, outcome.status
        note(
            model=model,
            outcome=status,
            upstream=outcome.upstream,
            charged_nanos=charged,
            shortfall_nanos=outcome.shortfall + outcome.lost,
            first_byte_ms=outcome.first_token_ms,
            record=self.record_id,
        )
        if listener() is None:
            return
        count(REQUESTS, 1, model=model, status=status)
        count(CHARGED, charged, model=model)
        count(SHORTFALL, outcome.shortfall + outcome.lost, model=model)
        assert outcome.tokens is not None, "a request that has ended is measured"
        for kind, tokens in outcome.tokens.to_data().items():
            count(TOKENS, tokens, model=model, type=kind)
        if outcome.first_token_ms is not None and outcome.upstream is not None:
            observe(FIRST_BYTE, outcome.first_token_ms / 1000, model=model, upstream=outcome.upstream)
