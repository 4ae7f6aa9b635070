"""Two real LiteLLM proxies, the product in front of them, and a customer. `make interop` installs what they need."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.support.money.customers import Customer, open_customer
from tests.support.processes import ROOT, free_port
from tests.support.product.server_process import running_product

VENV = ROOT / ".venv-interop"
READY_TIMEOUT_S = 300.0  # a proxy takes its time to start, on a busy machine much of it
MASTER_KEY = "sk-master"
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
    proxies: list[asyncio.subprocess.Process]


@pytest.fixture
async def interop(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Interop]:
    if not os.environ.get("FAREBOX_INTEROP"):
        pytest.skip("run by make interop")
    async with AsyncExitStack() as stack:
        ports = [free_port(), free_port()]
        proxies = [await stack.enter_async_context(_proxy(tmp_path, port)) for port in ports]
        await asyncio.gather(*map(_ready, ports))
        upstreams = [
            {
                "id": f"litellm-{n}",
                "base_url": f"http://127.0.0.1:{port}/v1",
                "api_key": MASTER_KEY,
                "models": {model: model for model in MODELS},
            }
            for n, port in enumerate(ports, 1)
        ]
        server = stack.enter_context(running_product(tmp_path, sqlite_url, upstreams=upstreams, pricing=PRICING))
        store = Store(open_engine(sqlite_url))
        stack.push_async_callback(store.close)
        yield Interop(server.url, store, await open_customer(store, "10"), proxies)
        ended = server.process.poll()
        assert ended is None, f"the product has ended with status {ended}: {server.log.read_text()}"


@asynccontextmanager
async def _proxy(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    config = folder / "litellm.yaml"
    config.write_text(json.dumps(CONFIG))  # JSON is YAML
    with (folder / f"litellm-{port}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(str(VENV / "bin" / "litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)),
            cwd=folder,
            env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
        )
    yield process
    if process.returncode is None:
        process.kill()
    await process.wait()


async def _ready(port: int) -> None:
    async with aiohttp.ClientSession() as client, asyncio.timeout(READY_TIMEOUT_S):
        while True:
            try:
                async with client.get(f"http://127.0.0.1:{port}/health/liveliness") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
