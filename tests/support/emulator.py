"""Google's Firestore emulator: started once for a test run, however many processes share it, and always stopped.

Whoever uses it holds a shared lock on a file. A keeper process (this file, run as a script) starts the emulator and
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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

READY_TIMEOUT_S = 60.0
STARTS = 3


class EmulatorAbsent(Exception):
    """It is not installed here, or did not start: the message says which."""


@contextmanager
def running_emulator(directory: Path) -> Iterator[str]:
    """The `host:port` of the emulator that all users of a directory share."""
    preset = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if preset:
        yield preset
        return
    with (directory / "emulator-users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield _find_or_start(directory)


def _find_or_start(directory: Path) -> str:
    """The shared lock is held, so an emulator that is found here does not go away."""
    address = directory / "emulator-address"
    with (directory / "emulator-start").open("w") as only_one:
        fcntl.flock(only_one, fcntl.LOCK_EX)
        if not address.exists():
            address.write_text(_start(directory))
    return address.read_text()


def _start(directory: Path) -> str:
    if shutil.which("gcloud") is None:
        raise EmulatorAbsent("gcloud is not installed")
    log = directory / "emulator.log"
    for _ in range(STARTS):  # somebody else may take the port before the emulator does
        address = f"127.0.0.1:{_free_port()}"
        if _start_at(address, directory, log):
            return address
    raise EmulatorAbsent(f"the emulator did not start: {log.read_text().strip()[-2000:]}")


def _start_at(address: str, directory: Path, log: Path) -> bool:
    with log.open("w") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-P", __file__, str(directory), address],  # -P: neighbours here hide no library
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


def _keep(directory: Path, address: str) -> None:
    """Run the emulator until nobody uses it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    emulator = subprocess.Popen(
        ["gcloud", "emulators", "firestore", "start", f"--host-port={address}"], start_new_session=True
    )
    try:
        with (directory / "emulator-users").open("w") as users:
            while emulator.poll() is None:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(0.2)
            (directory / "emulator-address").unlink(missing_ok=True)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(emulator.pid, signal.SIGKILL)  # java, too, which outlives the gcloud that started it
        emulator.wait()


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), sys.argv[2])
