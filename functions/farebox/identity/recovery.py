"""Recovery: what a new password ends. Whoever had the old one may have had keys made with it."""

from functions.farebox.identity import Identity
from functions.farebox.keys.lifecycle import Keys


class Recovery:
    """Resets passwords."""

    def __init__(self, identity: Identity, keys: Keys) -> None:
        self._identity = identity
        self._keys = keys

    async def reset(self, proof: str, password: str, *, revoke_keys: bool) -> None:
        """Set a new password with the token of a reset mail: every session ends and, unless told otherwise, every key.

        The keys end first: what is cut off in between can be done again with the token.
        """
        uid = await self._identity.owner_of_reset(proof)
        if revoke_keys:
            await self._keys.revoke_all(uid)
        await self._identity.confirm_password_reset(proof, password)
