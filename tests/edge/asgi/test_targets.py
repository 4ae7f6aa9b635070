"""Each deployable, alone."""

import contextlib
import inspect
import io
import json
import socket
import subprocess
import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi.routing import APIRoute
from functions_framework.aio import create_asgi_app
from functions_framework.execution_id import ExecutionContext, LoggingHandlerAddExecutionId, execution_context_var
from starlette.applications import Starlette

import main
from functions.edge.asgi.deployables import EDGES, edge_of, make_edge
from functions.edge.asgi.framework_entry import serve
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of, refused
from tests.support.patience import PATIENCE_S
from tests.support.processes import ROOT, clean_environment, free_port, serving
from tests.support.product.cloud_function import running_function

pytestmark = pytest.mark.usefixtures("logs_as_they_were")

HEAVY = {
    "aiohttp", "argon2", "cryptography", "fastapi",
    "fastapi_offline", "firebase_admin", "google.auth", "google.cloud.firestore",
    "google.cloud.secretmanager", "grpc", "httpx", "jwt", "openai", "opentelemetry.sdk", "pydantic", "rich",
    "standardwebhooks", "authlib", "pyotp", "stripe", "tiktoken", "typer", "uvicorn", "webauthn",
}  # fmt: skip
NEEDS: dict[str, set[str]] = {
    "chat": set(),
    "accounts": {"fastapi", "pydantic"},
    "keys": {"fastapi", "pydantic"},
    "wallet": {"fastapi", "pydantic"},
    "stripe_webhook": set(),
    "usage": {"fastapi", "pydantic"},
    "metering": {"fastapi", "pydantic"},
    "admin": {"fastapi", "pydantic"},
    "scheduled": set(),
}
LOADED = """
import importlib, json, sys
import functions.edge.asgi.framework_entry
edge = importlib.import_module("functions." + sys.argv[1])
if sys.argv[1] == "chat":
    import functions.farebox.wiring.data_plane
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("target", EDGES)
def test_an_edge_imports_nothing_heavy_that_it_does_not_need(target: str) -> None:
    output = subprocess.run(
        [sys.executable, "-c", LOADED, target], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    ).stdout
    loaded = set(json.loads(output))
    assert loaded & HEAVY == NEEDS[target]


@pytest.mark.parametrize("target", [name for name, needs in NEEDS.items() if "fastapi" in needs])
def test_no_call_of_an_edge_is_read_before_it_is_made(target: str, runtime: Runtime) -> None:
    app = make_edge(target, runtime)
    assert isinstance(app, Starlette)
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    assert routes
    assert [route.path for route in routes if "dependant" in vars(route)] == []


def test_every_edge_is_a_target_under_its_own_name() -> None:
    functions = {name: value for name, value in vars(main).items() if inspect.iscoroutinefunction(value)}
    targets = {name: function for name, function in functions.items() if function.__module__ == "main"}
    assert targets.keys() == EDGES.keys()
    assert all(function.__name__ == name for name, function in targets.items())


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/v1/chat/completions", "chat"),
        ("/v1", "chat"),
        ("/v10", None),
        ("/api/keys", "keys"),
        ("/api/keys/x/rotate", "keys"),
        ("/api/keysmith", None),
        ("/api/auth/me", "accounts"),
        ("/", None),
    ],
)
def test_a_path_belongs_to_one_edge(path: str, target: str | None) -> None:
    assert edge_of(path) == target


@pytest.mark.parametrize("target", EDGES)
async def test_a_target_answers_in_process(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in clean_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    async with client_of(create_asgi_app(target, str(ROOT / "main.py"))) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        refused(await client.get("/nowhere"), 404, "not_found")


async def test_a_target_with_a_bad_configuration_answers_500_and_says_why_in_the_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in clean_environment(tmp_path, FAREBOX_IDENTITY="nobody").items():
        monkeypatch.setenv(name, value)
    async with client_of(create_asgi_app("keys", str(ROOT / "main.py"))) as client:
        answer = await client.get("/healthz")
    refused(answer, 500, "internal_error")
    assert "FAREBOX_IDENTITY" in caplog.text
    assert "FAREBOX_IDENTITY" not in answer.text


async def test_a_target_that_cannot_start_answers_500_and_leaves_nothing_to_functions_framework(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_target: str, _runtime: object) -> None:
        raise RuntimeError(ADDRESS)

    for name, value in clean_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("functions.edge.asgi.framework_entry.make_edge", fail)
    async with client_of(create_asgi_app("keys", str(ROOT / "main.py"))) as client:
        refused(await client.get("/api/keys"), 500, "internal_error")
    faults = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.getMessage() for record in faults] == ["unhandled exception: keys could not start"]


ADDRESS = "ada@example.com"
REFUSALS = {
    "chat": ("GET", "/v1/models", 401, "invalid_api_key"),
    "accounts": ("GET", "/api/auth/me", 401, "invalid_token"),
    "keys": ("GET", "/api/keys", 401, "invalid_token"),
    "wallet": ("GET", "/api/wallet", 401, "invalid_token"),
    "stripe_webhook": ("POST", "/api/stripe/webhook", 400, "invalid_signature"),
    "usage": ("GET", "/api/usage/logs", 401, "invalid_token"),
    "metering": ("POST", "/api/check-budget", 401, "invalid_api_key"),
    "admin": ("POST", "/api/admin/verify-books", 401, "invalid_token"),
    "scheduled": ("POST", "/jobs/sweep-leases", 401, "invalid_token"),
}


# What handles each line again where this is true is functions-framework's, the same for each target; which of our
# loggers exist by then differs. Where it is false nothing of that happens, and one target speaks for all.
@pytest.mark.parametrize(("target", "log_execution_id"), [*((target, "true") for target in EDGES), ("chat", "false")])
def test_functions_framework_serves_a_target_alone_logs_a_line_a_request_and_stops_when_told(
    target: str, log_execution_id: str, tmp_path: Path
) -> None:
    method, path, status, code = REFUSALS[target]
    here = {"FAREBOX_STORE": f"sqlite:///{tmp_path}/farebox.db", "FAREBOX_PAYMENTS": "sandbox", "K_SERVICE": ""}
    with running_function(tmp_path, target, log_execution_id, **here) as server:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            own = {"x-request-id": "number-1"}
            refused(client.request(method, path, params={"email": ADDRESS}, headers=own), status, code)
            refused(client.get(f"/api/{ADDRESS}", headers={"x-request-id": "number-2"}), 404, "not_found")
        with socket.create_connection(("127.0.0.1", client.base_url.port or 0)) as raw:
            raw.sendall(f"{ADDRESS}\r\n\r\n".encode())  # no HTTP
            raw.recv(1000)
        assert server.stop() == 0
    lines = server.log.read_text().splitlines()
    assert [line.rpartition(" ")[2] for line in lines] == ["number-1", "number-2"]
    assert ADDRESS not in "".join(lines)


async def test_a_clients_execution_id_labels_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAREBOX_STORE", "nonsense")
    written, called = io.StringIO(), cast("ContextVar[Any]", execution_context_var)
    called.set(ExecutionContext(ADDRESS))
    with contextlib.redirect_stderr(LoggingHandlerAddExecutionId(written)):
        await serve("chat")
    assert "the configuration is wrong: FAREBOX_STORE" in written.getvalue()
    assert ADDRESS not in written.getvalue()


async def test_a_function_settles_its_leases_when_it_is_stopped(tmp_path: Path) -> None:
    environment = clean_environment(tmp_path)
    uid, key = _make_key(tmp_path, environment)
    _spend(tmp_path, environment, key)
    store = Store(open_engine(environment["FAREBOX_STORE"]))
    wallet = await store.get(f"wallets/{uid}")
    await store.close()
    assert wallet is not None
    assert wallet.data["reserved"] == 0
    assert wallet.data["balance"] < 1_000_000_000


def _make_key(folder: Path, environment: dict[str, str]) -> tuple[str, str]:
    """A user's id and API key, made through a server that has ended since."""
    port = free_port()
    with (
        serving([str(ROOT / "main.py")], folder, port, {**environment, "PORT": str(port)}, program=None) as server,
        httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client,
    ):
        body = {"email": "ada@example.com", "password": "a long password"}
        session = client.post("/api/auth/register", json=body).json()
        headers = {"authorization": f"Bearer {session['token']}"}
        key = client.post("/api/keys", json={"name": "x"}, headers=headers).json()
    return session["user"]["id"], key["key"]


def _spend(folder: Path, environment: dict[str, str], key: str) -> None:
    """Requests paid for through the function `chat`, which has been stopped since."""
    port = free_port()
    completion = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
    with serving(_framework("chat", port), folder, port, environment) as chat:
        with httpx.Client(base_url=chat.url, headers={"authorization": f"Bearer {key}"}, timeout=PATIENCE_S) as client:
            for _ in range(3):
                assert client.post("/v1/chat/completions", json=completion).status_code == 200
        assert chat.stop() == 0


def _framework(target: str, port: int) -> list[str]:
    source = str(ROOT / "main.py")
    return ["-m", "functions_framework", "--target", target, "--source", source, "--port", str(port)]
