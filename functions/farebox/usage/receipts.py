"""Finding the record of a request for its owner, who knows it by the id that its answer bore."""

from functions.farebox.errors import NotFound
from functions.farebox.storage import Filter, Query, Store
from functions.farebox.usage.record import UsageRecord


async def find_record(store: Store, uid: str, request_id: str) -> UsageRecord:
    """The usage record of a user's request, by the id that its answer bore; the newest, where a client used one twice.

    Raises `NotFound`, also for somebody else's.
    """
    mine = (Filter("user", "==", uid), Filter("request_id", "==", request_id))
    found = await store.query(Query("usage", mine, order_by="created_at", descending=True, limit=1))
    if not found:
        raise NotFound("There is no request with this id.", param="request_id")
    return UsageRecord.from_data(found[0].data)
