"""Routes of second factors: showing one, and enrolling, listing and removing them."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Path, Request
from pydantic import Field, StringConstraints

from functions.edge.accounts.answers import Done
from functions.edge.rest.app import Answer, Body, ConfirmedUser, SignedIn, Wired, person_of, visitor_of
from functions.edge.rest.text import Email, Name, Opaque, PresentPassword
from functions.farebox.errors import InvalidRequest
from functions.farebox.identity import Shown

FactorCode = Annotated[str, StringConstraints(min_length=6, max_length=32)]
PasskeyAnswer = dict[str, Any]  # what the browser answered, as `PublicKeyCredential.toJSON`


class ShownFactor(Body):
    """A second factor: a code of the app or for recovery, or a passkey's answer to the latest challenge."""

    code: Annotated[FactorCode | None, Field(repr=False)] = None
    passkey: PasskeyAnswer | None = None


class Entrant(Body):
    """Who is about to sign in, and is asked for a passkey: by their password, or by the sign-in with a provider that
    waits for it. Nothing where one is signed in."""

    email: Email | None = None
    password: Annotated[PresentPassword | None, Field(repr=False)] = None
    state: Annotated[Opaque | None, Field(repr=False)] = None
    flow: Annotated[Opaque | None, Field(repr=False)] = None


class TotpCode(Body):
    """The present code of an app."""

    code: Annotated[FactorCode, Field(repr=False)]


class NewPasskey(Body):
    """A passkey that a browser has made."""

    name: Name
    credential: PasskeyAnswer


class PasskeyShown(Answer):
    """A passkey, as its owner sees it."""

    id: str
    name: str
    created_at: datetime


class Factors(Answer):
    """One's second factors."""

    totp: bool
    passkeys: list[PasskeyShown]
    recovery_codes_left: int
    shown_at: datetime | None = Field(description="When one was last shown in this session")


class TotpSecret(Answer):
    """What an app takes: the secret as text, and as the address that is in a QR code."""

    secret: str
    uri: str


class RecoveryCodes(Answer):
    """Codes for when the factor is lost: each works once, and nobody can tell them again."""

    recovery_codes: list[str] | None = Field(description="null: those there were go on working")


class PasskeyOptions(Answer):
    """What to hand to `navigator.credentials`, as PublicKeyCredential.parse...OptionsFromJSON reads it."""

    options: dict[str, Any]


def add_second_factors(app: FastAPI) -> None:
    """Have an app answer these calls."""
    at = "/api/auth/second-factor"
    app.get(at, tags=["accounts"])(read_factors)
    app.post(at, tags=["accounts"])(show_factor)
    app.post(f"{at}/challenge", tags=["accounts"])(challenge_passkey)
    app.post(f"{at}/totp", tags=["accounts"])(begin_totp)
    app.post(f"{at}/totp/confirm", tags=["accounts"])(confirm_totp)
    app.delete(f"{at}/totp", tags=["accounts"])(remove_totp)
    app.post(f"{at}/passkeys/options", tags=["accounts"])(begin_passkey)
    app.post(f"{at}/passkeys", status_code=201, tags=["accounts"])(add_passkey)
    app.delete(f"{at}/passkeys/{{id}}", tags=["accounts"])(remove_passkey)
    app.post(f"{at}/recovery-codes", tags=["accounts"])(renew_recovery_codes)


def shown_in(code: str | None, passkey: dict[str, Any] | None) -> Shown | None:
    """A second factor as a body holds it. Raises `InvalidRequest` where it holds two."""
    if code is not None and passkey is not None:
        raise InvalidRequest("Send a code or a passkey's answer, not both.", code="invalid_body", param="passkey")
    if code is None and passkey is None:
        return None
    return Shown(code, None if passkey is None else json.dumps(passkey))


async def read_factors(person: SignedIn, runtime: Wired) -> Factors:
    """One's second factors."""
    enrolment = await (await runtime.second_factors()).enrolled(person.uid)
    return Factors(
        totp=enrolment.totp is not None,
        passkeys=[PasskeyShown(id=each.id, name=each.name, created_at=each.created_at) for each in enrolment.passkeys],
        recovery_codes_left=len(enrolment.recovery),
        shown_at=person.proved_at,
    )


async def show_factor(body: ShownFactor, person: SignedIn, runtime: Wired) -> Done:
    """Show a second factor once more: for 15 minutes, this session may move money and do what administrators do."""
    await (await runtime.step_up()).again(person, shown_in(body.code, body.passkey) or Shown())
    return Done(message="It counts for 15 minutes.")


async def challenge_passkey(body: Entrant, request: Request, runtime: Wired) -> PasskeyOptions:
    """Have a passkey asked for: of whoever is signed in, shows their password to sign in, or has come back from a
    provider."""
    if body.email is not None and body.password is not None:
        identity = await runtime.identity()
        uid = await identity.check_password(body.email, body.password, visitor=visitor_of(request))
    elif body.state is not None and body.flow is not None:
        uid = await (await runtime.provider_sign_in()).waiting(body.state, body.flow)
    else:
        uid = (await person_of(request, live=True)).uid
    return PasskeyOptions(options=json.loads(await (await runtime.second_factors()).request_passkey(uid)))


async def begin_totp(person: ConfirmedUser, runtime: Wired) -> TotpSecret:
    """Get a secret for an app. It counts once the app's code was confirmed."""
    secret, uri = await (await runtime.second_factors()).begin_totp(person.uid, person.email)
    return TotpSecret(secret=secret, uri=uri)


async def confirm_totp(body: TotpCode, person: ConfirmedUser, runtime: Wired) -> RecoveryCodes:
    """Have the app's codes asked for from now on."""
    recovery_codes = await (await runtime.second_factors()).confirm_totp(person.uid, body.code)
    await (await runtime.step_up()).enrolled(person)
    return RecoveryCodes(recovery_codes=recovery_codes)


async def remove_totp(person: ConfirmedUser, runtime: Wired) -> Done:
    """Have the app's codes asked for no more."""
    await (await runtime.second_factors()).remove_totp(person.uid)
    return Done(message="The app's codes are asked for no more.")


async def begin_passkey(person: ConfirmedUser, runtime: Wired) -> PasskeyOptions:
    """Have a browser make a passkey."""
    return PasskeyOptions(
        options=json.loads(await (await runtime.second_factors()).begin_passkey(person.uid, person.email))
    )


async def add_passkey(body: NewPasskey, person: ConfirmedUser, runtime: Wired) -> RecoveryCodes:
    """Take the passkey that the browser has made. The first second factor comes with codes for recovery."""
    answer = json.dumps(body.credential)
    recovery_codes = await (await runtime.second_factors()).add_passkey(person.uid, body.name, answer)
    await (await runtime.step_up()).enrolled(person)
    return RecoveryCodes(recovery_codes=recovery_codes)


async def remove_passkey(id: Annotated[str, Path(max_length=1400)], person: ConfirmedUser, runtime: Wired) -> Done:
    """Take a passkey away."""
    await (await runtime.second_factors()).remove_passkey(person.uid, id)
    return Done(message="The passkey is gone.")


async def renew_recovery_codes(person: ConfirmedUser, runtime: Wired) -> RecoveryCodes:
    """New codes for recovery in the place of the old ones."""
    return RecoveryCodes(recovery_codes=await (await runtime.second_factors()).renew_recovery_codes(person.uid))
