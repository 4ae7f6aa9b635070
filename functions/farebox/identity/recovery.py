"""Recovery: an account comes to be its owner's alone again. Whatever recovers one goes through here.

Whoever had the old password, or the account before its address was proved, may have left ways in: `ways_in.py` knows
them all. Sessions the identity provider ends.
"""

from functions.farebox.identity import Identity, Person, Session, Visitor
from functions.farebox.identity.ways_in import WaysIn


class Recovery:
    """Replaces passwords and addresses."""

    def __init__(self, identity: Identity, ways_in: WaysIn) -> None:
        self._identity = identity
        self._ways_in = ways_in

    async def reset(self, proof: str, password: str, *, end_access: bool) -> None:
        """Set a new password with the token of a reset mail: every session ends and, with `end_access`, every other way
        in.

        They end first: what is cut off in between can be done again with the token, which works once. And they end
        again, for what somebody has made meanwhile in a session that lasted until then.
        """
        uid = await self._identity.owner_of_reset(proof)
        if end_access:
            await self._ways_in.end_all(uid)
        await self._identity.confirm_password_reset(proof, password)
        if end_access:
            await self._ways_in.end_all(uid)

    async def change_password(
        self, person: Person, password: str, new_password: str, *, visitor: Visitor, end_access: bool
    ) -> Session:
        """Set a new password in the place of the present one; with `end_access`, every other way in ends. Raises as
        `Identity.change_password`."""
        session = await self._identity.change_password(person, password, new_password, visitor=visitor)
        if end_access:
            await self._ways_in.end_all(person.uid)
        return session

    async def confirm_email_change(self, proof: str, person: Person, *, end_access: bool) -> None:
        """Have the address of an account be the one that a token came to. Identities elsewhere were linked by the
        former address, and end with it; with `end_access`, so does every other way in. Raises as
        `Identity.confirm_email_change`."""
        await self._identity.confirm_email_change(proof, person)
        if end_access:
            await self._ways_in.end_all(person.uid)
        else:
            await self._ways_in.end_identities(person.uid)

    async def make_admin(self, email: str, password: str) -> Person:
        """Make the owner of an address an administrator, who alone is in the account then. See
        `Identity.make_admin`."""
        person = await self._identity.make_admin(email, password)
        await self._ways_in.end_all(person.uid)
        return person
