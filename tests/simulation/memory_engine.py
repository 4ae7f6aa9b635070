"""A database in memory with the transaction semantics of the real ones. It runs the same contract tests."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from functions.farebox.storage import (
    AlreadyExists,
    Check,
    Contended,
    Create,
    Data,
    Delete,
    Document,
    Filter,
    Increment,
    Missing,
    Query,
    Set,
    Update,
    Write,
)

_ORDERINGS = {
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class MemoryEngine:
    """Documents with versions; every commit is atomic. `writes` counts the documents written."""

    def __init__(self) -> None:
        self._collections: defaultdict[str, dict[str, Document]] = defaultdict(dict)  # each by path
        self.version = 0
        self.writes = 0

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        return [None if (found := self._get(path)) is None else _copy(found) for path in paths]

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        for write in writes:
            self._require(write)
        self.version += 1
        self.writes += sum(not isinstance(write, Check) for write in writes)
        return [self._apply(write) for write in writes]

    async def query(self, query: Query) -> list[Document]:
        found = [document for document in self._matching(query) if query.order_by in (None, *document.data)]

        def key(document: Document) -> tuple[Any, ...]:
            name = document.path if query.group else document.id
            return (document.data[query.order_by], name) if query.order_by else (name,)

        found.sort(key=key, reverse=query.descending)
        if query.after is not None:
            after = query.after
            found = [each for each in found if (key(each) < after if query.descending else key(each) > after)]
        return [_copy(each) for each in found[: query.limit]]

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        found = self._matching(query)
        return {"count": len(found), **{name: sum(each.data.get(name, 0) for each in found) for name in sums}}

    async def close(self) -> None:
        pass

    def _matching(self, query: Query) -> list[Document]:
        return [
            document
            for collection in self._searched(query)
            for document in collection.values()
            if all(_holds(document.data, each) for each in query.where)
        ]

    def _searched(self, query: Query) -> Iterator[dict[str, Document]]:
        if not query.group:
            yield self._collections.get(query.collection, {})
            return
        for path, collection in self._collections.items():
            if path.rpartition("/")[2] == query.collection:
                yield collection

    def _get(self, path: str) -> Document | None:
        return self._collections[_collection_of(path)].get(path)

    def _require(self, write: Write) -> None:
        document = self._get(write.path)
        match write:
            case Create():
                if document is not None:
                    raise AlreadyExists(write.path)
            case Check(version=version):
                if (document and document.version) != version:
                    raise Contended(write.path)
            case Set(if_version=version) | Delete(if_version=version) | Update(if_version=version):
                if version is not None and (document is None or document.version != version):
                    raise Contended(write.path)
                if isinstance(write, Update) and document is None:
                    raise Missing(write.path)
            case Increment():
                pass

    def _apply(self, write: Write) -> str | None:
        document = self._get(write.path)
        old: Data = document.data if document else {}
        match write:
            case Check():
                return None
            case Delete():
                self._collections[_collection_of(write.path)].pop(write.path, None)
                return None
            case Create(data=data) | Set(data=data):
                new = _copied(data)
            case Update(fields=fields):
                new = {**old, **_copied(fields)}
            case Increment(amounts=amounts, fields=fields):
                new = {**old, **{name: old.get(name, 0) + amount for name, amount in amounts.items()}, **fields}
        version = document.version if document and document.data == new else str(self.version)
        self._collections[_collection_of(write.path)][write.path] = Document(write.path, new, version)
        return version


def _collection_of(path: str) -> str:
    return path.rpartition("/")[0]


def _copy(document: Document) -> Document:
    return Document(document.path, _copied(document.data), document.version)


def _copied(data: Data) -> Data:
    """Mappings and lists anew; nothing else that a document holds can change. `deepcopy` takes ten times as long."""
    return {name: _anew(each) if isinstance(each, (dict, list)) else each for name, each in data.items()}


def _anew(value: Any) -> Any:
    if isinstance(value, dict):
        return _copied(value)
    return [_anew(each) for each in value] if isinstance(value, list) else value


def _holds(data: Data, condition: Filter) -> bool:
    if condition.field not in data:
        return False
    value = data[condition.field]
    if condition.op != "==" and (value is None or type(value) is not type(condition.value)):
        return False
    return bool(_ORDERINGS[condition.op](value, condition.value))
