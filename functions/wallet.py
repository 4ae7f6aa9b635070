"""Edge `wallet`: an organisation's balance, budget and ledger, and the calls for paying in, alerts and codes."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.rest.acting import may
from functions.edge.rest.answers.ledger import BudgetAnswer, TransactionAnswer, ledger_export, ledger_page, show_budget
from functions.edge.rest.answers.subscriptions import SubscriptionAnswer, show_subscription
from functions.edge.rest.app import Answer, Wired, management_app
from functions.edge.rest.export import Format, offer_export
from functions.edge.rest.money import Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Moment
from functions.edge.wallet.alerts import add_alerting
from functions.edge.wallet.codes import add_redemption
from functions.edge.wallet.payments import AutoRechargeAnswer, add_wallet_actions, show_recharge
from functions.farebox.billing.payer import read_payer
from functions.farebox.ledger.wallet import EntryType, Wallet
from functions.farebox.organisations.acting import Acting
from functions.farebox.storage.pages import TimeRange
from functions.farebox.wiring.runtime import Runtime


class ExpiringCredit(Answer):
    """A part of the balance that lapses."""

    left_usd: Usd
    expires_at: datetime


class WalletAnswer(Answer):
    """A wallet."""

    balance_usd: Usd
    reserved_usd: Usd = Field(description="Promised to requests in flight")
    available_usd: Usd
    debt_usd: Usd = Field(description="Taken back by the payment provider after it was spent; new credit pays it first")
    frozen: bool = Field(description="A payment is disputed: nothing can be spent until that is settled")
    currency: Literal["USD"] = "USD"
    budget: BudgetAnswer
    member_budget: BudgetAnswer | None = Field(
        description="What the keys of the member who asks may spend of it in a month; null: no cap of their own"
    )
    time_zone: str = Field(description="An IANA name; days, weeks and months of budgets begin at its midnight")
    plan: str | None
    subscription: SubscriptionAnswer | None = Field(description="null: there is none")
    expiring: list[ExpiringCredit] = Field(
        description="Of the balance, what lapses, the soonest first; it is spent first"
    )
    pending_usd: Usd = Field(description="Paid for, and on its way")
    billing_email: str | None = Field(description="Where the payment provider sends receipts, as far as is known")
    auto_recharge: AutoRechargeAnswer | None = Field(description="null: never set up")
    low_balance_usd: Usd | None = Field(description="null: no alert is set up")


def make_app(runtime: Runtime) -> FastAPI:
    """The edge's app."""
    app = management_app(runtime, "Farebox wallet")
    add_wallet_actions(app)
    add_alerting(app)
    add_redemption(app)

    @app.get("/api/wallet", tags=["wallet"])
    async def read_wallet(acting: Annotated[Acting, may("wallet.read")], runtime: Wired) -> WalletAnswer:
        """The wallet. What running requests hold counts as reserved until they are settled, seconds later."""
        await runtime.settle_here(acting.org)
        wallet = await (await runtime.statements()).wallet(acting.org)
        account = await (await runtime.accounts()).get(acting.org)
        billing = await read_payer(await runtime.store(), acting.org)
        return WalletAnswer(
            balance_usd=wallet.balance,
            reserved_usd=wallet.reserved,
            available_usd=wallet.available,
            debt_usd=wallet.debt,
            frozen=wallet.frozen,
            budget=show_budget(wallet.budget),
            member_budget=await _own_budget(acting, runtime, wallet),
            time_zone=wallet.time_zone,
            plan=account.plan,
            subscription=show_subscription(billing, runtime.config.grace, runtime.now()),
            expiring=[
                ExpiringCredit(left_usd=grant.left, expires_at=grant.expires_at)
                for grant in wallet.grants
                if grant.left and grant.expires_at > runtime.now()
            ],
            pending_usd=sum(billing.pending.values()),
            billing_email=billing.emails.get(runtime.config.payments, {}).get("receipts"),
            auto_recharge=show_recharge(billing.recharge) if billing.recharge.amount else None,
            low_balance_usd=billing.alerts.low_balance,
        )

    @app.get("/api/wallet/transactions", tags=["wallet"])
    async def list_transactions(
        acting: Annotated[Acting, may("ledger.read")],
        runtime: Wired,
        type: EntryType | None = None,
        start: Annotated[Moment | None, Query(alias="from")] = None,
        end: Annotated[Moment | None, Query(alias="to")] = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> ListAnswer[TransactionAnswer]:
        """The ledger, newest first: entries from `from` on and before `to`."""
        return await ledger_page(runtime, acting.org, type, TimeRange(start, end), limit=limit, cursor=cursor)

    @offer_export(app, "/api/wallet/transactions", "wallet", "The entries")
    async def export_transactions(
        acting: Annotated[Acting, may("ledger.read")],
        runtime: Wired,
        type: EntryType | None = None,
        start: Annotated[Moment | None, Query(alias="from")] = None,
        end: Annotated[Moment | None, Query(alias="to")] = None,
        format: Format = "csv",
    ) -> StreamingResponse:
        """The ledger, newest first, as a download: the entries that `/api/wallet/transactions` lists."""
        return await ledger_export(runtime, acting.org, type, TimeRange(start, end), format)

    return app


async def _own_budget(acting: Acting, runtime: Runtime, wallet: Wallet) -> BudgetAnswer | None:
    """The budget of the member who asks, which counts beside the wallet's."""
    if acting.uid is None or acting.uid == acting.org or acting.role is None:
        return None
    member = await (await runtime.organisations()).members.get(acting.org, acting.uid)
    cap = member.membership.monthly_budget
    if cap is None:
        return None
    return show_budget(replace(member.budget.in_period(wallet.budget.period), limit=cap))
