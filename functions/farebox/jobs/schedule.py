"""The list of jobs: what each does and how often. Each is safe to run twice, late, or at once with itself.

Cloud Scheduler calls them through the edge `scheduled`. The embedded run has no scheduler, so it calls them itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from functions.farebox.secrets.store_mark import note_identity
from functions.farebox.storage import Data, Set
from functions.farebox.wiring.runtime import Runtime

log = logging.getLogger("farebox.jobs")

RUN_FOR_S = 240.0  # then a job is called again and goes on; a request may take longer, but is not sure to


@dataclass(frozen=True, slots=True)
class Job:
    """`run` answers what it did."""

    run: Callable[[Runtime], Awaitable[Data]]
    every_s: float


async def run_job(name: str, runtime: Runtime) -> Data:
    """Run a job and note when it ran and what it did, for operators."""
    store = await runtime.store()
    await note_identity(store, runtime.config.identity)
    done = await JOBS[name].run(runtime)
    await store.write(Set(f"jobs/{name}", {"ran_at": runtime.now(), "done": done}))
    return done


async def run_on_schedule(runtime: Runtime) -> None:
    """Run every job now and then again and again, until cancelled; a failure waits for the next time."""

    async def keep_running(name: str) -> None:
        while True:
            try:
                await run_job(name, runtime)
            except Exception:
                log.exception("the job %s failed", name)
            await asyncio.sleep(JOBS[name].every_s)

    await asyncio.gather(*(keep_running(name) for name in JOBS))


async def _sweep_leases(runtime: Runtime) -> Data:
    from functions.farebox.leases.sweep import sweep
    from functions.farebox.metering.authorizations import Authorizations

    store, now = await runtime.store(), runtime.now()
    swept: dict[str, Any] = asdict(await sweep(store, now))
    if swept["lost"]:
        log.error("%d requests were lost: their instance died, and nobody is charged for them", swept["lost"])
    return {**swept, "authorizations": await Authorizations(store).expire(now)}


async def _check_upstreams(runtime: Runtime) -> Data:
    checked = await runtime.check_upstreams()
    for each in checked:
        if each.state == "down":
            log.error("an upstream is down: %s: %s", each.id, each.error)
    return {"upstreams": [asdict(each) for each in checked]}


async def _auto_recharge(runtime: Runtime) -> Data:
    """What payers are charged for by themselves: top-ups of those who asked, and subscriptions as their time goes."""
    from functions.farebox.billing.recharge_job import run_auto_recharge
    from functions.farebox.billing.subscriptions.follow import follow_subscriptions

    daily_max = runtime.config.shop.daily_recharge
    store, payments = await runtime.store(), await runtime.payments()
    done = await run_auto_recharge(store, payments, daily_max=daily_max, now=runtime.now, ids=runtime.ids)
    followed = await follow_subscriptions(store, payments, runtime.config.grace, runtime.now)
    return {**done.to_data(), "subscriptions": followed.to_data()}


async def _send_alerts(runtime: Runtime) -> Data:
    return (await (await runtime.alerts()).run()).to_data()


async def _reset_budgets(runtime: Runtime) -> Data:
    from functions.farebox.billing.settlement import begin_due_parts
    from functions.farebox.jobs.monthly_reset import reset_budgets

    await begin_due_parts(await runtime.store(), runtime.now())
    done = await reset_budgets(await runtime.store(), runtime.now, runtime.ids, is_over=_deadline())
    return done.report()


async def _forget_usage(runtime: Runtime) -> Data:
    """What is kept no longer: where the database does not do so itself, whatever has expired, and old records."""
    from functions.farebox.jobs.forget_usage import forget_old_usage
    from functions.farebox.storage.expiring import delete_expired

    store, now, is_over = await runtime.store(), runtime.now(), _deadline()
    expired, days = await delete_expired(store, now, is_over=is_over), runtime.config.keep_usage_days
    done = None if days is None else await forget_old_usage(store, timedelta(days=days), now, is_over=is_over)
    return {**({"complete": True} if done is None else done.report()), "expired": expired}


async def _roll_up_days(runtime: Runtime) -> Data:
    from functions.farebox.jobs.roll_up_days import roll_up_days

    return await roll_up_days(await runtime.store(), runtime.now(), is_over=_deadline())


def _deadline() -> Callable[[], bool]:
    """Whether a job has run for long enough: it is called again, and goes on."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + RUN_FOR_S
    return lambda: clock() >= deadline


JOBS = {
    "sweep-leases": Job(_sweep_leases, every_s=60.0),
    "check-upstreams": Job(_check_upstreams, every_s=60.0),
    "auto-recharge": Job(_auto_recharge, every_s=60.0),
    "reset-budgets": Job(_reset_budgets, every_s=3600.0),
    "send-alerts": Job(_send_alerts, every_s=60.0),
    "forget-usage": Job(_forget_usage, every_s=3600.0),
    "roll-up-days": Job(_roll_up_days, every_s=3600.0),
}
