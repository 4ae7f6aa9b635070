"""Routes of one's sessions: ending this one, listing them, ending others."""

from typing import Annotated

from fastapi import FastAPI, Path

from functions.edge.accounts.answers import Done
from functions.edge.rest.answers.sessions import SignedInSession, show_session
from functions.edge.rest.app import SignedIn, Wired
from functions.edge.rest.paging import ListAnswer, Part

SessionId = Annotated[str, Path(min_length=1, max_length=200)]


def add_sessions(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.post("/api/auth/logout", tags=["accounts"])(sign_out)
    app.get("/api/auth/sessions", tags=["accounts"])(list_sessions)
    app.delete("/api/auth/sessions", tags=["accounts"])(end_other_sessions)
    app.delete("/api/auth/sessions/{id}", tags=["accounts"])(end_session)


async def sign_out(person: SignedIn, runtime: Wired) -> Done:
    """End this session: its tokens are refused from now on."""
    await (await runtime.identity()).end_session(person, person.session)
    return Done(message="You are signed out.")


async def list_sessions(person: SignedIn, runtime: Wired, part: Part) -> ListAnswer[SignedInSession]:
    """Where one is signed in, the latest used first. `last_used_at` moves when a session is renewed."""
    sessions = await (await runtime.identity()).sessions(person)
    return part.of([show_session(each, current=person.session) for each in sessions])


async def end_other_sessions(person: SignedIn, runtime: Wired) -> Done:
    """End every session but this one."""
    await (await runtime.identity()).end_other_sessions(person)
    return Done(message="Every other session has ended.")


async def end_session(id: SessionId, person: SignedIn, runtime: Wired) -> Done:
    """End one session."""
    await (await runtime.identity()).end_session(person, id)
    return Done(message="The session has ended.")
