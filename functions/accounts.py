"""Edge `accounts`: registering, signing in, and one's own profile; and the description of the whole API."""

from datetime import datetime

from fastapi import FastAPI, Request
from pydantic import Field

from functions.edge.asgi.deployables import edges_of
from functions.edge.rest.app import Answer, Body, SignedIn, Wired, management_app, session_token
from functions.edge.rest.text import Email, GivenPassword, Name, NewPassword, Token
from functions.edge.standalone.docs import docs_routes
from functions.farebox.accounts.account import AccountStatus, Profile
from functions.farebox.identity import Person, Session
from functions.farebox.wiring.runtime import Runtime


class Registration(Body):
    """A new account."""

    email: Email
    password: NewPassword
    full_name: Name | None = None


class Login(Body):
    """Credentials."""

    email: Email
    password: GivenPassword


class Refresh(Body):
    """The refresh token of the latest answer."""

    refresh_token: Token


class EmailOnly(Body):
    """An address to send something to."""

    email: Email


class MailedToken(Body):
    """The token of a mail."""

    token: Token


class NewPasswordWithToken(Body):
    """A new password, with the token of a mail."""

    token: Token
    password: NewPassword


class ProfileChange(Body):
    """What to change of a profile; what is absent stays."""

    full_name: Name | None = None
    time_zone: str = Field(default_factory=str, max_length=64, examples=["Europe/Berlin"])  # never null


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


def make_app(runtime: Runtime) -> FastAPI:
    """The edge's app."""
    app = management_app(runtime, "Farebox accounts")
    app.router.routes.extend(docs_routes(edges_of(runtime)))

    @app.post("/api/auth/register", status_code=201, tags=["accounts"])
    async def register(body: Registration, runtime: Wired) -> SessionAnswer:
        """Make an account, with its wallet, and sign in."""
        identity = await runtime.identity()
        return await _answer(runtime, await identity.register(body.email, body.password, body.full_name))

    @app.post("/api/auth/login", tags=["accounts"])
    async def login(body: Login, runtime: Wired) -> SessionAnswer:
        """Sign in."""
        identity = await runtime.identity()
        return await _answer(runtime, await identity.login(body.email, body.password))

    @app.post("/api/auth/refresh", tags=["accounts"])
    async def refresh(body: Refresh, runtime: Wired) -> SessionAnswer:
        """Trade a refresh token for a new session, and use the one that this answers from then on."""
        identity = await runtime.identity()
        return await _answer(runtime, await identity.refresh(body.refresh_token))

    @app.get("/api/auth/me", tags=["accounts"])
    async def read_profile(person: SignedIn, runtime: Wired) -> User:
        """One's own profile. A suspended account may read it, too."""
        return _show(person, await (await runtime.accounts()).profile(person.uid))

    @app.patch("/api/auth/me", tags=["accounts"])
    async def change_profile(body: ProfileChange, person: SignedIn, runtime: Wired) -> User:
        """Change one's name or time zone."""
        changes = body.model_dump(exclude_unset=True)
        return _show(person, await (await runtime.accounts()).change_profile(person.uid, changes))

    @app.post("/api/auth/verify-email", status_code=202, tags=["accounts"])
    async def send_verification(request: Request, _person: SignedIn, runtime: Wired) -> Done:
        """Send a mail that proves the address one's own."""
        await (await runtime.identity()).send_verification(session_token(request))
        return Done(message="A mail is on its way.")

    @app.post("/api/auth/verify-email/confirm", tags=["accounts"])
    async def confirm_verification(body: MailedToken, runtime: Wired) -> Done:
        """Confirm an address with the token of the mail."""
        await (await runtime.identity()).confirm_verification(body.token)
        return Done(message="The address is confirmed.")

    @app.post("/api/auth/password-reset", status_code=202, tags=["accounts"])
    async def send_password_reset(body: EmailOnly, runtime: Wired) -> Done:
        """Send a mail with which to choose a new password. The answer is the same for every address."""
        await (await runtime.identity()).send_password_reset(body.email)
        return Done(message="If the address has an account, a mail is on its way.")

    @app.post("/api/auth/password-reset/confirm", tags=["accounts"])
    async def confirm_password_reset(body: NewPasswordWithToken, runtime: Wired) -> Done:
        """Choose a new password with the token of the mail. Every session ends."""
        await (await runtime.identity()).confirm_password_reset(body.token, body.password)
        return Done(message="The password is changed. Sign in with it.")

    return app


async def _answer(runtime: Runtime, session: Session) -> SessionAnswer:
    profile = await (await runtime.accounts()).profile(session.person.uid)
    return SessionAnswer(
        user=_show(session.person, profile),
        token=session.token,
        refresh_token=session.refresh_token,
        expires_in=session.expires_in_s,
    )


def _show(person: Person, profile: Profile) -> User:
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
        created_at=account.created_at,
    )
