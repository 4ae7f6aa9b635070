"""Starts the product's Python programs as forks of a process that has imported them already.

To start Python and import the product takes most of what a short program takes of a processor. So the first test of a
process that asks for one starts this file, which imports the product and does nothing else, as gunicorn's parent does
on Cloud Run; each program then begins in a fork of it, with arguments, an environment, a folder and output of its own.
Tests of the start itself, or of how much memory a program takes, start Python instead.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

ROOT = Path(__file__).parents[3]
# What every program of the product imports at its start or soon after, by the modules that import the rest.
IMPORTED = (
    "anyio._backends._asyncio",
    "functions.edge.sandbox.routes",
    "functions.edge.standalone.server",
    "functions.farebox.billing.subscriptions.follow",
    "functions.farebox.command_line.main",
    "functions.farebox.notifications.alerts",
    "functions.farebox.payments.sandbox.provider",
    "functions.farebox.storage.firestore.engine",
    "functions.farebox.storage.sqlite.engine",
    "httpx",
    "main",
)
_NUMBER = struct.Struct("i")  # a process id, or how the process ended


class Forked:
    """A program in a process of its own, with those of `subprocess.Popen`'s methods that tests use."""

    def __init__(self, told: int) -> None:
        self._told = told  # the reading end of a pipe, which says the process id, and at last the status
        self.returncode: int | None = None
        self.pid = self._read()

    def poll(self) -> int | None:
        """Its exit status, negative if a signal ended it; `None` while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it has ended; `subprocess.TimeoutExpired` if that takes longer."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = self._read()
            os.close(self._told)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _read(self) -> int:
        number: int = _NUMBER.unpack(os.read(self._told, _NUMBER.size))[0]
        return number


def start_forked(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], output: int, errors: int
) -> Forked:
    """Start what `python *command` would, a script or `-m` and a module, in `folder`, writing to file descriptors."""
    told, telling = os.pipe()
    with TemporaryFile("w+") as request:
        json.dump({"command": list(command), "folder": str(folder), "environment": dict(environment)}, request)
        request.seek(0)
        socket.send_fds(_imported(), [b"!"], [request.fileno(), telling, output, errors])
    os.close(telling)
    return Forked(told)


def run_forked(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """Run to its end what `python *command` would; answers how it ended, and what it wrote."""
    with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        process = start_forked(command, folder, environment, output.fileno(), errors.fileno())
        try:
            status = process.wait(timeout_s)
        finally:
            process.kill()
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(command, status, output.read(), errors.read())


@cache
def _imported() -> socket.socket:
    """The way to the process that has imported everything; it ends with this one."""
    ours, theirs = socket.socketpair()
    # -P: neighbours here hide no library
    process = subprocess.Popen([sys.executable, "-P", __file__], stdin=theirs.fileno(), cwd=ROOT)
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(door: socket.socket) -> dict[str, Any]:
    """Fork for each request that comes through the door, until nobody can send any more. Answers the request in each
    fork once its program is to begin, so that it ends as any of Python's programs does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the first forks
    while True:
        is_asked, descriptors, _, _ = socket.recv_fds(door, 1, 4)
        if not is_asked:
            sys.exit()
        if os.fork() == 0:
            door.detach()  # which is its standard input, and is replaced
            return _keep(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _keep(request: int, telling: int, output: int, errors: int) -> dict[str, Any]:
    """Fork once more, and say what became of that. Answers the request in the second fork."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process:
        os.write(telling, _NUMBER.pack(process))
        _, status = os.waitpid(process, 0)
        os.write(telling, _NUMBER.pack(os.waitstatus_to_exitcode(status)))
        os._exit(0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with open(request) as file:
        asked: dict[str, Any] = json.load(file)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate((nothing, output, errors)):
        os.dup2(descriptor, number)
    for descriptor in (nothing, telling, output, errors):
        os.close(descriptor)
    return asked


def _begin(command: list[str], folder: str, environment: dict[str, str]) -> None:
    """Be the program, as if Python had just been started so."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    if command[0] == "-m":
        sys.argv, sys.path[0] = command[1:], folder
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv, sys.path[0] = command, str(Path(folder, command[0]).parent)
        runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for module in IMPORTED:
        importlib.import_module(module)
    for edge in importlib.import_module("functions.edge.asgi.deployables").EDGES:
        importlib.import_module(f"functions.{edge}")
    gc.freeze()  # or each fork copies what it looks through
    _begin(**_serve(socket.socket(fileno=sys.stdin.fileno())))
