"""Invitations: how a person comes to belong to an organisation.

A mail bears a token, of which only a keyed hash is kept. It works once, until it expires or is withdrawn, for the
signed-in person whose confirmed address it was sent to: a mail that was passed on opens nothing. And it is as good as
the word of who invites: once they may not invite any more, it opens nothing either.

    <organisation>.<id>.<secret>

names where the invitation is kept; the secret has 238 bits.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from functions.farebox.accounts.account import is_active, user_path
from functions.farebox.errors import Conflict, NotFound
from functions.farebox.kit.emails import email_id, normalise_email
from functions.farebox.kit.ids import Ids
from functions.farebox.organisations.acting import Acting, address_unproved
from functions.farebox.organisations.mail_limits import MailLimits
from functions.farebox.organisations.members import add_member
from functions.farebox.organisations.membership import Membership, membership_path, role_in
from functions.farebox.organisations.rights import ROLE_RIGHTS, Role
from functions.farebox.organisations.trail import Actor, Change, Trail
from functions.farebox.storage import Data, Document, Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page

LIFETIME = timedelta(days=7)
SECRET_LENGTH = 40
MOST_PARTS = 3


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that waits. `monthly_budget` is what the membership will have, in nano-USD."""

    id: str
    org: str
    email: str
    role: Role
    monthly_budget: int | None
    hash: str
    invited_by: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def from_document(cls, document: Document) -> "Invitation":
        """From storage."""
        data: Mapping[str, Any] = document.data
        return cls(id=document.id, org=document.path.split("/")[1], **data)

    def to_data(self) -> Data:
        """For storage; the path tells the rest."""
        return {
            "email": self.email,
            "role": self.role,
            "monthly_budget": self.monthly_budget,
            "hash": self.hash,
            "invited_by": self.invited_by,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
        }


class Mail(Protocol):
    """What sends mail (`notifications/mail.py`)."""

    async def send(self, to: str, subject: str, text: str, *, mail_id: str | None = None) -> None:
        """Have a plain text sent; one with an id is sent once."""


class Invitations:
    """The invitations of all organisations. `pepper` is the server's key for the hashes of their secrets."""

    def __init__(
        self,
        store: Store,
        trail: Trail,
        mail: Mail,
        limits: MailLimits,
        pepper: bytes,
        *,
        public_url: str,
        now: Callable[[], datetime],
        ids: Ids,
    ) -> None:
        self._store = store
        self._trail = trail
        self._mail = mail
        self._limits = limits
        self._pepper = pepper
        self._public_url = public_url
        self._now = now
        self._ids = ids

    async def invite(self, acting: Acting, email: str, role: Role, monthly_budget: int | None) -> Invitation:
        """Invite the owner of an address. Raises `Forbidden` for an owner's role by who is none and with
        `email_unverified` by who has not proved their own address, `RateLimited`."""
        acting.require_proved()
        if role == "owner":
            acting.require("owners.change")
        email = normalise_email(email)
        await self._limits.take(acting, email)
        now, invitation_id, secret = self._now(), self._ids.new(), self._ids.text(SECRET_LENGTH)
        invitation = Invitation(
            id=invitation_id,
            org=acting.org,
            email=email,
            role=role,
            monthly_budget=monthly_budget,
            hash=self._hash(invitation_id, secret),
            invited_by=acting.actor.id,
            created_at=now,
            expires_at=now + LIFETIME,
        )

        async def work(tx: Transaction) -> Change:
            await tx.get(_path(acting.org, invitation_id))
            tx.create(_path(acting.org, invitation_id), invitation.to_data())
            return _change("invitations.create", invitation, made=True)

        account = await self._store.get(user_path(acting.org))
        assert account is not None, "whoever acts for an organisation has found it"
        name = account.data["full_name"] or account.data["email"]
        await self._trail.change(acting.org, acting.actor, work)
        token = f"{acting.org}.{invitation_id}.{secret}"
        await self._mail.send(
            email,
            f"You are invited to {name}",
            f"{acting.email or 'Somebody'} invites you to {name}, as {_ARTICLE[role]}.\n\n"
            f"Sign in with this address, or register it, and open this link:\n\n"
            f"{self._public_url}/invitation#token={token}\n\n"
            f"It works for {LIFETIME.days} days, once. For the API, the token is:\n\n{token}\n\n"
            "If you do not know what this is about, do nothing.\n",
            mail_id=mail_of(invitation_id),
        )
        return invitation

    async def page(self, org: str, *, limit: int, after: tuple[Any, ...] | None) -> Page[Invitation]:
        """Those of an organisation that wait, and those that have expired and are not swept away yet."""
        query = Query(f"users/{org}/invitations", limit=limit, after=after)
        return await read_page(self._store, query, Invitation.from_document)

    async def get(self, org: str, invitation_id: str) -> Invitation:
        """One of them. Raises `NotFound`."""
        document = await self._store.get(_path(org, invitation_id))
        if document is None:
            raise _not_there()
        return Invitation.from_document(document)

    async def withdraw(self, acting: Acting, invitation_id: str) -> None:
        """Take one back. Raises `NotFound`."""

        async def work(tx: Transaction) -> Change:
            document = await tx.get(_path(acting.org, invitation_id))
            if document is None:
                raise _not_there()
            tx.delete(document.path)
            return _change("invitations.withdraw", Invitation.from_document(document), made=False)

        await self._trail.change(acting.org, acting.actor, work)

    async def accept(self, token: str, uid: str, email: str, *, verified: bool, by: Actor) -> str:
        """Become a member, as the person whose confirmed address was invited. Answers the organisation.

        Raises `NotFound` for a token that opens nothing for this person, `Forbidden` with `email_unverified`, and
        `Conflict` for who belongs to it already.
        """
        org, invitation_id, secret = _parse(token)

        async def work(tx: Transaction) -> Change:
            at, member_at = _path(org, invitation_id), membership_path(org, uid)
            document, account, known, person = await tx.get_many(at, user_path(org), member_at, user_path(uid))
            if person is None or not is_active(person.data):  # one who is being erased joins nothing any more
                raise _no_such_invitation()
            invitation, now = None if document is None else Invitation.from_document(document), self._now()
            if invitation is None or not self._opens(invitation, secret, email, now):
                raise _no_such_invitation()
            inviter = invitation.invited_by
            if not _may_invite(role_in(org, inviter, await tx.get(membership_path(org, inviter))), invitation.role):
                raise _no_such_invitation()
            if not verified:
                raise address_unproved()
            if known is not None or org == uid:
                raise Conflict("You belong to this organisation already.", code="already_member")
            add_member(tx, account, Membership(org, uid, invitation.role, invitation.monthly_budget, now))
            tx.delete(at)
            return _change("invitations.accept", invitation, made=True)

        await self._trail.change(org, by, work)
        return org

    def _opens(self, invitation: Invitation, secret: str, email: str, now: datetime) -> bool:
        is_right = hmac.compare_digest(invitation.hash, self._hash(invitation.id, secret))
        return is_right and now < invitation.expires_at and invitation.email == normalise_email(email)

    def _hash(self, invitation_id: str, secret: str) -> str:
        return hmac.digest(self._pepper, f"{invitation_id}-{secret}".encode(), "sha256").hex()


def _may_invite(inviter: Role | None, role: Role) -> bool:
    """Whether whoever has one role, or none, may let others in with another."""
    if inviter is None or "invitations.change" not in ROLE_RIGHTS[inviter]:
        return False
    return role != "owner" or "owners.change" in ROLE_RIGHTS[inviter]


_ARTICLE: Mapping[Role, str] = {
    "owner": "an owner",
    "admin": "an admin",
    "billing": "somebody who looks after billing",
    "member": "a member",
    "viewer": "a viewer",
}


def _change(action: str, invitation: Invitation, *, made: bool) -> Change:
    told = {"email": invitation.email, "role": invitation.role, "monthly_budget": invitation.monthly_budget}
    before, after = None if made else told, told if made else None
    return Change(action, f"invitations/{invitation.id}", before, after, about=email_id(invitation.email))


def mail_of(invitation_id: str) -> str:
    """The id of the mail that an invitation was sent with."""
    return f"invitation-{invitation_id}"


def _path(org: str, invitation_id: str) -> str:
    return f"{user_path(org)}/invitations/{invitation_id}"


def _parse(token: str) -> tuple[str, str, str]:
    """The organisation, the id and the secret. Raises `NotFound`."""
    org, *rest = token.rsplit(".", MOST_PARTS - 1)
    is_one = len(rest) == MOST_PARTS - 1 and org and all(part.isascii() and part.isalnum() for part in rest)
    if not is_one or "/" in org:
        raise _no_such_invitation()
    return org, rest[0], rest[1]


def _not_there() -> NotFound:
    return NotFound("There is no such invitation.", param="id")


def _no_such_invitation() -> NotFound:
    return NotFound("There is no such invitation for you. Ask for a new one.", param="token")
