"""Google's emulators: each started once for a test run, however many processes share it, and always stopped.

Whoever uses one holds a shared lock on a file. A keeper process (this file, run as a script) starts the emulator and
waits for an exclusive lock: it gets it when the last user is gone, finished or killed, and stops the emulator then.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

READY_TIMEOUT_S = 60.0
STARTS = 3
PROJECT = "demo-farebox"  # the auth emulator takes every API key for this project's

FIREBASE = Path(__file__).parent / "firebase"
INSTALLED = Path(__file__).parents[3] / ".cache" / "firebase"


class EmulatorAbsent(Exception):
    """It is not installed here, or did not start: the message says which."""


@dataclass(frozen=True)
class Emulator:
    """One of them. `variable` says where it is, and that one runs already; `install` makes sure of its program and
    answers the command that serves a `host:port`."""

    name: str
    variable: str
    install: Callable[[], Callable[[str], list[str]]]


def _gcloud() -> Callable[[str], list[str]]:
    if shutil.which("gcloud") is None:
        raise EmulatorAbsent("gcloud is not installed")
    return lambda address: ["gcloud", "emulators", "firestore", "start", f"--host-port={address}"]


def _firebase_tools() -> Callable[[str], list[str]]:
    """Installs them into an untracked folder that processes share."""
    from tests.support.npm import NotInstalled, npm_install  # which the keeper does without: it knows this file alone

    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / "lock").open("w") as only_one:
        fcntl.flock(only_one, fcntl.LOCK_EX)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(FIREBASE / name, INSTALLED)
        try:
            npm_install(INSTALLED, "--omit=optional")
        except NotInstalled as error:
            raise EmulatorAbsent(str(error)) from error
    return lambda address: ["node", str(FIREBASE / "start.cjs"), str(INSTALLED), address, PROJECT]


FIRESTORE = Emulator("firestore", "FIRESTORE_EMULATOR_HOST", _gcloud)
AUTH = Emulator("auth", "FIREBASE_AUTH_EMULATOR_HOST", _firebase_tools)


@contextmanager
def running_emulator(emulator: Emulator, directory: Path) -> Iterator[str]:
    """The `host:port` of the emulator that all users of a directory share."""
    preset = os.environ.get(emulator.variable)
    if preset:
        yield preset
        return
    files = _Files(directory, emulator.name)
    with files.users.open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield _find_or_start(emulator, files)


class _Files:
    """Where the users of an emulator agree."""

    def __init__(self, directory: Path, name: str) -> None:
        self.users, self.address, self.start, self.log = (
            directory / f"emulator-{name}-{what}" for what in ("users", "address", "start", "log")
        )


def _find_or_start(emulator: Emulator, files: _Files) -> str:
    """The shared lock is held, so an emulator that is found here does not go away."""
    with files.start.open("w") as only_one:
        fcntl.flock(only_one, fcntl.LOCK_EX)
        if not files.address.exists():
            files.address.write_text(_start(emulator, files))
    return files.address.read_text()


def _start(emulator: Emulator, files: _Files) -> str:
    command = emulator.install()
    for _ in range(STARTS):  # somebody else may take the port before the emulator does
        address = f"127.0.0.1:{_free_port()}"
        if _start_at(address, command(address), files):
            return address
    raise EmulatorAbsent(f"the emulator did not start: {files.log.read_text().strip()[-2000:]}")


def _start_at(address: str, command: list[str], files: _Files) -> bool:
    with files.log.open("w") as output:
        keeper = subprocess.Popen(
            # -P: neighbours here hide no library
            [sys.executable, "-P", __file__, str(files.users), str(files.address), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; the keeper notices that they are gone
        )
    give_up = time.monotonic() + READY_TIMEOUT_S
    while not _answers(address):
        if keeper.poll() is not None or time.monotonic() > give_up:
            keeper.terminate()
            keeper.wait()
            return False
        time.sleep(0.1)
    keeper.returncode = 0  # it outlives this process on purpose: not a child to be waited for
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/", timeout=1) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _keep(users: Path, address: Path, command: list[str]) -> None:
    """Run the emulator until nobody uses it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    emulator = subprocess.Popen(command, start_new_session=True)
    try:
        with users.open("w") as lock:
            while emulator.poll() is None:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(0.2)
            address.unlink(missing_ok=True)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(emulator.pid, signal.SIGKILL)  # java, too, which outlives the gcloud that started it
        emulator.wait()


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
