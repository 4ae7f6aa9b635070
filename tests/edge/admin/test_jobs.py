"""The jobs as operators see them."""

import httpx

from functions.farebox.jobs.schedule import JOBS
from tests.support.clients.asgi import refused
from tests.support.clients.management import done
from tests.support.product.runtime import Clock


async def test_operators_see_when_each_job_last_ran_and_run_one_now(admin: httpx.AsyncClient, clock: Clock) -> None:
    before = (await done(admin.get("/api/admin/jobs")))["data"]
    assert [job["name"] for job in before] == list(JOBS)
    assert [job["ran_at"] for job in before] == [None] * len(JOBS)

    clock.forward(seconds=60)
    ran = await done(admin.post("/api/admin/jobs/sweep-leases"))

    assert ran["done"]["leases"] == 0
    after = {job["name"]: job for job in (await done(admin.get("/api/admin/jobs")))["data"]}
    assert after["sweep-leases"] == ran
    assert after["auto-recharge"]["ran_at"] is None
    [entry] = (await done(admin.get("/api/admin/audit", params={"target": "jobs/sweep-leases"})))["data"]
    assert (entry["actor"], entry["action"]) == ("admin-key", "jobs.run")
    refused(await admin.post("/api/admin/jobs/mine-bitcoin"), 404, "not_found", "name")
