"""Users, as operators find and change them: suspended, restored, put on plans and terms, credited."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from functions.farebox.accounts.account import ORGANISATION, AccountStatus, is_gone, user_path
from functions.farebox.accounts.plans import Plans
from functions.farebox.admin.audit_trail import AdminCommand, AuditEntry, AuditTrail, Change
from functions.farebox.billing.plan_credit import grant_plan_credit, open_for_credit
from functions.farebox.billing.subscriptions.terms import OVERRIDABLE, adopt_plan, read_overrides
from functions.farebox.errors import Conflict, InvalidRequest, NotFound
from functions.farebox.identity.factors.enrolment import Enrolment, factors_path
from functions.farebox.kit.money import MAX_NANOS, format_usd
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.rate_windows import Limits
from functions.farebox.limits.span_budgets import NO_CAPS, Span, SpanCaps, read_span_budgets, span_budgets_path
from functions.farebox.limits.tenant_budget import check_tenant
from functions.farebox.storage import Data, Document, Store, Transaction
from functions.farebox.usage.spending import spent_by_user

SPAN_BUDGETS = frozenset({"daily_budget", "weekly_budget", "total_budget"})
TOTAL_SINCE = frozenset({"total_before", "total_since_at"})  # what comes with a total budget
SETTABLE = SPAN_BUDGETS | {"status", "tenant", "multiplier_bp", "models"}
KEPT = SETTABLE | TOTAL_SINCE  # among the account's fields
LONGEST_REASON = 500
CHANGEABLE = SETTABLE | {"plan", "monthly_budget", "limits", "overrides"}


@dataclass(frozen=True, slots=True)
class User:
    """An account with its wallet. Amounts in nano-USD; `multiplier_bp` is the user's own, where one was set."""

    uid: str
    email: str
    full_name: str | None
    status: AccountStatus
    plan: str | None
    tenant: str | None
    multiplier_bp: int | None
    models: tuple[str, ...] | None  # that all of the user's keys are held to; `None`: all
    created_at: datetime
    wallet: Wallet
    overrides: tuple[str, ...] = ()  # the terms that an admin has set beside the plan's
    caps: SpanCaps = NO_CAPS
    spans: Mapping[Span, Budget] = field(default_factory=lambda: read_span_budgets(None))  # as last counted
    kind: str | None = None  # `ORGANISATION`, or a person's
    closed_at: datetime | None = None  # since when an organisation is closed

    @classmethod
    def of(cls, user: Mapping[str, Any], uid: str, wallet: Wallet, spans: Mapping[str, Any] | None = None) -> "User":
        """From an account's stored fields, its wallet and its budgets of other spans than a month."""
        return cls(
            uid=uid,
            email=user["email"],
            full_name=user["full_name"],
            status=user["status"],
            plan=user["plan"],
            tenant=user.get("tenant"),
            multiplier_bp=user.get("multiplier_bp"),
            models=None if user.get("models") is None else tuple(user["models"]),
            created_at=user["created_at"],
            wallet=wallet,
            overrides=tuple(user.get("overrides") or ()),
            caps=SpanCaps.from_data(user),
            spans=read_span_budgets(spans),
            kind=user.get("kind"),
            closed_at=user.get("closed_at"),
        )

    @property
    def is_organisation(self) -> bool:
        """Whether several people may belong to it, and nobody signs in as it."""
        return self.kind == ORGANISATION

    @classmethod
    def from_data(cls, data: Data) -> "User":
        """From an audit entry."""
        return cls.of(data, data["uid"], Wallet.from_data(data["wallet"]), data.get("spans"))

    def to_data(self) -> Data:
        """For an audit entry."""
        own = {name: getattr(self, name) for name in self.__slots__ if name not in ("wallet", "caps", "spans")}
        models = None if self.models is None else list(self.models)
        data = {**own, "models": models, "wallet": self.wallet.to_data(), "overrides": list(self.overrides)}
        spans = {"spans": {span: budget.to_data() for span, budget in self.spans.items()}} if self.caps else {}
        return {**data, **self.caps.to_data(), **spans}


class Users:
    """All users."""

    def __init__(self, store: Store, log: AuditTrail, plans: Plans, now: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._plans = plans
        self._now = now

    async def get(self, uid: str) -> User:
        """One user. Raises `NotFound`."""
        return user_of(*await self._store.get_many(user_path(uid), wallet_path(uid), span_budgets_path(uid)))

    async def change(self, order: AdminCommand, uid: str, changes: Mapping[str, Any]) -> AuditEntry:
        """Change what `CHANGEABLE` names. A plan comes first, then what is set beside its terms; giving one grants its
        credit of this month. A suspension is effective everywhere within 5 seconds.

        Raises `NotFound`, or `InvalidRequest` for a plan that is not there or a tenant that cannot be.
        """
        assert changes.keys() <= CHANGEABLE
        if changes.get("tenant") is not None:
            check_tenant(changes["tenant"])
        await require_plan(self._plans, changes.get("plan"))

        async def work(tx: Transaction, _id: str) -> Change:
            [document] = await tx.get_many(user_path(uid))
            document = _check_is_there(document)
            total = await self._total_since(tx, document) if changes.get("total_budget") is not None else {}
            terms = {**changes, **total}
            return Change("users.change", user_path(uid), *await apply(tx, document, terms, order.actor, self._now()))

        return await self._log.change(order, work)

    async def remove_second_factors(self, order: AdminCommand, uid: str) -> AuditEntry:
        """Have somebody who has lost theirs be asked for none, until they enrol another. Raises `NotFound`."""

        async def work(tx: Transaction, _id: str) -> Change:
            user, factors = await tx.get_many(user_path(uid), factors_path(uid))
            _check_is_there(user)
            had = Enrolment.from_document(factors)
            tx.delete(factors_path(uid))
            before: Data = {"totp": had.totp is not None, "passkeys": len(had.passkeys)}
            return Change("users.remove_factors", user_path(uid), before, {"totp": False, "passkeys": 0})

        return await self._log.change(order, work)

    async def _total_since(self, tx: Transaction, user: Document) -> Data:
        """The terms by which a total that is set counts from when the account was made."""
        counted = await tx.get(span_budgets_path(user.id))
        spent = read_span_budgets(None if counted is None else counted.data)["total"].spent
        ever = await spent_by_user(self._store, user.id)
        return {"total_before": max(0, ever - spent), "total_since_at": user.data["created_at"]}

    async def bonus(self, order: AdminCommand, uid: str, amount: int, reason: str) -> AuditEntry:
        """Credit a user. Raises `NotFound`, `Conflict` for an account that is gone, or `InvalidRequest` for more than a
        wallet can hold or a reason that is none."""
        _check_reason(reason)

        async def work(tx: Transaction, entry_id: str) -> Change:
            user, *_ = await tx.get_many(user_path(uid), *Book.paths(uid, entry_id))
            _check_is_there(user)
            book = await Book.open(tx, uid, self._now(), entry_id)
            posting = Posting(entry_id, "bonus", amount, reason, "admin", order.actor)
            return _post(tx, book, posting, "credits.bonus")

        return await self._log.change(order, work)

    async def set_balance(self, order: AdminCommand, uid: str, balance: int, reason: str) -> AuditEntry:
        """Bring a balance to an amount by an adjustment of the difference; new credit pays a debt first.

        Raises `NotFound`, or `Conflict` where requests in flight hold more than that, or the account is gone and would
        be credited, or `InvalidRequest` for a reason that is none.
        """
        _check_reason(reason)

        async def work(tx: Transaction, entry_id: str) -> Change:
            user, *_ = await tx.get_many(user_path(uid), *Book.paths(uid, entry_id))
            book = await Book.open(tx, uid, self._now(), entry_id)
            if balance < book.wallet.reserved:
                raise Conflict(
                    f"Requests in flight hold {format_usd(book.wallet.reserved)} USD of this wallet. Choose a balance "
                    "that covers it, suspend the user first, or try again in a minute.",
                    code="balance_reserved",
                    param="balance_usd",
                )
            difference = balance - book.wallet.balance
            if difference > 0:
                _check_is_there(user)
            posting = Posting(entry_id, "adjustment", difference, reason, "admin", order.actor)
            return _post(tx, book, posting, "credits.set")

        return await self._log.change(order, work)


def _check_reason(reason: str) -> None:
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise InvalidRequest(f"Give a reason of 1 to {LONGEST_REASON} characters.", param="reason")


def _check_is_there(user: Document | None) -> Document:
    if user is None:
        raise _not_found()
    if is_gone(user.data):
        raise Conflict("This account is erased or closed, for good.")
    return user


async def require_plan(plans: Plans, plan_id: str | None) -> None:
    """Raises `InvalidRequest` for a plan that is not there. One that is there stays: plans are never deleted."""
    try:
        if plan_id is not None:
            await plans.get(plan_id)
    except NotFound:
        raise InvalidRequest(
            "There is no such plan. GET /api/admin/plans lists them.", code="unknown_value", param="plan"
        ) from None


async def apply(
    tx: Transaction,
    user: Document,
    changes: Mapping[str, Any],
    actor: str,
    now: datetime,
    *,
    also: Callable[[Book], None] | None = None,
    entry_ids: Sequence[str] = (),
) -> tuple[Data, Data]:
    """Change a user in a transaction that has written nothing yet; answers them before and after.

    `also` does more to the wallet, by postings whose ids are `entry_ids`.
    """
    book = await open_for_credit(tx, user.id, now, *entry_ids)
    counted = await tx.get(span_budgets_path(user.id))
    spans = None if counted is None else counted.data
    before = User.of(user.data, user.id, book.wallet, spans).to_data()
    fields: Data = {name: changes[name] for name in KEPT & changes.keys()}
    overrides = await _overrides(tx, book, user, changes)
    if "plan" in changes or "overrides" in changes:
        plan = changes.get("plan", user.data["plan"])
        fields |= await adopt_plan(tx, book, user, plan, overrides)
    elif overrides is not None:
        fields["overrides"] = sorted(overrides)
    if "plan" in changes:
        await grant_plan_credit(tx, book, changes["plan"], actor=actor)
    if "monthly_budget" in changes:
        book.set_terms(budget_limit=changes["monthly_budget"])
    if "tenant" in changes:
        book.set_terms(tenant=changes["tenant"])
    if "limits" in changes:
        book.set_terms(limits=changes["limits"] or Limits())
    if also is not None:
        also(book)
    book.save(tx)
    if fields:
        tx.update(user.path, fields)
    return before, User.of({**user.data, **fields}, user.id, book.wallet, spans).to_data()


async def _overrides(tx: Transaction, book: Book, user: Document, changes: Mapping[str, Any]) -> frozenset[str] | None:
    """The terms that admins have set, with those that are set now; `None` where that does not change."""
    set_now = {name for name in OVERRIDABLE if name in changes}
    if not set_now and "overrides" not in changes:
        return None
    if "overrides" in changes:
        return frozenset({*changes["overrides"], *set_now})
    return await read_overrides(tx, book, user) | set_now


def _post(tx: Transaction, book: Book, posting: Posting, action: str) -> Change:
    before = book.wallet.balance
    if before + posting.amount > MAX_NANOS:
        raise InvalidRequest(f"A wallet holds at most {format_usd(MAX_NANOS)} USD.", code="invalid_value")
    entry = book.post(posting) if posting.amount else None
    book.save(tx)
    after = {"balance": book.wallet.balance, "entry": None if entry is None else asdict(entry)}
    return Change(action, user_path(book.uid), {"balance": before}, after)


def user_of(user: Document | None, wallet: Document | None, spans: Document | None) -> User:
    """From an account and what is kept beside it. Raises `NotFound` where there is none."""
    if user is None or wallet is None:
        raise _not_found()
    return User.of(user.data, user.id, Wallet.from_data(wallet.data), None if spans is None else spans.data)


def _not_found() -> NotFound:
    return NotFound("There is no such user.", param="user_id")
