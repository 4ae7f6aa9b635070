"""What the calls of accounts answer: a user, a session, a word that something was done."""

from datetime import datetime

from pydantic import Field

from functions.edge.rest.app import Answer
from functions.farebox.accounts.account import AccountStatus, Profile
from functions.farebox.identity import Person, Session
from functions.farebox.wiring.runtime import Runtime


class User(Answer):
    """A user, as they see themselves."""

    id: str
    email: str
    email_verified: bool
    full_name: str | None
    time_zone: str = Field(description="An IANA name; budgets are calendar months in it")
    status: AccountStatus
    plan: str | None
    is_admin: bool
    has_second_factor: bool
    has_password: bool = Field(description="Whether one can sign in with one; a mailed link sets it")
    welcome_credit_due: bool = Field(description="Credit waits for the address to be confirmed")
    created_at: datetime


class SessionAnswer(Answer):
    """A signed-in user, with the tokens to go on with."""

    user: User
    token: str = Field(description="Goes into `Authorization: Bearer` of the management calls")
    refresh_token: str
    expires_in: int = Field(description="Seconds that `token` lives")


class Done(Answer):
    """What was done."""

    message: str


async def profile_of(runtime: Runtime, person: Person) -> Profile:
    """A person's profile. Credit that waited for a confirmed address is given now, if there is one."""
    accounts = await runtime.accounts()
    profile = await accounts.profile(person.uid)
    if profile.account.is_welcome_due and person.email_verified:
        await (await runtime.welcome()).give(person.uid, person.email)
        profile = await accounts.profile(person.uid)
    return profile


async def show_session(runtime: Runtime, session: Session) -> SessionAnswer:
    """A session as its owner gets it."""
    return SessionAnswer(
        user=show_user(session.person, await profile_of(runtime, session.person)),
        token=session.token,
        refresh_token=session.refresh_token,
        expires_in=session.expires_in_s,
    )


def show_user(person: Person, profile: Profile) -> User:
    """A user as they see themselves."""
    account = profile.account
    return User(
        id=account.uid,
        email=account.email,
        email_verified=person.email_verified,
        full_name=account.full_name,
        time_zone=profile.time_zone,
        status=account.status,
        plan=account.plan,
        is_admin=person.is_admin,
        has_second_factor=person.has_second_factor,
        has_password=person.has_password,
        welcome_credit_due=account.is_welcome_due,
        created_at=account.created_at,
    )
