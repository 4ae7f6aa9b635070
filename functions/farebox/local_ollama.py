"""An Ollama on this machine, found by itself: what a first start of the embedded run serves beside the echo.

Only an empty local store that nothing is configured for is filled so; from then on the store rules, as always.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.farebox.config import Config
from functions.farebox.gateway.upstreams import MAX_MODELS
from functions.farebox.price_seed import read_builtin
from functions.farebox.storage import Store
from functions.farebox.upstream_list import ECHO, MARKER

OLLAMA_URL = "http://127.0.0.1:11434"
PATIENCE_S = 0.5
# What runs on one's own machine costs nobody anything here; without a price its models would be refused.
FREE = {"input_usd_per_1m": "0", "output_usd_per_1m": "0", "source": "a local Ollama, free by default"}


@dataclass(frozen=True, slots=True)
class Found:
    """What a local Ollama has."""

    url: str
    models: Sequence[str]


async def find_ollama(url: str = OLLAMA_URL) -> Found | None:
    """Look for an Ollama that has models, for half a second at most."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
            listed = (await client.get(f"{url}/v1/models")).raise_for_status().json()
        models = [model["id"] for model in listed["data"] if isinstance(model["id"], str)]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
    return Found(url, models[:MAX_MODELS]) if models else None


async def with_ollama(config: Config, store: Store, url: str = OLLAMA_URL) -> tuple[Config, Found | None]:
    """The configuration of a first start, with a local Ollama if there is one; else the same, and `None`."""
    is_bare = config.is_local and config.upstreams is None and config.pricing is None
    if not is_bare or await store.get(MARKER) is not None:
        return config, None
    found = await find_ollama(url)
    if found is None:
        return config, None
    entry = {"id": "ollama", "base_url": f"{url}/v1", "models": {name: name for name in found.models}}
    prices = {**dict.fromkeys(found.models, FREE), **read_builtin()}
    return replace(config, upstreams=[ECHO, entry], pricing=prices), found
