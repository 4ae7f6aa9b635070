"""`make run`, stopped and started again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from functions.farebox.kit.money import parse_usd
from tests.support.clients.streams import told_by
from tests.support.patience import PATIENCE_S
from tests.support.processes import ROOT, Server, free_port, serving
from tests.support.product.server_process import PASSWORD, make_key, product_environment, register
from tests.support.skipping import absent

CREDIT = 1_000_000_000
HELLO = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
def _installed() -> None:
    """`make run` installs what has changed: a test is no occasion for that."""
    stamp, pins = ROOT / ".venv" / "installed-requirements.txt", ROOT / "requirements.txt"
    if not stamp.exists() or stamp.read_bytes() != pins.read_bytes():
        absent("`make run` was not tested: requirements.txt has changed since it was installed")


@contextmanager
def make_run(folder: Path, port: int) -> Iterator[Server]:
    """`make run` over a database in `folder`, with a secret key of its own making."""
    environment = product_environment(folder, f"sqlite:///{folder}/farebox.db", PORT=str(port))
    for variable in ("FAREBOX_SECRET_KEY", "FAREBOX_SIGNUP_CREDIT_USD", "FAREBOX_SETTLE_INTERVAL_S"):
        del environment[variable]
    with serving(["-C", str(ROOT), "run"], folder, port, environment, program="make") as server:
        yield server


def read_balance(client: httpx.Client, signed_in: dict[str, str]) -> tuple[int, int]:
    wallet = client.get("/api/wallet", headers=signed_in).json()
    return parse_usd(wallet["balance_usd"]), parse_usd(wallet["reserved_usd"])


@pytest.mark.usefixtures("_installed")
def test_account_key_and_balance_outlive_a_restart(tmp_path: Path) -> None:
    port = free_port()
    with make_run(tmp_path, port) as server, httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
        assert f"http://localhost:{port}" in server.log.read_text()
        _, signed_in = register(client)
        email = client.get("/api/auth/me", headers=signed_in).json()["email"]
        paying = make_key(client, signed_in)
        _, balance = told_by(client.post("/v1/chat/completions", json=HELLO, headers=paying))
        assert 0 < balance < CREDIT
        server.stop()
    with make_run(tmp_path, port) as server, httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
        assert read_balance(client, signed_in) == (balance, 0)
        session = client.post("/api/auth/login", json={"email": email, "password": PASSWORD})
        assert session.status_code == 200
        answer = client.post("/v1/chat/completions", json=HELLO, headers=paying)
        assert answer.status_code == 200
        charged, left = told_by(answer)
        assert left == balance - charged
        server.stop()
    assert "Traceback" not in server.log.read_text()
