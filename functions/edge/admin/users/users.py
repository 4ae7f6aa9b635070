"""Routes for operators: a user, their terms and their credit."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Path, Query
from pydantic import Field, StringConstraints
from starlette.responses import StreamingResponse

from functions.edge.admin.auth import Operated, Ordered, Reason
from functions.edge.rest.answers.budgets import SPEND_EVER, Calendar, SpanBudgets
from functions.edge.rest.answers.keys import Key, Rate, export_keys_of, list_keys_of
from functions.edge.rest.answers.ledger import (
    BudgetAnswer,
    TransactionAnswer,
    ledger_export,
    ledger_page,
    show_budget,
    show_entry,
)
from functions.edge.rest.answers.stats import Days, StatsAnswer, Zone, chosen_zone, show_stats
from functions.edge.rest.app import Answer, Body, Wired
from functions.edge.rest.export import Format, offer_export
from functions.edge.rest.money import NonNegativeUsd, PositiveUsd, Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Moment
from functions.edge.rest.text import Email, Models
from functions.farebox.accounts.account import AccountStatus
from functions.farebox.admin.audit_trail import AuditEntry
from functions.farebox.admin.provisioning import Provisioning
from functions.farebox.admin.users import SPAN_BUDGETS, User
from functions.farebox.errors import InvalidRequest
from functions.farebox.identity import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from functions.farebox.keys.reach import KeyReach
from functions.farebox.kit.periods import period_of
from functions.farebox.kit.slugs import SLUG
from functions.farebox.ledger.wallet import Entry, EntryType
from functions.farebox.limits.rate_windows import Limits
from functions.farebox.organisations.names import names_of
from functions.farebox.pricing.bill import format_multiplier, parse_multiplier
from functions.farebox.storage.pages import TimeRange
from functions.farebox.usage.stats import user_stats

_USER_ID = r"^[A-Za-z0-9._@:-]{1,128}$"
UserId = Annotated[str, Path(pattern=_USER_ID)]
GivenUserId = Annotated[str, StringConstraints(pattern=_USER_ID)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Override = Literal["monthly_budget", "limits"]


class RateLimits(Body):
    """Rate limits over all keys of an account. `null` is none."""

    rpm: Rate | None = Field(None, description="Requests a minute")
    tpm: Rate | None = Field(None, description="Tokens a minute")
    rpd: Rate | None = Field(None, description="Requests a day (UTC)")


class UserChange(Body):
    """What to change of a user. What is absent stays; `null` takes away."""

    status: AccountStatus = "active"
    plan: Slug | None = Field(None, description="Its terms take effect at once, and this month's credit is granted")
    monthly_budget_usd: NonNegativeUsd | None = None
    daily_budget_usd: NonNegativeUsd | None = Field(None, description="Spend in a day of the account's time zone")
    weekly_budget_usd: NonNegativeUsd | None = Field(None, description="Spend in a week, Monday to Sunday")
    total_budget_usd: NonNegativeUsd | None = Field(None, description=SPEND_EVER)
    limits: RateLimits | None = None
    tenant_id: Slug | None = None
    multiplier: str | None = Field(None, description="On list prices, instead of the plan's", examples=["1.25"])
    models: Models | None = Field(None, description="The models that the user's keys may use at most; null: all")
    overrides: list[Override] = Field([], description="Of the terms set here, those to keep: the others are the plan's")


class Bonus(Body):
    """Credit to give."""

    user_id: GivenUserId
    amount_usd: PositiveUsd
    reason: Reason


class BalanceToSet(Body):
    """A balance to bring about."""

    user_id: GivenUserId
    balance_usd: NonNegativeUsd
    reason: Reason


class Provision(Body):
    """An account to make."""

    email: Email
    password: (
        Annotated[str, StringConstraints(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH)] | None
    ) = Field(None, repr=False, description="Without one, a mail lets its owner choose")
    product_id: Slug | None = Field(None, description="Another word for `plan`")
    plan: Slug | None = None
    tenant_id: Slug | None = None
    credit_usd: NonNegativeUsd | None = None


class ManagedUser(Answer):
    """A user, as operators see them."""

    id: str
    email: str
    full_name: str | None
    is_organisation: bool = Field(description="It has no address: `full_name` is what it is called")
    status: AccountStatus
    closed_at: datetime | None = Field(description="Since when an organisation is closed, for good")
    plan: str | None
    tenant_id: str | None
    multiplier: str | None = Field(description="The user's own; null: the plan's, or 1")
    models: list[str] | None = Field(description="The models that the user's keys may use at most; null: all")
    balance_usd: Usd
    reserved_usd: Usd
    available_usd: Usd
    debt_usd: Usd
    frozen: bool = Field(description="A payment is disputed: nothing more is spent until it is decided")
    budget: BudgetAnswer = Field(description="Of the month")
    budgets: SpanBudgets | None = Field(description="Of a day, a week and in total; null where none of them is set")
    limits: RateLimits
    overrides: list[str] = Field(description="Terms that an admin has set; the others are the plan's")
    time_zone: str
    created_at: datetime


class ProvisionedUser(Answer):
    """An account that is there now."""

    message: str
    user: ManagedUser


class CreditAnswer(Answer):
    """A wallet after a change of its balance. `transaction` is null where nothing had to change."""

    user_id: str
    balance_usd: Usd
    transaction: TransactionAnswer | None


class FactorsRemoved(Answer):
    """Which second factors a user had."""

    user_id: str
    totp: bool
    passkeys: int


def add_user_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/admin/users/{id}", tags=["admin"])(read_user)
    app.patch("/api/admin/users/{id}", tags=["admin"])(change_user)
    app.delete("/api/admin/users/{id}/second-factors", tags=["admin"])(remove_second_factors)
    app.get("/api/admin/users/{id}/transactions", tags=["admin"])(list_user_transactions)
    app.get("/api/admin/users/{id}/keys", tags=["admin"])(list_user_keys)
    offer_export(app, "/api/admin/users/{id}/transactions", "admin", "The entries")(export_user_transactions)
    offer_export(app, "/api/admin/users/{id}/keys", "admin", "The keys")(export_user_keys)
    app.get("/api/admin/users/{id}/stats", tags=["admin"])(read_user_stats)
    app.post("/api/admin/credits/bonus", tags=["admin"])(give_bonus)
    app.post("/api/admin/credits/set", tags=["admin"])(set_balance)
    app.post("/api/admin/provision-user", tags=["admin"])(provision_user)


async def read_user(id: UserId, ops: Operated, runtime: Wired) -> ManagedUser:
    """One user."""
    return show_user(await ops.users.get(id), runtime.now())


async def change_user(id: UserId, body: UserChange, ops: Operated, order: Ordered) -> ManagedUser:
    """Change a user: suspend or restore, plan, budget, limits, tenant, margin. It holds everywhere within 5 seconds,
    limits from the next lease on."""
    return _show_changed(await ops.users.change(order, id, _changes(body)))


async def remove_second_factors(id: UserId, ops: Operated, order: Ordered) -> FactorsRemoved:
    """Take the second factors of a user away who has lost them, and their codes for recovery. Whoever asks for it is to
    prove who they are by other means than their password: that opens the account then."""
    removed = (await ops.users.remove_second_factors(order, id)).before or {}
    return FactorsRemoved(user_id=id, totp=removed["totp"], passkeys=removed["passkeys"])


async def list_user_transactions(
    id: UserId,
    ops: Operated,
    runtime: Wired,
    type: EntryType | None = None,
    start: Annotated[Moment | None, Query(alias="from")] = None,
    end: Annotated[Moment | None, Query(alias="to")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> ListAnswer[TransactionAnswer]:
    """A user's ledger, newest first: entries from `from` on and before `to`."""
    await ops.users.get(id)
    return await ledger_page(runtime, id, type, TimeRange(start, end), limit=limit, cursor=cursor)


async def export_user_transactions(
    id: UserId,
    ops: Operated,
    runtime: Wired,
    type: EntryType | None = None,
    start: Annotated[Moment | None, Query(alias="from")] = None,
    end: Annotated[Moment | None, Query(alias="to")] = None,
    format: Format = "csv",
) -> StreamingResponse:
    """The same, as a download."""
    await ops.users.get(id)
    return await ledger_export(runtime, id, type, TimeRange(start, end), format)


async def list_user_keys(
    id: UserId, ops: Operated, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[Key]:
    """A user's keys without their secrets, revoked ones too, newest first."""
    await ops.users.get(id)
    return await list_keys_of(KeyReach(id), runtime, limit=limit, cursor=cursor)


async def export_user_keys(id: UserId, ops: Operated, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    await ops.users.get(id)
    return export_keys_of(KeyReach(id), runtime, format)


async def read_user_stats(id: UserId, ops: Operated, runtime: Wired, days: Days = 30, tz: Zone = None) -> StatsAnswer:
    """A user's last days: in all, by day in their time zone, model and key."""
    zone = chosen_zone((await ops.users.get(id)).wallet.time_zone, tz)
    store = await runtime.store()
    stats = await user_stats(store, id, days, runtime.now(), time_zone=zone)
    return show_stats(stats, zone, await names_of(store, id, stats.values_of("member")))


async def give_bonus(body: Bonus, ops: Operated, order: Ordered) -> CreditAnswer:
    """Credit a user with a `bonus`."""
    return _show_credit(await ops.users.bonus(order, body.user_id, body.amount_usd, body.reason))


async def set_balance(body: BalanceToSet, ops: Operated, order: Ordered) -> CreditAnswer:
    """Bring a balance to an amount, by an `adjustment` of the difference."""
    return _show_credit(await ops.users.set_balance(order, body.user_id, body.balance_usd, body.reason))


async def provision_user(body: Provision, ops: Operated, order: Ordered, runtime: Wired) -> ProvisionedUser:
    """Make an account with a plan, a tenant and credit to begin with. Made again, it goes on where it was cut off."""
    if body.plan and body.product_id and body.plan != body.product_id:
        raise InvalidRequest("plan and product_id name two plans. Send one of them.", code="invalid_body", param="plan")
    provisioning = Provisioning(
        await runtime.store(),
        ops.log,
        await runtime.identity(),
        await runtime.plans(),
        now=runtime.now,
        ids=runtime.ids,
    )
    entry = await provisioning.provision(
        order,
        body.email,
        body.password,
        plan=body.plan or body.product_id,
        tenant=body.tenant_id,
        credit=body.credit_usd or 0,
    )
    user = _show_changed(entry)
    return ProvisionedUser(message=f"The account of {user.email} is there.", user=user)


def _changes(body: UserChange) -> dict[str, Any]:
    """What the operator named, in the library's words."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    for name in ("monthly_budget", *SPAN_BUDGETS):
        if f"{name}_usd" in changes:
            changes[name] = changes.pop(f"{name}_usd")
    if "tenant_id" in changes:
        changes["tenant"] = changes.pop("tenant_id")
    if "multiplier" in changes:
        text = changes.pop("multiplier")
        changes["multiplier_bp"] = None if text is None else parse_multiplier(text)
    if changes.get("models") is not None:
        changes["models"] = list(dict.fromkeys(changes["models"]))
    if changes.get("limits") is not None:
        changes["limits"] = Limits(**changes["limits"].model_dump())
    return changes


def _show_changed(entry: AuditEntry) -> ManagedUser:
    assert entry.after is not None
    return show_user(User.from_data(entry.after), entry.created_at)


def _show_credit(entry: AuditEntry) -> CreditAnswer:
    assert entry.after is not None
    posted = entry.after["entry"]
    return CreditAnswer(
        user_id=entry.target.partition("/")[2],
        balance_usd=entry.after["balance"],
        transaction=None if posted is None else show_entry(Entry(**posted)),
    )


def show_user(user: User, now: datetime) -> ManagedUser:
    """A user, as operators see them."""
    wallet, points = user.wallet, user.multiplier_bp
    return ManagedUser(
        id=user.uid,
        email=user.email,
        full_name=user.full_name,
        is_organisation=user.is_organisation,
        status=user.status,
        closed_at=user.closed_at,
        plan=user.plan,
        tenant_id=user.tenant,
        multiplier=None if points is None else format_multiplier(points),
        models=None if user.models is None else list(user.models),
        balance_usd=wallet.balance,
        reserved_usd=wallet.reserved,
        available_usd=wallet.available,
        debt_usd=wallet.debt,
        frozen=wallet.frozen,
        budget=show_budget(wallet.budget.in_period(period_of(now, wallet.time_zone))),
        budgets=Calendar(now, wallet.time_zone).spans(user.spans, user.caps),
        limits=RateLimits(**wallet.limits.to_data()),
        overrides=list(user.overrides),
        time_zone=wallet.time_zone,
        created_at=user.created_at,
    )
