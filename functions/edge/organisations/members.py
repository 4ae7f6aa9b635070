"""Routes: the members of an organisation, and how a person becomes one."""

from datetime import datetime
from typing import Annotated

from fastapi import FastAPI, Path, Request
from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.organisations.directory import OrganisationAnswer, show_organisation
from functions.edge.rest.acting import actor_of, may_in
from functions.edge.rest.answers.budgets import Calendar, KeyBudget, calendar_of
from functions.edge.rest.app import ActiveUser, Answer, Body, Wired
from functions.edge.rest.export import Format, export_list, offer_export
from functions.edge.rest.money import NonNegativeUsd, Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Pager
from functions.edge.rest.text import Email, Token
from functions.farebox.kit.slugs import ID
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.invitations import Invitation
from functions.farebox.organisations.members import Member, no_such_member
from functions.farebox.organisations.rights import INFERENCE, Role, may_spend

Uid = Annotated[str, Path(pattern=ID)]
InvitationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{1,64}$")]
ReadingInvitations = Annotated[Acting, may_in("invitations.read")]
ReadingMembers = Annotated[Acting, may_in("members.read")]


class MemberChange(Body):
    """What to change of a member; what is absent stays. `null` lifts the budget."""

    role: Role = Field(default="member")  # never null
    monthly_budget_usd: NonNegativeUsd | None = Field(None, description="Spend of their keys in a calendar month")


class MemberAnswer(Answer):
    """A member."""

    id: str
    email: str
    full_name: str | None
    role: Role
    monthly_budget_usd: Usd | None
    budget: KeyBudget
    created_at: datetime = Field(description="When they came")


class ChangedMember(MemberAnswer):
    """A member as they are now."""

    revoked_keys: int = Field(description="How many of their keys ended, since their role has no keys that ask models")


class NewInvitation(Body):
    """Whom to invite, as what."""

    email: Email
    role: Role
    monthly_budget_usd: NonNegativeUsd | None = Field(None, description="That they will have")


class InvitationAnswer(Answer):
    """An invitation that waits. Its token is in the mail alone."""

    id: str
    email: str
    role: Role
    monthly_budget_usd: Usd | None
    invited_by: str
    created_at: datetime
    expires_at: datetime


class Acceptance(Body):
    """The token of the mail."""

    token: Token


def add_member_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/orgs/{org}/members", tags=["organisations"])(list_members)
    offer_export(app, "/api/orgs/{org}/members", "organisations", "The members")(export_members)
    app.get("/api/orgs/{org}/members/{uid}", tags=["organisations"])(read_member)
    app.patch("/api/orgs/{org}/members/{uid}", tags=["organisations"])(change_member)
    app.delete("/api/orgs/{org}/members/{uid}", status_code=204, tags=["organisations"])(remove_member)
    app.post("/api/orgs/{org}/invitations", status_code=201, tags=["organisations"])(invite)
    app.get("/api/orgs/{org}/invitations", tags=["organisations"])(list_invitations)
    offer_export(app, "/api/orgs/{org}/invitations", "organisations", "The invitations")(export_invitations)
    app.get("/api/orgs/{org}/invitations/{id}", tags=["organisations"])(read_invitation)
    app.delete("/api/orgs/{org}/invitations/{id}", status_code=204, tags=["organisations"])(withdraw_invitation)
    app.post("/api/invitations/accept", tags=["organisations"])(accept_invitation)


async def list_members(
    acting: ReadingMembers, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[MemberAnswer]:
    """Who belongs to it, by their ids; the owner of a person's own organisation is not listed: it is they."""
    pager = Pager(runtime, f"members {acting.org}")
    members = (await runtime.organisations()).members
    page = await members.page(acting.org, limit=limit, after=pager.position(cursor))
    calendar = await calendar_of(runtime, acting.org)
    return pager.answer(page, lambda member: _show(member, calendar))


async def export_members(acting: ReadingMembers, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    members, calendar = (await runtime.organisations()).members, await calendar_of(runtime, acting.org)
    return export_list(
        lambda limit, after: members.page(acting.org, limit=limit, after=after),
        lambda member: _show(member, calendar),
        MemberAnswer,
        format,
        "members",
    )


async def read_member(uid: Uid, acting: Annotated[Acting, may_in("org.read")], runtime: Wired) -> MemberAnswer:
    """One member. Each may read of themselves; of others takes the right to."""
    if uid != acting.uid:
        acting.require("members.read")
    member = await (await runtime.organisations()).members.get(acting.org, uid)
    return _show(member, await calendar_of(runtime, acting.org))


async def change_member(
    uid: Uid, body: MemberChange, acting: Annotated[Acting, may_in("members.change")], runtime: Wired
) -> ChangedMember:
    """Change a member's role or budget. What they may do is another at once, what their keys may, within 5 seconds.

    Of who becomes `billing` or `viewer`, which may not spend, the keys that ask models stop within 5 seconds and are
    revoked, as if they were removed; another role does not bring them back.
    """
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if "monthly_budget_usd" in changes:
        changes["monthly_budget"] = changes.pop("monthly_budget_usd")
    members, keys = (await runtime.organisations()).members, await runtime.keys()

    async def end_spending(member: Member) -> int:
        if may_spend(member.membership.role):
            return 0
        return await keys.revoke_held(acting, member=uid, scope=INFERENCE)

    revoked = await end_spending(await members.get(acting.org, uid))  # what an earlier call left that was cut off
    member = await members.change(acting, uid, changes)
    revoked += await end_spending(member)
    shown = _show(member, await calendar_of(runtime, acting.org))
    return ChangedMember(**dict(shown), revoked_keys=revoked)


async def remove_member(uid: Uid, acting: Annotated[Acting, may_in("org.leave")], runtime: Wired) -> None:
    """Remove a member, or leave, which takes no further right. Their keys stop within 5 seconds, and are revoked."""
    if uid != acting.uid:
        acting.require("members.change")
    members = (await runtime.organisations()).members
    was_there = await members.remove(acting, uid)
    revoked = await (await runtime.keys()).revoke_held(acting, member=uid)
    if not was_there and not revoked:  # with keys left, an earlier call was cut off
        raise no_such_member()


async def invite(
    body: NewInvitation, acting: Annotated[Acting, may_in("invitations.change")], runtime: Wired
) -> InvitationAnswer:
    """Invite the owner of an address, by a mail that works for a week, once."""
    invitations = (await runtime.organisations()).invitations
    return _show_invitation(await invitations.invite(acting, body.email, body.role, body.monthly_budget_usd))


async def list_invitations(
    acting: ReadingInvitations,
    runtime: Wired,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> ListAnswer[InvitationAnswer]:
    """Invitations that wait, by their ids."""
    pager = Pager(runtime, f"invitations {acting.org}")
    invitations = (await runtime.organisations()).invitations
    page = await invitations.page(acting.org, limit=limit, after=pager.position(cursor))
    return pager.answer(page, _show_invitation)


async def export_invitations(acting: ReadingInvitations, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    invitations = (await runtime.organisations()).invitations
    return export_list(
        lambda limit, after: invitations.page(acting.org, limit=limit, after=after),
        _show_invitation,
        InvitationAnswer,
        format,
        "invitations",
    )


async def read_invitation(id: InvitationId, acting: ReadingInvitations, runtime: Wired) -> InvitationAnswer:
    """One invitation."""
    return _show_invitation(await (await runtime.organisations()).invitations.get(acting.org, id))


async def withdraw_invitation(
    id: InvitationId, acting: Annotated[Acting, may_in("invitations.change")], runtime: Wired
) -> None:
    """Take an invitation back. Its mail opens nothing any more."""
    await (await runtime.organisations()).invitations.withdraw(acting, id)


async def accept_invitation(
    body: Acceptance, request: Request, person: ActiveUser, runtime: Wired
) -> OrganisationAnswer:
    """Become a member by the token of a mail, as whoever has confirmed the address that it was sent to."""
    organisations, by = await runtime.organisations(), actor_of(request, person.uid)
    org = await organisations.invitations.accept(
        body.token, person.uid, person.email, verified=person.email_verified, by=by
    )
    [joined] = [each for each in await organisations.directory.of_person(person.uid) if each.id == org]
    return show_organisation(joined)


def _show(member: Member, calendar: Calendar) -> MemberAnswer:
    membership = member.membership
    return MemberAnswer(
        id=membership.user,
        email=member.email,
        full_name=member.full_name,
        role=membership.role,
        monthly_budget_usd=membership.monthly_budget,
        budget=calendar.this_month(member.budget, membership.monthly_budget),
        created_at=membership.created_at,
    )


def _show_invitation(invitation: Invitation) -> InvitationAnswer:
    return InvitationAnswer(
        id=invitation.id,
        email=invitation.email,
        role=invitation.role,
        monthly_budget_usd=invitation.monthly_budget,
        invited_by=invitation.invited_by,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )
