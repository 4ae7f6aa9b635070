"""Forgetting: what alerts tell of a person who is erased goes. That something was told, and when, stays."""

from functions.farebox.notifications.alert import key_occasions, told_at, trail_occasion
from functions.farebox.storage import Delete, Document, Query, Store, Update

PAGE = 50
ABOUT_NOBODY = "This was about an API key of somebody who is erased."


async def forget_entry(store: Store, entry: Document) -> None:
    """Have the alert of a trail's entry tell no more than the entry does. Safe to repeat."""
    alert = await store.get(told_at(entry.path.split("/")[1], trail_occasion(entry.id)))
    if alert is not None:
        kept = {name: entry.data[name] for name in ("address", "before", "after")}
        await store.write(Update(alert.path, {"data": {**alert.data["data"], **kept}}))


async def forget_key(store: Store, payer: str, key_id: str) -> None:
    """Have no alert, nor a mail of one, tell the name that a key of a payer's had. Safe to repeat."""
    for occasion in key_occasions(key_id):
        begins = told_at(payer, occasion)
        async for alert in store.scan(Query("alerts", limit=PAGE, after=(begins.partition("/")[2],))):
            if not alert.path.startswith(begins):
                break
            await _forget_mails(store, alert.id)
            data = {name: value for name, value in alert.data["data"].items() if name != "name"}
            blank = {"subject": ABOUT_NOBODY, "text": ABOUT_NOBODY, "data": data}
            await store.write(Update(alert.path, blank))


async def _forget_mails(store: Store, alert_id: str) -> None:
    """Those of an alert are numbered, but for the first."""
    number = 0
    while await store.get(at := f"mail/{alert_id}-{number}" if number else f"mail/{alert_id}") is not None:
        await store.write(Delete(at))
        number += 1
