"""Edge `accounts`: registering, signing in, one's own profile, organisations; and the description of the whole API."""

from typing import Annotated

from fastapi import FastAPI, Request
from pydantic import Field

from functions.edge.accounts.answers import SessionAnswer, User, profile_of, show_session, show_user
from functions.edge.accounts.own_data import add_own_data
from functions.edge.accounts.proofs import add_proofs
from functions.edge.accounts.providers import add_providers
from functions.edge.accounts.second_factors import FactorCode, PasskeyAnswer, add_second_factors, shown_in
from functions.edge.accounts.sessions import add_sessions
from functions.edge.asgi.credentials import idempotency_key
from functions.edge.asgi.deployables import edges_of
from functions.edge.organisations.directory import add_directory_calls
from functions.edge.organisations.groups import add_group_calls
from functions.edge.organisations.members import add_member_calls
from functions.edge.organisations.trail import add_trail_calls
from functions.edge.rest.app import Answer, Body, SignedIn, Wired, management_app, visitor_of
from functions.edge.rest.text import MAX_TOKEN_LENGTH, Email, GivenPassword, Name, NewPassword, Token
from functions.edge.standalone.docs import docs_routes
from functions.farebox.accounts.sign_up import CaptchaName, SignUpMode
from functions.farebox.wiring.runtime import Runtime


class Registration(Body):
    """A new account."""

    email: Email
    password: NewPassword
    full_name: Name | None = None
    invitation: Annotated[str | None, Field(repr=False, max_length=100)] = None
    captcha: Annotated[
        str | None, Field(repr=False, max_length=MAX_TOKEN_LENGTH, description="What the captcha's widget answered")
    ] = None


class Login(Body):
    """Credentials, with a second factor where the account has one."""

    email: Email
    password: GivenPassword
    code: Annotated[FactorCode | None, Field(repr=False)] = None
    passkey: PasskeyAnswer | None = None


class Refresh(Body):
    """The refresh token of the latest answer."""

    refresh_token: Token


class ProfileChange(Body):
    """What to change of a profile; what is absent stays."""

    full_name: Name | None = None
    time_zone: str = Field(default_factory=str, max_length=64, examples=["Europe/Berlin"])  # never null


class CaptchaWidget(Answer):
    """The captcha that a page shows."""

    service: CaptchaName
    site_key: str


class ProviderName(Answer):
    """Another provider to sign in with."""

    id: str
    name: str


class SignInOptions(Answer):
    """How one signs up and in here."""

    sign_up: SignUpMode
    captcha: CaptchaWidget | None
    providers: list[ProviderName] = Field(description="Others to sign in with")
    support_email: str | None = Field(description="Whom to ask")


def make_app(runtime: Runtime) -> FastAPI:
    """The edge's app."""
    app = management_app(runtime, "Farebox accounts")
    app.router.routes.extend(docs_routes(edges_of(runtime)))
    add_proofs(app)
    add_sessions(app)
    add_second_factors(app)
    add_own_data(app)
    add_providers(app)
    add_directory_calls(app)
    add_member_calls(app)
    add_group_calls(app)
    add_trail_calls(app)

    @app.get("/api/auth/options", tags=["accounts"])
    async def read_options(runtime: Wired) -> SignInOptions:
        """How one signs up and in here."""
        config, captcha = runtime.config, runtime.config.captcha
        widget = None if captcha is None else CaptchaWidget(service=captcha.service, site_key=captcha.site_key)
        providers = [ProviderName(id=each.id, name=each.name) for each in config.sign_in_providers.values()]
        return SignInOptions(
            sign_up=config.sign_up.mode, captcha=widget, providers=providers, support_email=config.support_email
        )

    @app.post("/api/auth/register", status_code=201, tags=["accounts"])
    async def register(body: Registration, request: Request, runtime: Wired) -> SessionAnswer:
        """Make an account, with its wallet, and sign in."""
        session = await (await runtime.sign_up()).register(
            body.email,
            body.password,
            body.full_name,
            visitor=visitor_of(request),
            invitation=body.invitation,
            captcha=body.captcha,
        )
        return await show_session(runtime, session)

    @app.post("/api/auth/login", tags=["accounts"])
    async def login(body: Login, request: Request, runtime: Wired) -> SessionAnswer:
        """Sign in."""
        identity, factor = await runtime.identity(), shown_in(body.code, body.passkey)
        session = await identity.login(body.email, body.password, visitor=visitor_of(request), factor=factor)
        return await show_session(runtime, session)

    @app.post("/api/auth/refresh", tags=["accounts"])
    async def refresh(body: Refresh, request: Request, runtime: Wired) -> SessionAnswer:
        """Trade a refresh token for a new session, and use the one that this answers from then on. With an
        `Idempotency-Key`, a call whose answer never came is made again; without one, a token that comes twice ends its
        session."""
        identity, trade = await runtime.identity(), idempotency_key(request)
        return await show_session(runtime, await identity.refresh(body.refresh_token, trade=trade))

    @app.get("/api/auth/me", tags=["accounts"])
    async def read_profile(person: SignedIn, runtime: Wired) -> User:
        """One's own profile. A suspended account may read it, too."""
        return show_user(person, await profile_of(runtime, person))

    @app.patch("/api/auth/me", tags=["accounts"])
    async def change_profile(body: ProfileChange, person: SignedIn, runtime: Wired) -> User:
        """Change one's name or time zone."""
        changes = body.model_dump(exclude_unset=True)
        return show_user(person, await (await runtime.accounts()).change_profile(person.uid, changes))

    return app
