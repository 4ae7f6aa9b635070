"""Ways in: all by which others than its owner, in the session that they are in, could reach an account.

Sessions and second factors are the identity provider's to end. Whatever else opens an account is ended here, so that
what recovers one forgets none of them: a new kind of way in belongs into `end_all`.
"""

from contextlib import suppress

from functions.farebox.errors import NotFound
from functions.farebox.identity import Identity
from functions.farebox.identity.providers.linked import LinkedIdentities
from functions.farebox.keys.lifecycle import Keys, owner_of
from functions.farebox.notifications.alerts import Alerts
from functions.farebox.organisations.invitations import Invitations
from functions.farebox.organisations.members import Members

PAGE = 200


class WaysIn:
    """The ways into all accounts."""

    def __init__(
        self,
        members: Members,
        invitations: Invitations,
        keys: Keys,
        alerts: Alerts,
        linked: LinkedIdentities,
        identity: Identity,
    ) -> None:
        self._members = members
        self._invitations = invitations
        self._keys = keys
        self._alerts = alerts
        self._linked = linked
        self._identity = identity

    async def end_all(self, uid: str) -> None:
        """End those of an account: invitations to its own organisation and the members there, linked identities, the
        webhook of its alerts, and every key that it pays for or holds. Safe to repeat."""
        acting = owner_of(uid)
        while waiting := (await self._invitations.page(uid, limit=PAGE, after=None)).items:
            for invitation in waiting:
                with suppress(NotFound):  # accepted this moment: the members are looked at next
                    await self._invitations.withdraw(acting, invitation.id)
        while members := (await self._members.page(uid, limit=PAGE, after=None)).items:
            for member in members:
                await self._members.remove(acting, member.membership.user)
        await self.end_identities(uid)
        await self._alerts.end_webhook(uid)
        await self._keys.revoke_all(uid)

    async def end_identities(self, uid: str) -> None:
        """End the linked identities of an account alone, whoever knows them. Safe to repeat."""
        await self._linked.end_all(uid)
        for each in await self._identity.outside(uid):
            await self._identity.end_outside(uid, each)
