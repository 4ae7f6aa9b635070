"""What an audit reads, and in which order: every kind of document by the wallet that it counts in, side by side.

So the books of one wallet after the other are whole, in as many requests as there are kinds, or pages of them: neither
wallets nor leases nor records are asked for one by one. In memory are a page of each kind and the sums of one wallet.
"""

import asyncio
import heapq
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import AsyncExitStack, aclosing

from functions.farebox.audit.door import owner_of
from functions.farebox.audit.wallet_books import WalletBooks
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.storage import Document, Filter, Query, Store

PAGE = 500

# Of one wallet, the kinds come in this order. Those of one number come together, by their ids.
_TURN = {
    "wallets": 0,
    "leases": 1,
    "authorizations": 2,
    "usage_days": 3,
    "transactions": 4,
    "usage": 4,
    "member_budgets": 5,
    "project_budgets": 6,
    "span_budgets": 7,
}
_OF_WALLET = frozenset(_TURN) - {"wallets", "authorizations", "usage_days", "usage"}  # whose documents lie below it

_Key = tuple[str, int, str]


def _everything() -> dict[str, Query]:
    """What finds all documents of each kind, those of one wallet together."""
    return {
        "wallets": Query("wallets", limit=PAGE),
        "leases": Query("leases", limit=PAGE, group=True),
        "authorizations": Query("authorizations", order_by="user", limit=PAGE),
        "usage_days": Query("usage_days", order_by="user", limit=PAGE),
        "transactions": Query("transactions", limit=PAGE, group=True),
        "usage": Query("usage", order_by="user", limit=PAGE),
        "member_budgets": Query("member_budgets", limit=PAGE, group=True),
        "project_budgets": Query("project_budgets", limit=PAGE, group=True),
        "span_budgets": Query("span_budgets", limit=PAGE, group=True),
    }


def _of_wallet(uid: str) -> dict[str, Query]:
    """What finds those of one wallet, but for itself."""
    path = wallet_path(uid)
    users = (Filter("user", "==", uid),)
    return {
        "leases": Query(f"{path}/leases", limit=PAGE),
        "authorizations": Query("authorizations", users, limit=PAGE),
        "usage_days": Query("usage_days", users, limit=PAGE),
        "transactions": Query(f"{path}/transactions", limit=PAGE),
        "usage": Query("usage", users, limit=PAGE),
        "member_budgets": Query(f"{path}/member_budgets", limit=PAGE),
        "project_budgets": Query(f"{path}/project_budgets", limit=PAGE),
        "span_budgets": Query(f"{path}/span_budgets", limit=PAGE),
    }


async def read_books(store: Store) -> AsyncGenerator[WalletBooks]:
    """The books of each wallet that some document is of; those of no user are of the wallet without an id."""
    books: WalletBooks | None = None
    async with aclosing(_side_by_side(store, _everything())) as documents:
        async for uid, kind, document in documents:
            if books is None or books.uid != uid:
                if books is not None:
                    yield books
                books = WalletBooks(uid)
            books.add(kind, document)
    if books is not None:
        yield books


async def books_of(store: Store, uid: str, kinds: Collection[str] = frozenset(_TURN)) -> WalletBooks:
    """The books of one wallet, without itself: what of some kinds counts in it."""
    books = WalletBooks(uid)
    async for _, kind, document in _side_by_side(
        store, {kind: query for kind, query in _of_wallet(uid).items() if kind in kinds}
    ):
        books.add(kind, document)
    return books


async def _side_by_side(store: Store, queries: Mapping[str, Query]) -> AsyncGenerator[tuple[str, str, Document]]:
    """Each document, of which wallet and kind it is, in the order of `_key`. All requests begin at one time."""
    async with AsyncExitStack() as opened:
        kinds = list(queries)
        streams = [await opened.enter_async_context(aclosing(store.walk(query))) for query in queries.values()]
        firsts = await asyncio.gather(*(anext(stream, None) for stream in streams))
        heads = [
            (_key(kind, first), at, first) for at, (kind, first) in enumerate(zip(kinds, firsts, strict=True)) if first
        ]
        heapq.heapify(heads)
        while heads:
            key, at, document = heads[0]
            yield key[0], kinds[at], document
            following = await anext(streams[at], None)
            if following is None:
                heapq.heappop(heads)
            else:
                heapq.heapreplace(heads, (_key(kinds[at], following), at, following))


def _key(kind: str, document: Document) -> _Key:
    return _owner(kind, document), _TURN[kind], document.id if _TURN[kind] == _TURN["usage"] else ""


def _owner(kind: str, document: Document) -> str:
    if kind == "wallets":
        return document.id
    if kind in _OF_WALLET:
        return document.path.split("/", 2)[1]
    return owner_of(document)
