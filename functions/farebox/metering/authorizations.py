"""Authorizations: holds for the requests of other gateways, captured or voided later.

    open ──capture──> captured
      ├────void─────> voided
      └────expire───> expired ──capture, late──> captured

An open authorization counts in its wallet's `reserved` as a lease does, so what one gateway holds no other spends. It
is kept in `authorizations/{...}`, named by the gateway's own request id, and each step is one transaction that finds
there what was done before: a step made twice changes nothing and answers the same.

What is captured beyond the hold comes from what is free, down to zero; the rest is the operator's `shortfall`. What
was held stays held: a debt, a dispute or a lowered budget does not stop its capture. A report that conflicts with what
was done before is refused, and booked as a loss (`losses.py`): its request has happened all the same.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from functions.farebox.accounts.account import is_active, user_path
from functions.farebox.errors import Conflict, Forbidden, NotFound, OutOfMoney
from functions.farebox.ledger.funds import NOTHING_CAPPED, Caps, Funds, Scope
from functions.farebox.ledger.gates import REFUSAL_CODES, SPANS_BY_GATE, describe_span_budget
from functions.farebox.ledger.wallet import Posting, entry_path
from functions.farebox.limits.span_budgets import Days, SpanCaps
from functions.farebox.limits.tenant_budget import Membership
from functions.farebox.metering.losses import book_refused
from functions.farebox.metering.reports import KEY, Report, create_record
from functions.farebox.observability.metrics import CHARGED, REQUESTS, SHORTFALL
from functions.farebox.observability.request_context import note
from functions.farebox.observability.telemetry import count
from functions.farebox.storage import Data, Filter, Query, Store, Transaction
from functions.farebox.usage.record import Outcome, TokenCounts, record_path

State = Literal["open", "captured", "voided", "expired"]

LIFETIME = timedelta(minutes=15)
PAGE = 200


@dataclass(frozen=True, slots=True)
class Authorization:
    """A hold, and what became of it. Amounts in nano-USD."""

    id: str
    user: str
    model: str
    request_id: str
    amount: int  # held
    state: State
    period: str  # the budget period that it was granted in
    expires_at: datetime
    created_at: datetime
    cost: int = 0  # as reported
    charged: int = 0
    was_held: bool = True  # not so for usage that was only logged
    tenant: str | None = None
    tenant_period: str = ""  # of its budget, where it has one
    user_day: str = ""  # in the user's budgets of other spans than a month, where they have one

    @classmethod
    def from_data(cls, authorization_id: str, data: Mapping[str, Any]) -> "Authorization":
        """From storage."""
        return cls(id=authorization_id, **data)

    def to_data(self) -> Data:
        """For storage; the id is the document's."""
        data = {name: getattr(self, name) for name in self.__slots__ if name not in ("id", "user_day")}
        return {**data, **self.scope.days.to_data()}

    @property
    def scope(self) -> Scope:
        """The budgets that it counts in."""
        return Scope(self.period, Membership(self.tenant, self.tenant_period), days=Days.of_user(self.user_day))

    @property
    def shortfall(self) -> int:
        """Of the cost, what nobody paid."""
        return self.cost - self.charged


def authorization_id(request_id: str) -> str:
    """The document id for a gateway's request id, which may be any text."""
    return "met_" + hashlib.sha256(request_id.encode()).hexdigest()[:40]


def authorization_path(authorization_id: str) -> str:
    """Where an authorization is kept."""
    return f"authorizations/{authorization_id}"


class Authorizations:
    """The holds of other gateways."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def authorize(
        self, uid: str, model: str, request_id: str, amount: int, now: datetime, *, lifetime: timedelta = LIFETIME
    ) -> Authorization:
        """Hold an amount. Asked again on the same terms, it answers the same hold as it stands now.

        Raises `NotFound`, `Forbidden` for a suspended account, `OutOfMoney`, or `Conflict` for other terms and for a
        hold that is over, be it captured: nothing is held for it any more, and who asks would go on as if there were.
        """
        hold_id = authorization_id(request_id)

        async def work(tx: Transaction) -> Authorization:
            together = Funds.paths(uid, spans=["user"])
            known, user, *_ = await tx.get_many(authorization_path(hold_id), user_path(uid), *together)
            if known is not None:
                hold = _same(Authorization.from_data(hold_id, known.data), uid, model)
                return _standing(_on_terms(hold, amount, lifetime), now)
            if user is None:
                raise NotFound("There is no such user.", param="user_id")
            if not is_active(user.data):
                raise Forbidden("This account is suspended.", code="account_suspended")
            funds = await Funds.open(tx, uid, now, caps={"user": SpanCaps.from_data(user.data)})
            _require(funds, amount)
            funds.reserve(amount)
            hold = _begun(hold_id, uid, model, request_id, funds.scope, now)
            hold = replace(hold, amount=amount, state="open", expires_at=now + lifetime, was_held=True)
            funds.save(tx)
            tx.create(authorization_path(hold_id), hold.to_data())
            return hold

        return await self._store.transact(work)

    async def read(self, request_id: str) -> Authorization:
        """A hold as it stands. Raises `NotFound`."""
        hold_id = authorization_id(request_id)
        document = await self._store.get(authorization_path(hold_id))
        if document is None:
            raise _unknown()
        return Authorization.from_data(hold_id, document.data)

    async def capture(self, request_id: str, report: Report, now: datetime) -> Authorization:
        """Charge what a held request cost, and let go of the rest. Raises `NotFound`, or `Conflict` for one that was
        voided, or captured at another cost: then the cost is booked as a loss."""
        seen = await self.read(request_id)

        async def work(tx: Transaction) -> tuple[Authorization, bool]:
            hold = await _read_all(tx, seen.id, seen.user)
            assert hold is not None, "an authorization is never deleted"
            captured = await _capture(tx, hold, report, now)
            return captured, captured is not hold

        async with self._booking(seen.user, seen.model, request_id, report, now):
            return _told(*await self._store.transact(work))

    async def capture_tokens(
        self,
        request_id: str,
        tokens: TokenCounts,
        price: Callable[[Authorization, TokenCounts], Awaitable[Report]],
        now: datetime,
    ) -> Authorization:
        """Capture by tokens, which `price` tells the cost of: once. The same told again has cost what it did, whatever
        has become of prices and of the model since. Raises what `capture` does, and what `price` does."""
        seen = await self.read(request_id)
        if seen.state == "voided":
            with suppress(NotFound):  # a loss whose amount nobody can tell
                await self.capture(request_id, await price(seen, tokens), now)
            raise _voided()
        if seen.state == "captured" and await self._was_priced_for(seen, tokens):
            return _told(seen, is_new=False)
        return await self.capture(request_id, await price(seen, tokens), now)

    async def _was_priced_for(self, captured: Authorization, tokens: TokenCounts) -> bool:
        document = await self._store.get(record_path(captured.id))
        if document is None:  # usage is forgotten after a time
            return False
        outcome = Outcome.from_data(document.data)
        return outcome.list_cost is not None and outcome.tokens == tokens  # else its cost was told

    async def log(self, uid: str, model: str, request_id: str, report: Report, now: datetime) -> Authorization:
        """Charge a request that has happened: through its hold if it has one, else from what is free.

        Raises `NotFound`, or `Conflict` where this request id was used for something else: then the cost is booked as a
        loss.
        """
        hold_id = authorization_id(request_id)

        async def work(tx: Transaction) -> tuple[Authorization, bool]:
            hold = await _read_all(tx, hold_id, uid)
            if hold is not None:
                captured = await _capture(tx, _same(hold, uid, model), report, now)
                return captured, captured is not hold
            user = await tx.get(user_path(uid))
            caps: Caps = {} if user is None else {"user": SpanCaps.from_data(user.data)}
            funds = await Funds.open(tx, uid, now, hold_id, caps=caps)
            blank = _begun(hold_id, uid, model, request_id, funds.scope, now)
            return await _capture(tx, blank, report, now, caps), True

        async with self._booking(uid, model, request_id, report, now):
            return _told(*await self._store.transact(work))

    @asynccontextmanager
    async def _booking(
        self, uid: str, model: str, request_id: str, report: Report, now: datetime
    ) -> AsyncIterator[None]:
        """Have a report booked as a loss where it is refused."""
        try:
            yield
        except Conflict:
            await book_refused(self._store, authorization_id(request_id), uid, model, request_id, report, now)
            raise

    async def void(self, request_id: str, now: datetime) -> Authorization:
        """Let go of a hold whose request came to nothing. Raises `NotFound`, or `Conflict` if it was captured."""
        seen = await self.read(request_id)

        async def work(tx: Transaction) -> Authorization:
            hold = await _read_all(tx, seen.id, seen.user)
            assert hold is not None, "an authorization is never deleted"
            if hold.state == "captured":
                raise Conflict("This request was captured, so it cannot be voided.", param="request_id")
            return await _let_go(tx, hold, "voided", now) if hold.state == "open" else hold

        return await self._store.transact(work)

    async def expire(self, now: datetime) -> int:
        """Let go of every hold whose time is over; answers how many there were. Safe to run twice at once."""
        done = 0
        over = (Filter("state", "==", "open"), Filter("expires_at", "<=", now))
        async for document in self._store.scan(Query("authorizations", over, order_by="expires_at", limit=PAGE)):
            done += await self._expire(Authorization.from_data(document.id, document.data), now)
        return done

    async def _expire(self, seen: Authorization, now: datetime) -> bool:
        async def work(tx: Transaction) -> bool:
            hold = await _read_all(tx, seen.id, seen.user)
            if hold is None or hold.state != "open":
                return False
            await _let_go(tx, hold, "expired", now)
            return True

        return await self._store.transact(work)


async def _read_all(tx: Transaction, hold_id: str, uid: str) -> Authorization | None:
    """A hold, read at one moment with all that its steps read: only so do hold and wallet agree.

    The entries that pay a debt are among it so that of two who take a step at once one tries again.
    """
    debts = (entry_path(uid, f"{_cause(hold_id, state)}.debt") for state in ("captured", "voided", "expired"))
    paths = (authorization_path(hold_id), record_path(hold_id), *debts, *Funds.paths(uid, hold_id, spans=["user"]))
    document, *_ = await tx.get_many(*paths)
    return None if document is None else Authorization.from_data(hold_id, document.data)


def _cause(hold_id: str, state: str) -> str:
    """What a step is called in the entry that pays a debt from what it lets go."""
    return f"{hold_id}.{state}"


def _told(captured: Authorization, is_new: bool) -> Authorization:
    """Tell whoever watches of a charge, once."""
    note(uid=captured.user)
    if is_new:
        note(charged_nanos=captured.charged)
        count(REQUESTS, 1, model=KEY, status="ok")  # a gateway's models are its own, and may be many
        count(CHARGED, captured.charged, model=KEY)
        count(SHORTFALL, captured.shortfall, model=KEY)
    return captured


async def _let_go(tx: Transaction, hold: Authorization, state: State, now: datetime) -> Authorization:
    funds = await Funds.open(tx, hold.user, now, scope=hold.scope)
    funds.release(hold.amount)
    funds.save(tx, collect_debt_as=_cause(hold.id, state))
    ended = replace(hold, state=state)
    tx.set(authorization_path(hold.id), ended.to_data())
    return ended


async def _capture(
    tx: Transaction, hold: Authorization, report: Report, now: datetime, caps: Caps = NOTHING_CAPPED
) -> Authorization:
    """Charge a request once, with its usage record and its part of the aggregates. `caps` are told where nothing was
    held, and so where none may be known of yet."""
    if hold.state == "captured":
        if hold.cost != report.cost:
            raise Conflict("This request was captured at another cost.", param="request_id")
        return hold
    if hold.state == "voided":
        raise _voided()
    funds = await Funds.open(tx, hold.user, now, hold.id, scope=hold.scope, caps=caps)
    held = hold.amount if hold.state == "open" else 0
    within = min(report.cost, held)
    extra = funds.affordable(report.cost - within)
    charged = within + extra
    funds.release(held - within)
    if charged:
        metadata = {"requests": 1, "period": hold.period, **hold.scope.as_metadata()}
        posting = Posting(hold.id, "usage", -charged, "1 request, metered", KEY, metadata=metadata)
        funds.spend(posting, unreserved=extra)
    funds.save(tx, collect_debt_as=_cause(hold.id, "captured"))
    captured = replace(hold, state="captured", cost=report.cost, charged=charged)
    create_record(
        tx,
        hold.id,
        report.came_to(charged),
        uid=hold.user,
        model=hold.model,
        request_id=hold.request_id,
        time_zone=funds.book.wallet.time_zone,
        now=now,
        period=hold.period,
        held=hold.amount,
    )
    tx.set(authorization_path(hold.id), captured.to_data())
    return captured


def _begun(hold_id: str, uid: str, model: str, request_id: str, scope: Scope, now: datetime) -> Authorization:
    """A request that nothing is held for."""
    return Authorization(
        id=hold_id,
        user=uid,
        model=model,
        request_id=request_id,
        amount=0,
        state="expired",
        period=scope.period,
        expires_at=now,
        created_at=now,
        was_held=False,
        tenant=scope.membership.tenant,
        tenant_period=scope.membership.period,
        user_day=scope.days.user,
    )


def _require(funds: Funds, amount: int) -> None:
    gate = funds.too_narrow_for(amount)
    if gate is None:
        return
    if gate == "wallet":
        raise OutOfMoney("The user's credit does not cover this request.", code=REFUSAL_CODES[gate])
    if gate in SPANS_BY_GATE:
        of_span = describe_span_budget(gate, funds.days, funds.book.wallet.time_zone)
        raise OutOfMoney(f"This request does not fit in {of_span}", code=REFUSAL_CODES[gate])
    whose = gate.removesuffix("_budget")
    raise OutOfMoney(f"The {whose}'s monthly budget does not cover this request.", code=REFUSAL_CODES[gate])


def _same(hold: Authorization, uid: str, model: str) -> Authorization:
    if (hold.user, hold.model) != (uid, model):
        raise Conflict("This request_id was used for another request.", param="request_id")
    return hold


def _on_terms(hold: Authorization, amount: int, lifetime: timedelta) -> Authorization:
    if not hold.was_held or (hold.amount, hold.expires_at - hold.created_at) != (amount, lifetime):
        raise Conflict("This request_id was used for another request.", param="request_id")
    return hold


def _standing(hold: Authorization, now: datetime) -> Authorization:
    """The hold, unless it was captured or let go of, or will be by the next sweep."""
    if hold.state == "open" and now < hold.expires_at:
        return hold
    how = f"was {hold.state}" if hold.state in ("captured", "voided") else "has expired"
    raise Conflict(
        f"The authorization of this request_id {how}. Ask for another, with a request_id of its own.",
        param="request_id",
    )


def _voided() -> Conflict:
    return Conflict("This request was voided, so it cannot be captured.", param="request_id")


def _unknown() -> NotFound:
    return NotFound("There is no such authorization.", param="request_id")
