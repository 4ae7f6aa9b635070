"""Commands about money: credit, balances, budgets of tenants, prices."""

from typing import Annotated, Any

import typer

from functions.farebox.admin.audit_trail import AuditEntry
from functions.farebox.command_line.running import order, run
from functions.farebox.command_line.terminal import table
from functions.farebox.kit.money import format_usd, parse_usd
from functions.farebox.limits.tenant_budget import Tenant
from functions.farebox.pricing.versions import load_prices
from functions.farebox.wiring.operations import Operations
from functions.farebox.wiring.runtime import Runtime

app = typer.Typer()

Reason = Annotated[str, typer.Option(help="For the ledger and the audit trail.")]
Key = Annotated[str | None, typer.Option("--idempotency-key", help="Makes one change of the same command run twice.")]


@app.command()
def credit(user_id: str, amount_usd: str, reason: Reason, idempotency_key: Key = None) -> None:
    """Credit a user with a bonus."""
    amount = parse_usd(amount_usd)
    if amount <= 0:
        raise ValueError("credit more than nothing; set-balance takes away")

    async def give(_runtime: Runtime, ops: Operations) -> dict[str, Any]:
        return _balance(user_id, await ops.users.bonus(order(idempotency_key), user_id, amount, reason))

    table("Credited", [run(give)])


@app.command(name="set-balance")
def set_balance(user_id: str, balance_usd: str, reason: Reason, idempotency_key: Key = None) -> None:
    """Bring a balance to an amount, by an adjustment of the difference."""
    balance = parse_usd(balance_usd)
    if balance < 0:
        raise ValueError("a balance is never negative")

    async def bring(_runtime: Runtime, ops: Operations) -> dict[str, Any]:
        return _balance(user_id, await ops.users.set_balance(order(idempotency_key), user_id, balance, reason))

    table("Adjusted", [run(bring)])


@app.command(name="tenant-budget")
def tenant_budget(
    tenant: str,
    monthly_usd: Annotated[str, typer.Argument(help="What its users may spend together in a month, or 'none'.")],
    time_zone: Annotated[str, typer.Option(help="Whose months count: an IANA name.")] = "UTC",
) -> None:
    """Cap what all users of a tenant spend together in a month."""
    limit = None if monthly_usd == "none" else parse_usd(monthly_usd)
    if limit is not None and limit < 0:
        raise ValueError("a budget is never negative")

    async def cap(runtime: Runtime, ops: Operations) -> Tenant:
        entry = await ops.tenants.set_budget(order(None), tenant, limit, time_zone)
        assert entry.after is not None
        return Tenant.from_data(tenant, entry.after, runtime.now())

    budget = run(cap).budget
    row = {
        "tenant": tenant,
        "period": budget.period,
        "limit_usd": None if budget.limit is None else format_usd(budget.limit),
        "spent_usd": format_usd(budget.spent),
    }
    table("Tenant", [row])


@app.command()
def prices(model: Annotated[str, typer.Argument(help="How the model's name begins.")] = "") -> None:
    """List the prices that count now, in USD for a million tokens."""

    async def find(runtime: Runtime, _ops: Operations) -> list[dict[str, Any]]:
        listed = sorted((await load_prices(await runtime.store())).items())
        return [
            {
                "model": name,
                "version": price.version,
                "input": format_usd(price.input),
                "cached_input": format_usd(price.cached_input),
                "output": format_usd(price.output),
                "request": format_usd(price.request),
            }
            for name, price in listed
            if name.startswith(model)
        ]

    table("Prices", run(find))


def _balance(user_id: str, entry: AuditEntry) -> dict[str, Any]:
    assert entry.after is not None, "a wallet that was written has a balance"
    return {"user": user_id, "balance_usd": format_usd(entry.after["balance"]), "change": entry.id}
