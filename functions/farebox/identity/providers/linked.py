"""Linked identities: who somebody is elsewhere, listed and ended. `linking.py` makes them, at a sign-in."""

from dataclasses import dataclass

from functions.farebox.errors import NotFound
from functions.farebox.storage import Delete, Document, Filter, Query, Store, Transaction

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """An identity elsewhere that opens an account here. `issuer` is the provider's address, `subject` its own id, and
    `email` the address that the person had there when they last came, if it is known."""

    id: str
    issuer: str
    subject: str
    email: str | None

    @classmethod
    def from_document(cls, document: Document) -> "LinkedIdentity":
        """From storage."""
        data = document.data
        return cls(document.id, data["issuer"], data["subject"], data.get("email"))


class LinkedIdentities:
    """The linked identities of all people."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, uid: str) -> list[LinkedIdentity]:
        """Somebody's, by their ids."""
        return [LinkedIdentity.from_document(each) for each in await self._store.query(_of(uid))]

    async def end(self, uid: str, identity_id: str) -> None:
        """Have one open the account no more. Raises `NotFound`."""

        async def work(tx: Transaction) -> None:
            document = await tx.get(identity_path(identity_id))
            if document is None or document.data["user"] != uid:
                raise NotFound("No such identity is linked to your account.", param="id")
            tx.delete(document.path)

        await self._store.transact(work)

    async def end_all(self, uid: str) -> None:
        """Have none of them open the account any more. Safe to repeat."""
        async for document in self._store.scan(_of(uid)):
            await self._store.write(Delete(document.path))


def identity_path(identity_id: str) -> str:
    """Where an identity says whose it is."""
    return f"identities/{identity_id}"


def _of(uid: str) -> Query:
    return Query("identities", (Filter("user", "==", uid),), limit=MOST_LISTED)
