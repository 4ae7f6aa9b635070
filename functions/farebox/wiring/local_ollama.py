"""Finds an Ollama on this machine, which the embedded run serves beside the echo.

Only a local store whose upstreams nobody has chosen is added to, and once: whoever changes or removes it there has the
last word. It is looked for at each start, and while there is none every `LOOK_EVERY_S` seconds.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.config import Config
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.seed import ACTOR, MODELS_A_COMMIT
from functions.farebox.pricing.versions import price_path, write_versions
from functions.farebox.storage import Query, Store, Transaction
from functions.farebox.upstreams.registry import ECHO, UpstreamList, upstream_path

OLLAMA_URL = "http://127.0.0.1:11434"
ID = "ollama"
MARKER = "seeds/ollama"
PATIENCE_S = 0.5
LOOK_EVERY_S = 30.0
# What runs on one's own machine costs nobody anything here; without a price its models would be refused.
FREE = {"input_usd_per_1m": "0", "output_usd_per_1m": "0", "source": "a local Ollama, free by default"}

log = logging.getLogger("farebox.ollama")


@dataclass(frozen=True, slots=True)
class Found:
    """What a local Ollama has."""

    url: str
    models: Sequence[str]


Adopt = Callable[[], Awaitable[Found | None]]


async def find_ollama(url: str = OLLAMA_URL) -> Found | None:
    """Look for an Ollama that has models, for half a second at most."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
            listed = (await client.get(f"{url}/v1/models")).raise_for_status().json()
        models = [model["id"] for model in listed["data"] if isinstance(model["id"], str)]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
    return Found(url, models[:MODELS_A_COMMIT]) if models else None


async def adopt_ollama(
    config: Config, store: Store, upstreams: UpstreamList, now: Callable[[], datetime], url: str = OLLAMA_URL
) -> Found | None:
    """Add a local Ollama to a store that has been seeded, if there is one and nobody chose otherwise. Answers what was
    added. Models that have a price keep it; the others are free."""
    is_bare = config.is_local and config.upstreams is None and config.pricing is None
    if not is_bare or await store.get(MARKER) is not None or not await _has_echo_alone(store):
        return None
    found = await find_ollama(url)
    if found is None:
        return None
    prices = [Price.from_config(name, FREE) for name in found.models]
    entry = {"id": ID, "base_url": f"{url}/v1", "models": {name: name for name in found.models}}
    data = upstreams.encode(entry)

    async def work(tx: Transaction) -> None:
        marker, *known = await tx.get_many(MARKER, *(price_path(price.model) for price in prices))
        if marker is not None:
            return
        new = [price for price, document in zip(prices, known, strict=True) if document is None]
        await write_versions(tx, new, actor=ACTOR, now=now(), force=False)
        tx.create(upstream_path(ID), {**data, "created_at": now()})
        tx.set(MARKER, {"seeded_at": now(), "count": len(found.models)})

    await store.transact(work)
    return found


async def wait_for_ollama(adopt: Adopt, every_s: float = LOOK_EVERY_S) -> None:
    """Look again and again until one is added; a failure waits for the next time."""
    while True:
        await asyncio.sleep(every_s)
        try:
            found = await adopt()
        except Exception:
            log.warning("looking for a local Ollama failed", exc_info=True)
            continue
        if found is not None:
            log.warning("found a local Ollama with %s; free, until you set prices", ", ".join(found.models))
            return


async def _has_echo_alone(store: Store) -> bool:
    documents = await store.query(Query("upstreams", limit=2))
    return [document.id for document in documents] == [ECHO["id"]]
