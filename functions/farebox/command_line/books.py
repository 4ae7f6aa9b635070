"""Commands that look after the books: what the scheduler does, by hand."""

from dataclasses import asdict
from typing import Any

import typer

from functions.farebox.audit import Audited
from functions.farebox.audit import audit as walk
from functions.farebox.audit.sealed import sealed_faults
from functions.farebox.command_line.running import MOST_SHOWN, order, run
from functions.farebox.command_line.terminal import Telling, table, tell_audited
from functions.farebox.jobs.monthly_reset import Pass, order_pass, reset_budgets
from functions.farebox.leases.sweep import sweep as sweep_leases
from functions.farebox.metering.authorizations import Authorizations
from functions.farebox.wiring.operations import Operations
from functions.farebox.wiring.runtime import Runtime

app = typer.Typer()


@app.command()
def audit() -> None:
    """Walk everything and name what does not add up, or does not open. Exits with 1 if there is any."""

    async def look(runtime: Runtime, _ops: Operations) -> Audited:
        done = Audited()
        with Telling() as tell:
            async for done in walk(await runtime.store(), most_faults=MOST_SHOWN):
                tell(f"{done.wallets} wallets, {done.entries} entries, {done.records} requests")
        done.faults += await sealed_faults(await runtime.store(), runtime.config.secret_key, most_faults=MOST_SHOWN)
        return done

    tell_audited("Audit", run(look))


@app.command()
def sweep() -> None:
    """Settle what dead instances left, and let go of authorizations whose time is over."""

    async def clean(runtime: Runtime, _ops: Operations) -> dict[str, Any]:
        store, now = await runtime.store(), runtime.now()
        swept = await sweep_leases(store, now)
        return {**asdict(swept), "authorizations": await Authorizations(store).expire(now)}

    table("Swept", [run(clean)])


@app.command()
def reset() -> None:
    """Run the monthly job to its end: budgets to their period, lapsed credit out, plan credit in."""

    async def renew(runtime: Runtime, ops: Operations) -> Pass:
        await order_pass(ops.log, order(None))
        with Telling() as tell:
            return await reset_budgets(
                await runtime.store(),
                runtime.now,
                runtime.ids,
                progress=lambda done: tell(f"{done.users} users, {done.granted} grants, {done.expired} lapsed"),
            )

    table("Reset", [run(renew).report()])
