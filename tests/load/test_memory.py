"""What a server of 1 GiB has room for: a thousand streams that stay open, and large requests that come meanwhile.

A tenth of them in half of that in an ordinary run; all of them with `FAREBOX_SOAK=1`, as in `make soak`.
"""

import asyncio
import os
import re
from pathlib import Path

import httpx
import orjson
import pytest

from benchmarks.paced.running import paced_upstream
from benchmarks.upstream import PLAIN, STREAM
from tests.support.patience import PATIENCE_S
from tests.support.product.server_process import make_key, register, running_unforked

IS_SOAK = bool(os.environ.get("FAREBOX_SOAK"))
ROOM_BYTES = 1024**3 if IS_SOAK else 512 * 1024**2
STREAMS, BODIES = (1000, 200) if IS_SOAK else (100, 20)
PAUSE_S = 0.4 if IS_SOAK else 0.1  # between events: a stream takes twenty seconds, while the others begin
BODY_BYTES = 1024 * 1024
PRICE = {"input_usd_per_1m": "0.01", "output_usd_per_1m": "0.01", "context_tokens": 2_000_000}


def peak_bytes(pid: int) -> int:
    """The most memory that a process has ever had."""
    found = re.search(r"VmHWM:\s+([0-9]+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


async def open_stream(
    address: tuple[str, int], key: dict[str, str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream, of which the first event has come; nobody reads on."""
    reader, writer = await asyncio.open_connection(*address)
    body = orjson.dumps({"model": STREAM, "messages": [{"role": "user", "content": "Hello"}], "stream": True})
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: test\r\nauthorization: {key['authorization']}\r\n"
    writer.write(f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer  # a connection whose writer nobody keeps is closed


async def post_large(client: httpx.AsyncClient) -> int:
    """A request of one MB, sent again while it is told to come back; answers its status."""
    body = orjson.dumps({"model": PLAIN, "messages": [{"role": "user", "content": "a" * BODY_BYTES}]})
    while True:
        answer = await client.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
        if answer.status_code != 503:
            return answer.status_code
        await asyncio.sleep(float(answer.headers["retry-after"]))


@pytest.mark.alone
@pytest.mark.timeout(1200)
async def test_open_streams_and_large_requests_together_fit_into_the_memory_of_an_instance(tmp_path: Path) -> None:
    with (
        paced_upstream(PAUSE_S) as upstream,
        running_unforked(
            tmp_path,
            f"sqlite:///{tmp_path}/farebox.db",
            upstreams=[
                {"id": name, "base_url": upstream.base_url(name), "models": {name: name}} for name in (PLAIN, STREAM)
            ],
            pricing={PLAIN: PRICE, STREAM: PRICE},
            FAREBOX_SIGNUP_CREDIT_USD="100",
            FAREBOX_MAX_CONNECTIONS=str(2 * (STREAMS + BODIES)),
        ) as server,
    ):
        address = httpx.URL(server.url)
        with httpx.Client(base_url=server.url, timeout=10 * PATIENCE_S) as client:
            key = make_key(client, register(client)[1])
        streams = await asyncio.gather(*(open_stream((address.host, address.port or 0), key) for _ in range(STREAMS)))
        async with httpx.AsyncClient(base_url=server.url, headers=key, timeout=10 * PATIENCE_S) as client:
            statuses = await asyncio.gather(*(post_large(client) for _ in range(BODIES)))
        ends = await asyncio.gather(*(reader.readuntil(b"data: [DONE]\n\n") for reader, _ in streams))

        assert set(statuses) == {200}
        assert len(ends) == STREAMS
        assert peak_bytes(server.process.pid) < ROOM_BYTES
        for _, writer in streams:
            writer.close()
