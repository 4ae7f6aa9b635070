"""`python main.py`, as somebody starts it."""

import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.support.clients.asgi import refused
from tests.support.patience import PATIENCE_S
from tests.support.processes import ROOT, Server, clean_environment, free_port, serving
from tests.support.product.forked import run_forked

MAIN = str(ROOT / "main.py")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[Server]:
    with serving([MAIN], tmp_path, port, clean_environment(tmp_path, PORT=str(port)), program=None) as server:
        yield server


def run_script(script: str, folder: Path) -> str:
    done = subprocess.run(
        ["sh", "-e"], input=script, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def paid_answer(output: str) -> None:
    assert re.search(r"^HTTP/1\.1 200", output, re.MULTILINE), output
    assert re.search(r"^x-farebox-cost-usd: 0\.0\d*[1-9]", output, re.MULTILINE), output
    assert "You said: Hello" in output


def test_the_printed_commands_get_a_paid_answer_each_time(server: Server, tmp_path: Path) -> None:
    banner = server.log.read_text()
    commands = banner.partition("Try it, in another terminal:\n\n")[2]
    paid_answer(run_script(commands, tmp_path))
    assert "administrators" in banner


def test_the_readmes_session_gets_a_paid_answer(server: Server, tmp_path: Path, port: int) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    session = "".join(block for block in blocks if "$BASE" in block)
    assert "http://localhost:8080" in session
    output = run_script(session.replace("http://localhost:8080", f"http://localhost:{port}"), tmp_path)
    paid_answer(output)
    assert '"balance_usd":"0.9999' in output


def test_everything_is_on_one_port_with_its_documentation(server: Server) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client:  # the first call imports what describes the API
        page = client.get("/docs")
        assert page.status_code == 200
        addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(addresses) >= 3
        for address in addresses:
            assert address.startswith("/"), "the page needs nothing from another server"
            assert client.get(address).status_code == 200
        assert "/v1/chat/completions" in client.get("/openapi.json").json()["paths"]
        refused(client.get("/v1/models"), 401, "invalid_api_key")
        refused(client.get("/api/wallet"), 401, "invalid_token")
        refused(client.get("/nowhere"), 404, "not_found")


async def test_stopping_leaves_nothing_reserved(server: Server, tmp_path: Path) -> None:
    commands = server.log.read_text().partition("Try it, in another terminal:\n\n")[2]
    paid_answer(run_script(commands, tmp_path))
    assert server.stop() == 0
    store = Store(open_engine(f"sqlite:///{tmp_path}/farebox.db"))
    sums = await store.sums("wallets", ["reserved", "balance"])
    await store.close()
    assert sums["reserved"] == 0
    assert 0 < sums["balance"] < 1_000_000_000


def start_badly(tmp_path: Path, **variables: str) -> str:
    """The one line that a start says which the configuration forbids."""
    done = run_forked([MAIN], tmp_path, clean_environment(tmp_path, **variables), PATIENCE_S)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("FAREBOX_HOST", "no.such.host.invalid"),
        ("FAREBOX_STORE", "sqlite:////dev/null/farebox.db"),
        ("FAREBOX_UPSTREAMS", '[{"id": "x", "base_url": "ftp://x", "models": {"a": "b"}}]'),
        ("FAREBOX_PRICING", '{"m": {"input_usd_per_1m": -1, "output_usd_per_1m": 1}}'),
    ],
)
def test_a_bad_configuration_stops_the_start_with_one_line(tmp_path: Path, port: int, name: str, value: str) -> None:
    assert start_badly(tmp_path, **{"PORT": str(port), name: value}).startswith(f"farebox: {name}: ")


def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = start_badly(tmp_path, PORT=str(port))
    assert line.startswith("farebox: PORT: ")
    assert f"127.0.0.1:{port}" in line
