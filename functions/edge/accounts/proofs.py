"""Routes of addresses and passwords: proving, replacing and recovering them."""

from typing import Annotated

from fastapi import FastAPI, Request
from pydantic import Field, StrictBool

from functions.edge.accounts.answers import Done, SessionAnswer, profile_of, show_session
from functions.edge.rest.app import Body, ConfirmedUser, SignedIn, Wired, person_of, session_token, visitor_of
from functions.edge.rest.text import Email, GivenPassword, NewPassword, PresentPassword, Token
from functions.farebox.errors import Unauthenticated
from functions.farebox.identity import Person
from functions.farebox.wiring.runtime import Runtime

EVERY_WAY_IN = (
    "Have every key end and all else that lets others in: members and invitations of your own organisation, linked "
    "identities, the webhook of alerts"
)


class EmailOnly(Body):
    """An address to send something to."""

    email: Email


class MailedToken(Body):
    """The token of a mail. Whoever is not signed in shows their present address and password beside it."""

    token: Token
    email: Email | None = None
    password: Annotated[PresentPassword | None, Field(repr=False)] = None


class NewAddressToken(MailedToken):
    """The token of a mail to a new address."""

    revoke_keys: Annotated[StrictBool, Field(description=EVERY_WAY_IN)] = False


class NewPasswordWithToken(Body):
    """A new password, with the token of a mail."""

    token: Token
    password: NewPassword
    revoke_keys: Annotated[StrictBool, Field(description=EVERY_WAY_IN)] = True


class PasswordChange(Body):
    """A new password in the place of the present one."""

    current_password: GivenPassword
    password: NewPassword
    revoke_keys: Annotated[StrictBool, Field(description=EVERY_WAY_IN)] = False


class EmailChange(Body):
    """A new address, with the present password."""

    email: Email
    password: GivenPassword


def add_proofs(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.post("/api/auth/verify-email", status_code=202, tags=["accounts"])(send_verification)
    app.post("/api/auth/verify-email/confirm", tags=["accounts"])(confirm_verification)
    app.post("/api/auth/password-reset", status_code=202, tags=["accounts"])(send_password_reset)
    app.post("/api/auth/password-reset/confirm", tags=["accounts"])(confirm_password_reset)
    app.post("/api/auth/password", tags=["accounts"])(change_password)
    app.post("/api/auth/email", status_code=202, tags=["accounts"])(change_email)
    app.post("/api/auth/email/confirm", tags=["accounts"])(confirm_email)


async def send_verification(request: Request, _person: SignedIn, runtime: Wired) -> Done:
    """Send a mail that proves the address one's own."""
    await (await runtime.identity()).send_verification(session_token(request), visitor=visitor_of(request))
    return Done(message="A mail is on its way.")


async def confirm_verification(body: MailedToken, request: Request, runtime: Wired) -> Done:
    """Confirm an address with the token of the mail: signed in to the account that asked for it, or with its
    password."""
    person = await _owner(request, runtime, body)
    await (await runtime.identity()).confirm_verification(body.token, person)
    await profile_of(runtime, Person(person.uid, person.email, email_verified=True, is_admin=False))
    return Done(message="The address is confirmed.")


async def send_password_reset(body: EmailOnly, request: Request, runtime: Wired) -> Done:
    """Send a mail with which to choose a new password. The answer is the same for every address."""
    await (await runtime.identity()).send_password_reset(body.email, visitor=visitor_of(request))
    return Done(message="If the address has an account, a mail is on its way.")


async def confirm_password_reset(body: NewPasswordWithToken, runtime: Wired) -> Done:
    """Choose a new password with the token of the mail. Every session ends and, unless you say otherwise, every key
    and all else that lets others in."""
    await (await runtime.recovery()).reset(body.token, body.password, end_access=body.revoke_keys)
    return Done(message="The password is changed. Sign in with it.")


async def change_password(
    body: PasswordChange, person: ConfirmedUser, request: Request, runtime: Wired
) -> SessionAnswer:
    """Choose a new password. Every other session ends, and your own goes on with what this answers; keys stay, unless
    you say otherwise."""
    session = await (await runtime.recovery()).change_password(
        person, body.current_password, body.password, visitor=visitor_of(request), end_access=body.revoke_keys
    )
    return await show_session(runtime, session)


async def change_email(body: EmailChange, _person: ConfirmedUser, request: Request, runtime: Wired) -> Done:
    """Send a mail to a new address. It counts once the mail's token was confirmed; every other session ends now."""
    identity, visitor = await runtime.identity(), visitor_of(request)
    await identity.send_email_change(session_token(request), body.password, body.email, visitor=visitor)
    return Done(message="A mail is on its way to the new address.")


async def confirm_email(body: NewAddressToken, request: Request, runtime: Wired) -> Done:
    """Have the address that the mail came to be the account's. Every other session ends again, and linked identities
    do."""
    person = await _owner(request, runtime, body)
    await (await runtime.recovery()).confirm_email_change(body.token, person, end_access=body.revoke_keys)
    return Done(message="The address is changed. Sign in with it from now on.")


async def _owner(request: Request, runtime: Runtime, body: MailedToken) -> Person:
    """Who uses a mailed token: whoever is signed in or, if nobody is, whoever shows their password."""
    if "authorization" in request.headers:
        return await person_of(request, live=True)
    if body.email is None or body.password is None:
        raise Unauthenticated(
            "Sign in to the account that asked for this mail and open its link again, or send its email and password "
            "beside the token.",
            code="invalid_token",
        )
    identity = await runtime.identity()
    return await identity.person_of_password(body.email, body.password, visitor=visitor_of(request))
