"""Export: all that is kept of a person, as documents are kept, without what would open a door.

Amounts are whole nano-USD. Hashes of secrets and sealed secrets are left out: they tell nothing about a person.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

from functions.farebox.accounts.account import all_addresses, user_path
from functions.farebox.admin.kept_answers import kept_answers
from functions.farebox.billing.payer import billing_path
from functions.farebox.errors import NotFound
from functions.farebox.identity.factors.enrolment import factors_path
from functions.farebox.identity.local.credentials import credentials_path
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.organisations.forgetting import keys_of
from functions.farebox.storage import Data, Document, Filter, Query, Store
from functions.farebox.usage.retention import kept_since

PAGE = 200
SECRET: Final = frozenset(
    {
        "hash",
        "previous_hash",
        "password_hash",
        "totp",
        "pending_totp",
        "recovery",
        "public_key",
        "challenge",
        "secret",
        "trade_key",
    }
)


async def personal_data(store: Store, uid: str) -> AsyncIterator[tuple[str, Data]]:
    """Every document about a person: `(its collection, its fields with its id)`, and one that says since when usage
    records are kept, where older ones are deleted. Raises `NotFound` before the first."""
    found = await store.get_many(
        user_path(uid), wallet_path(uid), billing_path(uid), credentials_path(uid), factors_path(uid)
    )
    if found[0] is None:
        raise NotFound("There is no such account.", param="user_id")
    for document in found:
        if document is not None:
            yield _told(document)
    async for entry in store.scan(Query(f"{wallet_path(uid)}/transactions", limit=PAGE)):
        yield "transactions", _told(entry)[1]
    async for named in _named(store, uid):
        yield named
    since = await kept_since(store)
    if since is not None:
        yield "retention", {"id": "usage", "kept_since": since}
    async for entry in _done_by_others(store, uid):
        yield _told(entry)
    for query in mails_of(found[0]):
        async for mail in store.scan(query):
            sent = {"subject": mail.data["message"]["subject"], "created_at": mail.data["created_at"]}
            yield "mail", {"id": mail.id, "to": mail.data["to"], **sent}


def mails_of(user: Document) -> tuple[Query, ...]:
    """Where the mails are that an account's owner was sent: to its addresses, and to one that it was to have."""
    addresses = tuple(Query("mail", (Filter("to", "==", email),), limit=PAGE) for email in all_addresses(user.data))
    return (*addresses, Query("mail", (Filter("user", "==", user.id),), limit=PAGE))


async def _named(store: Store, uid: str) -> AsyncIterator[tuple[str, Data]]:
    """What names a person, their keys, of organisations as well, and the answers to those that are kept."""
    for query in of_person(uid):
        async for document in store.scan(query):
            yield _told(document)
    async for key in keys_of(store, uid):
        yield _told(key)
    async for document, answer in kept_answers(store, uid):
        collection, told = _told(document)
        yield collection, told | answer


async def _done_by_others(store: Store, uid: str) -> AsyncIterator[Document]:
    """What is noted that others did in a person's own organisation, and operators about them."""
    async for entry in store.scan(Query(f"{user_path(uid)}/trail", limit=PAGE)):
        if entry.data["actor"] != uid:
            yield entry
    async for entry in store.scan(Query("audit", (Filter("target", "==", user_path(uid)),), limit=PAGE)):
        yield entry


def of_person(uid: str) -> tuple[Query, ...]:
    """Where a person's documents are that name them in a field."""
    mine = (Filter("user", "==", uid),)
    return (
        Query("members", mine, order_by="created_at", limit=PAGE, group=True),
        Query("trail", (Filter("actor", "==", uid),), order_by="created_at", limit=PAGE, group=True),
        Query("sessions", mine, limit=PAGE),
        Query("identities", mine, limit=PAGE),
        Query("payments", mine, limit=PAGE),
        Query("alerts", mine, limit=PAGE),
        Query("usage", mine, limit=PAGE),
        Query("usage_days", mine, limit=PAGE),
        Query("authorizations", mine, limit=PAGE),
    )


def _told(document: Document) -> tuple[str, Data]:
    return document.path.split("/")[-2], {"id": document.id, **_open(document.data)}


def _open(value: Any) -> Any:
    """A value without secrets, at any depth."""
    if isinstance(value, dict):
        return {name: _open(each) for name, each in value.items() if name not in SECRET}
    return [_open(each) for each in value] if isinstance(value, list) else value
