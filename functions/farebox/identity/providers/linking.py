"""Linking: whose account an identity elsewhere opens. `identities/{hash of issuer and subject}`."""

import hashlib

from functions.farebox.accounts.sign_up import Invitations, SignUpRules
from functions.farebox.errors import Conflict, Forbidden
from functions.farebox.identity import Visitor
from functions.farebox.identity.guards import Guards
from functions.farebox.identity.local.credentials import Credentials
from functions.farebox.identity.local.identity import LocalIdentity
from functions.farebox.identity.providers.linked import identity_path
from functions.farebox.identity.providers.provider import ProvedIdentity
from functions.farebox.kit.emails import normalise_email
from functions.farebox.storage import Data, Store, Transaction


class Linking:
    """Finds accounts, and makes those that are not there. `guards` are `None` where everybody is on this machine."""

    def __init__(
        self,
        store: Store,
        identity: LocalIdentity,
        credentials: Credentials,
        rules: SignUpRules,
        invitations: Invitations,
        guards: Guards | None,
    ) -> None:
        self._store = store
        self._identity = identity
        self._credentials = credentials
        self._rules = rules
        self._invitations = invitations
        self._guards = guards

    async def account_of(self, proved: ProvedIdentity, visitor: Visitor, invitation: str | None) -> str:
        """The id of the account.

        An identity that was here opens the account that it opened then. One that is new opens the account under its
        address where both sides have proved that, or makes one. An account that never proved its address may be
        anybody's: `Conflict` with `email_taken`. `Forbidden` where the provider vouches for no address.
        """
        link = await self._store.get(_path(proved))
        if link is not None:
            if proved.email != link.data.get("email"):
                await self._note_address(link.path, proved.email)
            return str(link.data["user"])
        if proved.email is None or not proved.email_verified:
            raise Forbidden("This provider does not vouch for an address of yours. Confirm one there first.")
        email = normalise_email(proved.email)
        known = await self._credentials.find(email)
        if known is None:
            uid = await self._make(email, proved.full_name, visitor, invitation)
        elif known.data.get("verified_at") is None:
            raise Conflict(
                "An account with this address has not confirmed it. Sign in with its password and confirm the address, "
                "or choose a new password by mail; then this works.",
                code="email_taken",
            )
        else:
            uid = known.id
        await self._link(proved, uid)
        return uid

    async def _make(self, email: str, full_name: str | None, visitor: Visitor, invitation: str | None) -> str:
        if self._guards is not None:
            await self._guards.sign_up(visitor)
        self._rules.check(email, is_invited=invitation is not None)
        if invitation is not None:
            await self._invitations.use(invitation, email)
        person = await self._identity.create_user(email, None, full_name)
        await self._credentials.prove(person.uid, email)
        return person.uid

    async def _link(self, proved: ProvedIdentity, uid: str) -> None:
        link: Data = {"user": uid, "issuer": proved.issuer, "subject": proved.subject, "email": proved.email}

        async def work(tx: Transaction) -> None:
            if await tx.get(_path(proved)) is None:
                tx.create(_path(proved), link)

        await self._store.transact(work)

    async def _note_address(self, path: str, email: str | None) -> None:
        async def work(tx: Transaction) -> None:
            if await tx.get(path) is not None:  # else it was ended this moment, and stays so
                tx.update(path, {"email": email})

        await self._store.transact(work)


def _path(proved: ProvedIdentity) -> str:
    return identity_path(hashlib.sha256(f"{proved.issuer} {proved.subject}".encode()).hexdigest())
