"""Running the product as production has it, on one machine: Firestore's and Firebase's emulators, each function in a
process of its own, and in front of them a router that follows the load balancer's URL map.

    python -m tests.support.product.production_stack

serves it until Ctrl-C, on PORT (8080 by default); `make stack` does that. Functions run as the buildpack starts
them, by functions-framework, told by its variables. `FAREBOX_STACK_PYTHON` names the Python of an environment as the
buildpack makes it (`scripts/buildpack.sh`); without it they run in the tests' own.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from functions.edge.asgi.deployables import EDGES
from tests.support.clients.management import DOORS
from tests.support.emulators.emulator import AUTH, FIRESTORE, PROJECT, running_emulator
from tests.support.emulators.firebase_auth import API_KEY
from tests.support.processes import ROOT, Server, free_port, serving
from tests.support.product.server_process import product_environment

PROGRAM = os.environ.get("FAREBOX_STACK_PYTHON", sys.executable)
COMMAND = ("-m", "functions_framework")
BUILDPACK = {"FUNCTION_SOURCE": str(ROOT / "main.py"), "FUNCTION_SIGNATURE_TYPE": "http", "LOG_EXECUTION_ID": "false"}
STARTING_AT_ONCE = 3
READY_TIMEOUT_S = 120.0  # several start at once, on two cores


@dataclass(frozen=True)
class Stack:
    """Where it is: `url` for everybody, `functions` for who may call one by its own address, as the scheduler does."""

    url: str
    functions: dict[str, str]
    store_url: str
    auth_emulator: str
    logs: dict[str, Path]


@contextmanager
def running_stack(folder: Path, *, firestore: str, auth: str, port: int | None = None, **more: str) -> Iterator[Stack]:
    """The stack over an empty database. `firestore` and `auth` are the emulators' `host:port`; `more` are variables."""
    port = port or free_port()
    store_url = f"firestore://stack-{uuid4().hex[:12]}"
    variables = {
        FIRESTORE.variable: firestore,
        AUTH.variable: auth,
        "FAREBOX_IDENTITY": "firebase",
        "FAREBOX_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FIREBASE_API_KEY": API_KEY,
        "FIREBASE_PROJECT": PROJECT,
        **BUILDPACK,
        **DOORS,
        **more,
    }
    with ExitStack() as stack:

        def start(name: str) -> Server:
            at = free_port()
            home = folder / name
            home.mkdir()
            own = {"FUNCTION_TARGET": name, "PORT": str(at)}
            environment = {**product_environment(home, store_url), **variables, **own}
            return _enter(
                stack, serving(COMMAND, home, at, environment, program=PROGRAM, ready_timeout_s=READY_TIMEOUT_S)
            )

        with ThreadPoolExecutor(STARTING_AT_ONCE) as pool:
            servers = dict(zip(EDGES, pool.map(start, EDGES), strict=True))
        router_home = folder / "router"
        router_home.mkdir()
        backends = [f"{name}={server.url}" for name, server in servers.items()]
        command = ["-m", "tests.support.product.url_router", str(port), *backends]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        servers["router"] = _enter(
            stack, serving(command, router_home, port, environment, ready_timeout_s=READY_TIMEOUT_S)
        )
        yield Stack(
            url=servers["router"].url,
            functions={name: server.url for name, server in servers.items() if name != "router"},
            store_url=store_url,
            auth_emulator=auth,
            logs={name: server.log for name, server in servers.items()},
        )


def _enter(stack: ExitStack, server: AbstractContextManager[Server]) -> Server:
    return stack.enter_context(server)


def main() -> None:
    """Serve it for a developer."""
    folder = Path(tempfile.mkdtemp(prefix="farebox-stack-"))
    port = int(os.environ.get("PORT", "8080"))
    with (
        running_emulator(FIRESTORE, folder) as firestore,
        running_emulator(AUTH, folder) as auth,
        running_stack(folder, firestore=firestore, auth=auth, port=port, FAREBOX_SIGNUP_CREDIT_USD="1") as stack,
        suppress(KeyboardInterrupt),
    ):
        print(f"Farebox is at {stack.url}, each function apart; logs are in {folder}. Ctrl-C stops it.")
        print(f"Mails: curl http://{auth}/emulator/v1/projects/{PROJECT}/oobCodes")
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
