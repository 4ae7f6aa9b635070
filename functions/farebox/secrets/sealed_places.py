"""Where in the store texts are sealed, and which of them a root key does not open."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.seal import Seal, Unopened
from functions.farebox.storage import Data, Document, Query, Store

PAGE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Documents that have sealed texts in these fields, where `a.b` is a field of a map; `purpose` is what their key is
    derived for."""

    query: Query
    purpose: str
    fields: tuple[str, ...]


# A test holds that each purpose a key is derived for is here, or has another fate.
PLACES: Final = (
    Place(Query("upstreams", limit=PAGE), "upstream-keys", ("sealed_key", "sealed_values")),
    Place(Query("billing", limit=PAGE), "webhook-secrets", ("alerts.secret",)),
    Place(Query("factors", limit=PAGE), "second-factors", ("totp", "pending_totp")),
)


async def sealed_documents(store: Store) -> AsyncIterator[tuple[Place, Document]]:
    """Every document that may have something sealed."""
    for place in PLACES:
        async for document in store.scan(place.query):
            yield place, document


async def unopened(store: Store, key: SecretKey) -> AsyncIterator[tuple[str, str]]:
    """Path and field of each text that the root key does not open."""
    seals = {place.purpose: Seal(key.derive(place.purpose)) for place in PLACES}
    async for place, document in sealed_documents(store):
        for field in place.fields:
            text = text_at(document.data, field)
            if text is not None and not opens(seals[place.purpose], text):
                yield document.path, field


def opens(seal: Seal, text: str) -> bool:
    """Whether a seal opens a text."""
    try:
        seal.open(text)
    except Unopened:
        return False
    return True


def text_at(data: Data, field: str) -> str | None:
    """The sealed text in a field, if there is one."""
    value: Any = data
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def with_text(data: Data, field: str, text: str) -> Data:
    """The same document with another text in a field."""
    name, _, rest = field.partition(".")
    return {**data, name: with_text(data[name], rest, text) if rest else text}
