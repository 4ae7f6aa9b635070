"""Routes of signing in with other providers. A page goes there and comes back; see `identity/providers`."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import FastAPI, Path, Request
from pydantic import Field

from functions.edge.accounts.answers import Done, SessionAnswer, show_session
from functions.edge.accounts.second_factors import FactorCode, PasskeyAnswer, shown_in
from functions.edge.rest.app import Answer, Body, ConfirmedUser, SignedIn, Wired, visitor_of
from functions.edge.rest.paging import ListAnswer, Part
from functions.edge.rest.text import Opaque
from functions.farebox.identity import OutsideIdentity
from functions.farebox.identity.providers.linked import LinkedIdentity
from functions.farebox.identity.providers.provider import Returned

IdentityId = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
ProviderId = Annotated[str, Path(max_length=40)]


ENDED = "It opens your account no more."


class ProviderBeginning(Body):
    """A sign-in to begin."""

    invitation: Annotated[str | None, Field(repr=False, max_length=100)] = None


class ProviderRedirect(Answer):
    """Where to send the browser. It comes back to `/sign-in/callback` with a `code` and the `state`."""

    url: str
    state: str
    flow: str = Field(description="To be kept by the page that began, and shown at the end")


class ProviderReturn(Body):
    """What the browser has come back with. A second factor is asked for with `second_factor_required`: then the same is
    sent again beside it."""

    code: Annotated[Opaque, Field(repr=False)]
    state: Annotated[Opaque, Field(repr=False)]
    flow: Annotated[Opaque, Field(repr=False)]
    factor_code: Annotated[FactorCode | None, Field(repr=False)] = None
    passkey: Annotated[PasskeyAnswer | None, Field(repr=False)] = None


class LinkedIdentityAnswer(Answer):
    """An identity elsewhere that opens the account."""

    id: str
    provider: str = Field(description="The address of the provider")
    name: str = Field(description="What the provider is called")
    subject: str = Field(description="Its id of the identity")
    email: str | None = Field(description="The address there when it was last used; null where that is not known")


def add_providers(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.post("/api/auth/providers/{id}/begin", tags=["accounts"])(begin_provider_sign_in)
    app.post("/api/auth/providers/{id}/finish", tags=["accounts"])(finish_provider_sign_in)
    app.get("/api/auth/identities", tags=["accounts"])(list_identities)
    app.delete("/api/auth/identities/{id}", tags=["accounts"])(end_identity)


async def begin_provider_sign_in(
    id: ProviderId, runtime: Wired, body: ProviderBeginning | None = None
) -> ProviderRedirect:
    """Begin to sign in, or up, with a provider."""
    begun = await (await runtime.provider_sign_in()).begin(id, None if body is None else body.invitation)
    return ProviderRedirect(url=begun.url, state=begun.state, flow=begun.flow)


async def finish_provider_sign_in(
    id: ProviderId, body: ProviderReturn, request: Request, runtime: Wired
) -> SessionAnswer:
    """Sign in with what the browser has come back with."""
    returned = Returned(body.code, body.state, body.flow)
    factor = shown_in(body.factor_code, body.passkey)
    sign_in = await runtime.provider_sign_in()
    return await show_session(runtime, await sign_in.finish(id, returned, visitor_of(request), factor))


async def list_identities(person: SignedIn, runtime: Wired, part: Part) -> ListAnswer[LinkedIdentityAnswer]:
    """The identities elsewhere that open one's account."""
    names = {each.issuer: each.name for each in runtime.config.sign_in_providers.values()}
    found = await (await runtime.linked_identities()).of(person.uid)
    outside = await (await runtime.identity()).outside(person.uid)
    linked = [
        *(_show(each, names.get(each.issuer) or urlsplit(each.issuer).hostname or each.issuer) for each in found),
        *(_show(each, each.name) for each in outside),
    ]
    return part.of(linked)


async def end_identity(id: IdentityId, person: ConfirmedUser, runtime: Wired) -> Done:
    """Have an identity elsewhere open one's account no more. Sessions that it has opened go on."""
    identity = await runtime.identity()
    for each in await identity.outside(person.uid):
        if each.id == id:
            await identity.end_outside(person.uid, each)
            return Done(message=ENDED)
    await (await runtime.linked_identities()).end(person.uid, id)
    return Done(message=ENDED)


def _show(each: LinkedIdentity | OutsideIdentity, name: str) -> LinkedIdentityAnswer:
    return LinkedIdentityAnswer(id=each.id, provider=each.issuer, name=name, subject=each.subject, email=each.email)
