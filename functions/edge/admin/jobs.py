"""Routes for operators: the scheduled jobs, when each last ran and what it did, and running one now."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI

from functions.edge.admin.auth import Admin, Operated, Ordered
from functions.edge.rest.app import Answer, Wired
from functions.farebox.admin.audit_trail import Change
from functions.farebox.errors import NotFound
from functions.farebox.jobs.schedule import JOBS, run_job
from functions.farebox.storage import Transaction


class JobAnswer(Answer):
    """A job. `ran_at` and `done` tell of its last run that ended well; `null` where it never ran."""

    name: str
    every_s: float
    ran_at: datetime | None
    done: dict[str, Any] | None


class JobList(Answer):
    """Every job."""

    data: list[JobAnswer]


def add_job_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/admin/jobs", tags=["admin"])(list_jobs)
    app.post("/api/admin/jobs/{name}", tags=["admin"])(run_job_now)


async def list_jobs(_admin: Admin, runtime: Wired) -> JobList:
    """Every job, with its last run."""
    ran = await (await runtime.store()).get_many(*(f"jobs/{name}" for name in JOBS))
    return JobList(
        data=[
            JobAnswer(
                name=name,
                every_s=job.every_s,
                ran_at=None if run is None else run.data["ran_at"],
                done=None if run is None else run.data["done"],
            )
            for (name, job), run in zip(JOBS.items(), ran, strict=True)
        ]
    )


async def run_job_now(name: str, ops: Operated, order: Ordered, runtime: Wired) -> JobAnswer:
    """Run a job now. Each is safe at any time, also beside its own schedule."""
    if name not in JOBS:
        raise NotFound(f"There is no such job. These are there: {', '.join(JOBS)}.", param="name")

    async def note(_tx: Transaction, _id: str) -> Change:
        return Change("jobs.run", f"jobs/{name}", None, None)

    await ops.log.change(order, note)  # before: a job that fails was started all the same
    done = await run_job(name, runtime)
    return JobAnswer(name=name, every_s=JOBS[name].every_s, ran_at=runtime.now(), done=done)
