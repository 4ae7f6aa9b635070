"""What people are called, of any number of them."""

from functions.farebox.organisations.names import AT_ONCE, PersonName, names_of
from functions.farebox.storage import Create, Document, Store


class Counted(Store):
    """A store that notes how many documents each read asks for."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.engine)
        self.asked: list[int] = []

    async def get_many(self, *paths: str) -> list[Document | None]:
        self.asked.append(len(paths))
        return await super().get_many(*paths)


async def test_the_names_of_thousands_are_read_a_part_at_a_time(sqlite_store: Store) -> None:
    last = f"u{2 * AT_ONCE:05}"
    await sqlite_store.write(Create(f"users/{last}", {"email": "ada@example.com", "full_name": "Ada"}))
    store = Counted(sqlite_store)
    names = await names_of(store, "acme", [f"u{n:05}" for n in range(2 * AT_ONCE + 1)])
    assert len(names) == 2 * AT_ONCE + 1
    assert names[last] == PersonName("Ada", is_member=False)
    assert max(store.asked) == 2 * AT_ONCE
