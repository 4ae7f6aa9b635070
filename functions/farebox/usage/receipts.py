"""Finding the record of a request for its owner, who knows it by an id that its answer bore."""

import re
from dataclasses import dataclass

from functions.farebox.errors import NotFound
from functions.farebox.storage import Document, Filter, Query, Store
from functions.farebox.usage.record import UsageRecord, record_path
from functions.farebox.usage.retention import kept_since

MOST_OTHERS = 20
_RECORD_ID = re.compile("(use|met)_[A-Za-z0-9]+")  # of a request here, or of another gateway's


@dataclass(frozen=True, slots=True)
class Receipted:
    """A usage record by its own id, which no other has. `others` are the ids of the newest ones before it that bear the
    same request id: a client may name its requests as it likes, and each of them was charged."""

    id: str
    record: UsageRecord
    others: tuple[str, ...] = ()


async def find_record(
    store: Store, uid: str, named: str, *, member: str | None = None, key: str | None = None
) -> Receipted:
    """The usage record of a user's request, by its own id or by the request id that its answer bore; of those that bear
    the same request id, the newest. With a `member` or a `key`, of theirs alone.

    Raises `NotFound`, also for somebody else's.
    """
    if _RECORD_ID.fullmatch(named):
        own = await store.get(record_path(named))
        if own is not None and own.data["user"] == uid and _is_of(own, member, key):
            return Receipted(own.id, UsageRecord.from_data(own.data))
    of_member = () if member is None else (Filter("member", "==", member),)
    of_key = () if key is None else (Filter("key", "==", key),)
    mine = (Filter("user", "==", uid), Filter("request_id", "==", named), *of_member, *of_key)
    query = Query("usage", mine, order_by="created_at", descending=True, limit=1 + MOST_OTHERS)
    found = await store.query(query)
    if not found:
        since = await kept_since(store)
        gone = "" if since is None else f" Those from before {since.date()} are not kept any more."
        raise NotFound(f"There is no request with this id.{gone}", param="request_id")
    newest, *others = found
    return Receipted(newest.id, UsageRecord.from_data(newest.data), tuple(each.id for each in others))


def _is_of(record: Document, member: str | None, key: str | None) -> bool:
    return (member is None or record.data.get("member") == member) and (key is None or record.data["key"] == key)
