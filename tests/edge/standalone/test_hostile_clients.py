"""`python main.py` under more than it can hold at once."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import orjson
import pytest

from tests.support.processes import Server
from tests.support.product.server_process import make_key, register, running_unforked

MB = 1024 * 1024
BUDGET_MB = 256
PATIENCE_S = 100
BEGIN = (
    b'{"model": "echo", "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}, '
    b'{"type": "image_url", "image_url": {"url": "data:image/png;base64,'
)
END = b'"}}]}]}'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    variables = {"FAREBOX_SIGNUP_CREDIT_USD": "100", "FAREBOX_BODY_MEMORY_MB": str(BUDGET_MB)}
    with running_unforked(tmp_path, f"sqlite:///{tmp_path}/farebox.db", **variables) as server:
        yield server


@pytest.fixture
def key(server: Server) -> dict[str, str]:
    with httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
        return make_key(client, register(client)[1])


def peak_bytes(server: Server) -> int:
    """The most memory that the server has ever had."""
    found = re.search(r"VmHWM:\s+([0-9]+) kB", Path(f"/proc/{server.process.pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


async def post_image(client: httpx.AsyncClient, size_mb: int) -> httpx.Response:
    """Ask about an image of so many MB."""

    async def pieces() -> AsyncIterator[bytes]:
        yield BEGIN
        for _ in range(size_mb):
            yield b"A" * MB
        yield END

    length = len(BEGIN) + size_mb * MB + len(END)
    headers = {"content-type": "application/json", "content-length": str(length)}
    return await client.post("/v1/chat/completions", content=pieces(), headers=headers)


@pytest.mark.alone
async def test_fifty_large_requests_at_once_are_served_or_told_to_come_back(
    server: Server, key: dict[str, str]
) -> None:
    before = peak_bytes(server)
    async with httpx.AsyncClient(base_url=server.url, headers=key, timeout=PATIENCE_S) as client:
        answers = await asyncio.gather(*(post_image(client, 20) for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200, 503}
        for answer in answers:
            if answer.status_code == 503:
                assert answer.json()["error"]["code"] == "server_busy"
                assert int(answer.headers["retry-after"]) > 0
        assert peak_bytes(server) - before < 1.5 * BUDGET_MB * MB
        assert (await post_image(client, 31)).status_code == 200
    assert server.stop() == 0


@pytest.mark.alone
def test_a_header_of_124_megabytes_is_not_read(server: Server) -> None:
    before = peak_bytes(server)
    with socket.create_connection(("127.0.0.1", httpx.URL(server.url).port or 0), PATIENCE_S) as client:
        with suppress(ConnectionError):
            client.sendall(b"GET /v1/models HTTP/1.1\r\nx: " + b"y" * 124 * MB)
        with suppress(ConnectionError):
            answer = client.recv(65536)
            assert answer.startswith(b"HTTP/1.1 431 ")
            assert orjson.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "headers_too_large"
    assert peak_bytes(server) - before < 10 * MB


async def test_six_hundred_half_open_connections_harm_nobody(server: Server, key: dict[str, str]) -> None:
    address = ("127.0.0.1", httpx.URL(server.url).port or 0)
    with ExitStack() as half_open:
        for number in range(600):
            client = half_open.enter_context(socket.create_connection(address, PATIENCE_S))
            client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\n"[:number])
        async with httpx.AsyncClient(base_url=server.url, headers=key, timeout=PATIENCE_S) as honest:
            answers = await asyncio.gather(*(post_image(honest, 0) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
