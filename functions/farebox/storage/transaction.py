"""An optimistic transaction: reads remember versions, writes wait, one atomic commit checks them all.

Google's own transactions lock what they read and queue behind each other for seconds; a commit whose preconditions
name every document read is as safe, needs two round trips and no locks (see `docs/architecture.md`).

What is read in several round trips may be of several moments, and a refusal that rests on that need not be true of any.
So what ends without a commit ends with a check, too (`check_moment`): known as opacity, Guerraoui and Kapalka, "On the
Correctness of Transactional Memory", 2008.
"""

from functions.farebox.storage.model import (
    Check,
    Contended,
    Create,
    Data,
    Delete,
    Document,
    Engine,
    Increment,
    Set,
    Update,
    Write,
)


class Transaction:
    """One attempt. Reads come before writes; each path is written at most once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read: dict[str, Document | None] = {}
        self._writes: dict[str, Write] = {}
        self._written: list[str | None] = []
        self._round_trips = 0

    async def get(self, path: str) -> Document | None:
        """The document at a path. Reading it twice answers the same."""
        return (await self.get_many(path))[0]

    async def get_many(self, *paths: str) -> list[Document | None]:
        """Several documents in one round trip."""
        assert not self._writes, "a transaction reads before it writes"
        unread = [path for path in dict.fromkeys(paths) if path not in self._read]
        if unread:
            self._round_trips += 1
            self._read.update(zip(unread, await self._engine.read(unread), strict=True))
        return [self._read[path] for path in paths]

    def create(self, path: str, data: Data) -> None:
        """Write a document that must not be there."""
        assert self._read.get(path) is None, f"{path} was read and is there"
        self._add(path, Create(path, data))

    def set(self, path: str, data: Data) -> None:
        """Write a whole document; over what was read, if it was read."""
        if path not in self._read:
            self._add(path, Set(path, data))
            return
        seen = self._read[path]
        self._add(path, Create(path, data) if seen is None else Set(path, data, seen.version))

    def update(self, path: str, fields: Data) -> None:
        """Replace some top-level fields of a document that is there."""
        seen = self._read.get(path)
        self._add(path, Update(path, fields, _version(seen)))

    def add(self, *increments: Increment) -> None:
        """Add to fields of documents that were not read."""
        for increment in increments:
            assert increment.path not in self._read, "what was read is updated, not incremented"
            self._add(increment.path, increment)

    def delete(self, path: str) -> None:
        """Remove a document."""
        seen = self._read.get(path)
        self._add(path, Delete(path, _version(seen)))

    async def commit(self) -> None:
        """Write everything, provided that nothing that was read has changed. Raises as `Engine.commit` does, but
        `Contended` for a document that was read as absent and has appeared."""
        if not self._writes:
            await self.check_moment()
            return
        checks = [Check(path, _version(document)) for path, document in self._read.items() if path not in self._writes]
        self._written = await self._engine.commit([*self._writes.values(), *checks])

    def version_of(self, path: str) -> str | None:
        """The version that the commit gave a document which was written; see `Engine.commit`."""
        return dict(zip(self._writes, self._written, strict=False)).get(path)

    async def check_moment(self) -> None:
        """Raise `Contended` where what was read may never have been there at the same time. Costs a read, where it took
        several."""
        if self._round_trips < 2:
            return
        now = await self._engine.read(list(self._read))
        if [_version(document) for document in now] != [_version(document) for document in self._read.values()]:
            raise Contended("what was read is not of one moment")

    @property
    def creates_only_what_it_read(self) -> bool:
        """Whether a second attempt would see for itself why a create failed."""
        created = (path for path, write in self._writes.items() if isinstance(write, Create))
        return all(path in self._read for path in created)

    def _add(self, path: str, write: Write) -> None:
        assert path not in self._writes, f"{path} is written twice in one transaction"
        self._writes[path] = write


def _version(document: Document | None) -> str | None:
    return None if document is None else document.version
