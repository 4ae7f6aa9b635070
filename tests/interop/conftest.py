"""Two real LiteLLM proxies, the product in front of them, and a customer. `make interop` installs what they need."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.interop.litellm import MASTER_KEY, running_proxy
from tests.support.money.customers import Customer, open_customer
from tests.support.processes import Server
from tests.support.product.server_process import running_product

MODELS = ("plain", "vectors", "tools")
PRICING = {model: {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"} for model in MODELS}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}
CONFIG = {
    "model_list": [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{upstream}", "api_key": "none", "mock_response": answer, **more},
        }
        for name, upstream, answer, more in (
            ("plain", "plain", "Hello from LiteLLM", {}),
            ("vectors", "text-embedding-3-small", [0.1, 0.2, 0.3], {}),
            ("tools", "tools", "", {"mock_tool_calls": [CALL]}),
        )
    ],
    "general_settings": {"master_key": MASTER_KEY},
    "litellm_settings": {"num_retries": 0, "telemetry": False},
}


@dataclass(frozen=True)
class Interop:
    """What the tests work with."""

    url: str
    store: Store
    customer: Customer
    proxies: list[Server]


@pytest.fixture(scope="session")
def proxies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], list[Server]]]:
    """Two that run, for whoever asks: one that was killed is started anew. Each takes ten seconds of a processor, so
    all tests share them; and one after the other, since the second finds compiled what the first has."""
    if not os.environ.get("FAREBOX_INTEROP"):
        pytest.skip("run by make interop")
    with ExitStack() as stack:
        running: dict[str, Server] = {}

        def two() -> list[Server]:
            for name in ("litellm-1", "litellm-2"):
                if name not in running or running[name].process.poll() is not None:
                    running[name] = stack.enter_context(running_proxy(tmp_path_factory.mktemp(name), CONFIG))
            return list(running.values())

        yield two


@pytest.fixture
async def interop(proxies: Callable[[], list[Server]], tmp_path: Path, sqlite_url: str) -> AsyncIterator[Interop]:
    """The product in front of both, with an empty store, and a customer with ten USD."""
    two = proxies()
    upstreams = [
        {
            "id": f"litellm-{n}",
            "base_url": f"{proxy.url}/v1",
            "api_key": MASTER_KEY,
            "models": {model: model for model in MODELS},
        }
        for n, proxy in enumerate(two, 1)
    ]
    with running_product(tmp_path, sqlite_url, upstreams=upstreams, pricing=PRICING) as server:
        store = Store(open_engine(sqlite_url))
        yield Interop(server.url, store, await open_customer(store, "10"), two)
        await store.close()
        ended = server.process.poll()
        assert ended is None, f"the product has ended with status {ended}: {server.log.read_text()}"
