"""A client that leaves is no error: `python main.py`, and clients that go in every way in which a socket can."""

import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import orjson
import pytest

from tests.support.patience import PATIENCE_S
from tests.support.processes import Server
from tests.support.product.server_process import make_key, register, running_product

EACH = 8  # attempts at each moment: what goes wrong depends on who is first
WAITS_S = (0.0, 0.002, 0.01, 0.05)

Leave = Callable[[socket.socket], None]


def reset(client: socket.socket) -> None:
    """Everything that is under way is lost."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def close(client: socket.socket) -> None:
    client.close()


def half_close(client: socket.socket) -> None:
    """It says that it has said all, takes a little of what comes, and goes."""
    with suppress(OSError):
        client.shutdown(socket.SHUT_WR)
        client.settimeout(0.02)
        client.recv(1000)
    client.close()


LEAVES: list[Leave] = [reset, close, half_close]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("product")
    with running_product(folder, f"sqlite:///{folder}/farebox.db", FAREBOX_SIGNUP_CREDIT_USD="1000") as server:
        yield server


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    with httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
        return make_key(client, register(client)[1])["authorization"]


def written(path: str, key: str, body: bytes, more: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    method = b"POST" if body else b"GET"
    head = [method + f" {path} HTTP/1.1".encode(), b"host: farebox.test", f"authorization: {key}".encode()]
    return b"\r\n".join([*head, b"content-length: %d" % len(body), more, b""]).replace(b"\r\n\r\n", b"\r\n") + (
        b"\r\n" + body
    )


def chat(words: int, *, stream: bool) -> bytes:
    message = {"role": "user", "content": "word " * words}
    return orjson.dumps({"model": "echo", "messages": [message], "stream": stream})


def requests(key: str) -> dict[str, bytes]:
    """What a client sends before it leaves."""
    plain = written("/v1/chat/completions", key, chat(5, stream=False))
    streamed = written("/v1/chat/completions", key, chat(20_000, stream=True))
    models = written("/v1/models", key, b"")
    image = b'{"model": "echo", "messages": "' + b"x" * 2_000_000
    return {
        "plain": plain,
        "streamed": streamed,
        "pipelined": plain * 5,
        "pipelined lists": models * 20,
        "pipelined after a stream": streamed + plain * 3,
        "pipelined with half of one more": plain * 2 + plain[:-20],
        "half of a head": plain[:50],
        "half of a body": written("/v1/chat/completions", key, image)[:-1_500_000],
        "a body that nobody wants": written("/v1/none", key, image)[:-1_500_000],
        "a message": written("/v1/messages", key, chat(20_000, stream=True)),
        "waits to be asked": written("/v1/chat/completions", key, image, b"expect: 100-continue\r\n")[:300],
        "a page": written("/", key, b"") + written("/docs", key, b""),
        "nothing": b"",
        "no HTTP": b"hello\r\n\r\n" * 3,
    }


@pytest.mark.parametrize("leave", LEAVES, ids=lambda leave: leave.__name__)
@pytest.mark.parametrize("name", sorted(requests("")))
def test_a_client_that_leaves_is_no_error(server: Server, key: str, name: str, leave: Leave) -> None:
    address = ("127.0.0.1", httpx.URL(server.url).port or 0)
    before = len(server.log.read_bytes())
    for attempt in range(EACH):
        client = socket.create_connection(address, PATIENCE_S)
        with suppress(ConnectionError):
            client.sendall(requests(key)[name])
        time.sleep(WAITS_S[attempt % len(WAITS_S)])
        leave(client)
    time.sleep(0.1)
    assert server.process.poll() is None
    said = server.log.read_bytes()[before:].decode()
    assert re.sub(r"(?m)^.*Invalid HTTP request received.*\n", "", said) == ""
    assert httpx.get(f"{server.url}/v1/models", headers={"authorization": key}, timeout=PATIENCE_S).status_code == 200
