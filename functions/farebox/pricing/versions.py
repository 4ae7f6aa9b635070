"""Price versions in the store: immutable, and for each model a pointer to the one that counts.

    pricing/{model}               the current price, whether it is `active`, who set it
    pricing/{model}/versions/{n}  every price the model ever had, written once; receipts name them

A price is checked before it counts, so a slip of the finger does not sell a model for a tenth of its cost.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from functions.farebox.errors import NotFound
from functions.farebox.kit.wildcards import is_pattern
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.price_jump import refuse_jump
from functions.farebox.storage import Contended, Document, Filter, Query, Store, Transaction

COLLECTION = "pricing"
MAX_PAGES = 10
PAGE = 1000


def price_path(model: str) -> str:
    """The path of a model's pointer. A model's name may hold a slash, a document's id may not."""
    return f"{COLLECTION}/{quote(model, safe='')}"


def version_path(model: str, version: str) -> str:
    """The path of one version of a model's price."""
    return f"{price_path(model)}/versions/{quote(version, safe='')}"


async def withdraw(transaction: Transaction, model: str, *, actor: str, now: datetime) -> Price:
    """Take a model off the list: it is refused from now on. Its versions stay, and the next one is checked against
    the last. Answers the price it had; a second time changes nothing. Raises `NotFound`."""
    document = await transaction.get(price_path(model))
    if document is None:
        raise unpriced(model)
    if document.data["active"]:
        transaction.update(document.path, {"active": False, "actor": actor, "changed_at": now})
    return Price.from_document(document.data)


async def get_versions(store: Store, model: str, *, limit: int = 50) -> list[Price]:
    """The newest versions of a model's price, newest first; none for a model that never had one."""
    collection = f"{price_path(model)}/versions"
    documents = await store.query(Query(collection, order_by="effective_at", descending=True, limit=limit))
    return [Price.from_document(document.data) for document in documents]


async def load_prices(store: Store) -> dict[str, Price]:
    """Every current price by the name of its model."""
    prices: dict[str, Price] = {}
    after: tuple[str] | None = None
    for _ in range(MAX_PAGES):
        page = await store.query(Query(COLLECTION, limit=PAGE, after=after))
        prices |= {document.data["model"]: Price.from_document(document.data) for document in page if _counts(document)}
        if len(page) < PAGE:
            break
        after = (page[-1].id,)
    return prices


async def load_patterns(store: Store) -> dict[str, Price]:
    """The current prices of patterns, by name: those that price models which have none of their own."""
    patterns = Query(COLLECTION, (Filter("is_pattern", "==", True),), limit=PAGE)
    return {
        document.data["model"]: Price.from_document(document.data)
        async for document in store.scan(patterns)
        if _counts(document)
    }


async def load_changes(store: Store, since: datetime) -> dict[str, Price | None]:
    """The prices that were set after a moment, by the name of their model; `None` for one that was withdrawn."""
    changed = Query(COLLECTION, (Filter("changed_at", ">", since),), order_by="changed_at", limit=PAGE)
    return {
        document.data["model"]: Price.from_document(document.data) if _counts(document) else None
        async for document in store.scan(changed)
    }


async def write_versions(
    transaction: Transaction, prices: Sequence[Price], *, actor: str, now: datetime, force: bool
) -> list[Price]:
    """Within a transaction, make each of these its model's current price. Answers them as they count now.

    A price that says what the current version says makes no new one. Raises `InvalidRequest` with code `price_jump`
    where a unit price moves tenfold or more and `force` was not given.
    """
    pointers = await transaction.get_many(*(price_path(price.model) for price in prices))
    numbers = [1 if pointer is None else int(pointer.data["version"]) + 1 for pointer in pointers]
    paths = [version_path(price.model, str(number)) for price, number in zip(prices, numbers, strict=True)]
    if any(await transaction.get_many(*paths)):
        raise Contended("somebody else wrote a version since the pointers were read")
    return [
        _write_version(transaction, price, pointer, str(number), actor=actor, now=now, force=force)
        for price, pointer, number in zip(prices, pointers, numbers, strict=True)
    ]


def unpriced(model: str) -> NotFound:
    """What a caller is told about a model without a price: it is never served free."""
    return NotFound(
        f"The model {model[:200]!r} has no price here. GET /v1/models lists the models you may use.",
        code="model_not_found",
        param="model",
    )


def _write_version(
    transaction: Transaction,
    price: Price,
    pointer: Document | None,
    version: str,
    *,
    actor: str,
    now: datetime,
    force: bool,
) -> Price:
    change = {"active": True, "actor": actor, "changed_at": now}
    if pointer is not None:
        last = Price.from_document(pointer.data)
        if price.same_terms(last):
            if not pointer.data["active"]:
                transaction.update(pointer.path, change)
            return last
        if not force:
            refuse_jump(last, price)
    price = price.as_version(version, now)
    transaction.create(version_path(price.model, version), {**price.to_document(), "actor": actor, "forced": force})
    pattern = {"is_pattern": True} if is_pattern(price.model) else {}
    transaction.set(price_path(price.model), {**price.to_document(), **pattern, **change})
    return price


def _counts(document: Document) -> bool:
    active: bool = document.data["active"]
    return active
