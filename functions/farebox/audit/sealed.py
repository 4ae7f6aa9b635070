"""What is sealed in the store, and does not open with the key that the store bears the mark of."""

from functions.farebox.audit.fault import Fault
from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.sealed_places import unopened
from functions.farebox.secrets.store_mark import MARK, mark_of
from functions.farebox.storage import Store


async def sealed_faults(store: Store, key: SecretKey, *, most_faults: int = 1) -> list[Fault]:
    """Each text that does not open, `most_faults` at most. Where the store is another key's, nobody here can tell."""
    mark = await store.get(MARK)
    faults: list[Fault] = []
    if mark is None or mark.data["mark"] != mark_of(key):
        return faults
    async for path, field in unopened(store, key):
        faults.append(Fault(path, f"its {field} does not open with FAREBOX_SECRET_KEY"))
        if len(faults) >= most_faults:
            break
    return faults
