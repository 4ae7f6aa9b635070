"""Routes: the organisations that one belongs to."""

from datetime import datetime
from typing import Annotated

from fastapi import FastAPI, Query, Request
from pydantic import Field

from functions.edge.rest.acting import actor_of, may_in
from functions.edge.rest.app import ActiveUser, Answer, Body, SignedIn, Wired
from functions.edge.rest.paging import ListAnswer, Part
from functions.edge.rest.text import Name
from functions.farebox.accounts.account import AccountStatus
from functions.farebox.billing.leaving.closing import end_business
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.directory import Organisation
from functions.farebox.organisations.rights import ROLE_RIGHTS, KeyScope, Right, Role, scopes_within


class NewOrganisation(Body):
    """An organisation to make."""

    name: Name


class OrganisationChange(Body):
    """What to change of an organisation; what is absent stays."""

    name: Name = Field(default_factory=str)  # never null
    time_zone: str = Field(default_factory=str, max_length=64, examples=["Europe/Berlin"])  # never null


class OrganisationAnswer(Answer):
    """An organisation, as somebody sees it who belongs to it. A person's own has the person's id."""

    id: str = Field(description="Name it in the header x-farebox-org, and a call works on this one's keys and wallet")
    name: str
    role: Role = Field(description="One's own in it")
    rights: list[Right] = Field(description="What that role may do in it")
    scopes: list[KeyScope] = Field(description="Those that a key of one's own may have")
    is_personal: bool
    status: AccountStatus
    plan: str | None
    created_at: datetime


def add_directory_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.post("/api/orgs", status_code=201, tags=["organisations"])(create_organisation)
    app.get("/api/orgs", tags=["organisations"])(list_organisations)
    app.get("/api/orgs/{org}", tags=["organisations"])(read_organisation)
    app.patch("/api/orgs/{org}", tags=["organisations"])(change_organisation)
    app.delete("/api/orgs/{org}", status_code=204, tags=["organisations"])(close_organisation)


async def create_organisation(
    body: NewOrganisation, request: Request, person: ActiveUser, runtime: Wired
) -> OrganisationAnswer:
    """Make an organisation with a wallet of its own, and be its owner."""
    directory = (await runtime.organisations()).directory
    return show_organisation(await directory.create(person.uid, body.name, actor_of(request, person.uid)))


async def list_organisations(person: SignedIn, runtime: Wired, part: Part) -> ListAnswer[OrganisationAnswer]:
    """Those that one belongs to, one's own first."""
    found = await (await runtime.organisations()).directory.of_person(person.uid)
    return part.of([show_organisation(each) for each in found])


async def read_organisation(acting: Annotated[Acting, may_in("org.read")], runtime: Wired) -> OrganisationAnswer:
    """One of them."""
    return show_organisation(await (await runtime.organisations()).directory.get(acting))


async def change_organisation(
    body: OrganisationChange, acting: Annotated[Acting, may_in("org.change")], runtime: Wired
) -> OrganisationAnswer:
    """Change its name, or the time zone of its budgets."""
    changes: dict[str, str | None] = {name: getattr(body, name) for name in body.model_fields_set}
    if "name" in changes:
        changes["full_name"] = changes.pop("name")
    return show_organisation(await (await runtime.organisations()).directory.change(acting, changes))


async def close_organisation(
    acting: Annotated[Acting, may_in("org.close")],
    runtime: Wired,
    forfeit_credit: Annotated[bool, Query(description="Give up the credit that is left")] = False,
) -> None:
    """End it, for good. Its keys stop within 5 seconds, and pages on which to top it up are closed; its ledger
    stays."""
    await runtime.settle_here(acting.org)
    await (await runtime.organisations()).directory.close(acting, forfeit=forfeit_credit)
    await end_business(await runtime.store(), await runtime.payments(), acting.org, runtime.now())


def show_organisation(found: Organisation) -> OrganisationAnswer:
    """An organisation as an answer."""
    account = found.account
    return OrganisationAnswer(
        id=found.id,
        name=found.name,
        role=found.role,
        rights=sorted(ROLE_RIGHTS[found.role]),
        scopes=list(scopes_within(ROLE_RIGHTS[found.role])),
        is_personal=not account.is_organisation,
        status=account.status,
        plan=account.plan,
        created_at=account.created_at,
    )
