"""Routes for operators: a map of what is configured, and what production is still missing."""

from datetime import timedelta
from typing import Literal

from fastapi import FastAPI
from pydantic import Field

from functions.edge.admin.auth import Operated
from functions.edge.rest.app import Answer, Wired
from functions.farebox.admin.setup import Part, State, look_at_store, look_at_variables
from functions.farebox.jobs.schedule import JOBS


class SetupPart(Answer):
    """A part of the system, and whether it is ready for production."""

    part: Part
    state: State = Field(description="ready; weak: it works, and production deserves better; missing")
    found: str = Field(description="What there is")
    variables: list[str] = Field(description="What sets it; empty where that is done here or in the dashboard")


class SetupAnswer(Answer):
    """How far a system is set up."""

    state: Literal["ready", "weak", "missing"] = Field(description="The worst of its parts'")
    data: list[SetupPart]


LATE = 3  # runs that a job may have missed before it is thought not to be scheduled


def add_setup(app: FastAPI) -> None:
    """Have an app answer this call."""
    app.get("/api/admin/setup", tags=["admin"])(read_setup)


async def read_setup(_ops: Operated, runtime: Wired) -> SetupAnswer:
    """What is configured here, and what is missing for production."""
    every = {name: timedelta(seconds=job.every_s * LATE) for name, job in JOBS.items()}
    found = [
        *look_at_variables(runtime.config),
        *await look_at_store(await runtime.store(), every, runtime.now()),
    ]
    worst = max((each.state for each in found), key=("ready", "weak", "missing").index)
    parts = [
        SetupPart(part=each.part, state=each.state, found=each.found, variables=list(each.variables)) for each in found
    ]
    return SetupAnswer(state=worst, data=parts)
