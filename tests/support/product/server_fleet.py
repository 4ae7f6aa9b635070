"""Running several servers of the product over one store, each in a process: started, stopped and killed by a test.

Everything here waits in the event loop, because the upstream that the processes call lives in the same loop.
"""

import asyncio
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.support.patience import PATIENCE_S
from tests.support.processes import free_port, start
from tests.support.product.forked import Forked
from tests.support.product.server_process import product_command, product_environment, program_of

READY_TIMEOUT_S = 60.0


class Member:
    """One running process. `log` is where its output goes."""

    def __init__(self, url: str, process: subprocess.Popen[bytes] | Forked, log: Path) -> None:
        self.url = url
        self.process = process
        self.log = log

    async def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self.process.kill()
        await self.ended()

    async def terminate(self) -> None:
        """Ask it to end, as Cloud Run does, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        await self.ended(PATIENCE_S)

    async def ended(self, timeout_s: float | None = None) -> None:
        """Wait until it has; `subprocess.TimeoutExpired` if that takes longer."""
        await asyncio.to_thread(self.process.wait, timeout_s)

    async def ready(self, client: aiohttp.ClientSession) -> None:
        """Wait until it answers."""
        async with asyncio.timeout(READY_TIMEOUT_S):
            while True:
                assert self.process.poll() is None, f"the server has ended: {self.log.read_text()}"
                try:
                    async with client.get(f"{self.url}/healthz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)


class Fleet:
    """Processes that share a store, a secret key, prices and upstreams. None of them outlives its `async with`.

    They are configured as `product_environment` says. `store` is the test's own view of the same documents.
    """

    def __init__(self, folder: Path, store_url: str, **configuration: Any) -> None:
        self._folder = folder
        self._environment = product_environment(folder, store_url, **configuration)
        self._members: list[Member] = []
        self.store = Store(open_engine(store_url))
        self.client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60), auto_decompress=False
        )

    async def start(self, count: int = 1, *, target: str | None = None) -> list[Member]:
        """Start so many processes and wait until all serve: everything, or one function as Cloud Run runs it."""
        members = [await self._launch(target) for _ in range(count)]
        await asyncio.gather(*(member.ready(self.client) for member in members))
        return members

    async def _launch(self, target: str | None) -> Member:
        port = free_port()
        log = self._folder / f"server-{port}.log"
        with log.open("wb") as output:
            command, environment = product_command(target, port), {**self._environment, "PORT": str(port)}
            process = await asyncio.to_thread(
                start, command, self._folder, environment, output, program=program_of(target)
            )
        member = Member(f"http://127.0.0.1:{port}", process, log)
        self._members.append(member)
        return member

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.client.close()
        for member in self._members:
            member.process.send_signal(signal.SIGTERM)  # a framework's master takes its worker along
        for member in self._members:
            try:
                await member.ended(15)
            except subprocess.TimeoutExpired:
                await member.kill()
        await self.store.close()
