"""Server processes: started, waited for, watched and always ended with all that they started."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import CACHE, ROOT

READY_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 20.0
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Process:
    """A server that runs. It leads a process group, in which its workers are."""

    url: str
    popen: "subprocess.Popen[bytes]"

    def cpu_s(self) -> float:
        """The processor time that the group has used so far, of users and of the kernel, in seconds."""
        ticks = 0
        for fields in _stats(self.popen.pid):
            ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS_A_SECOND

    def memory_bytes(self) -> int:
        """The resident memory of the group. Pages that its processes share count once for each."""
        return sum(int(fields[21]) for fields in _stats(self.popen.pid)) * _PAGE_BYTES

    def stop(self) -> None:
        """End it as a container's keeper does, and wait until it has settled what is open."""
        self.popen.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(STOP_TIMEOUT_S)


@contextmanager
def running(
    command: list[str],
    url: str,
    *,
    ready: str = "/",
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    poll_s: float = 0.05,
) -> Iterator[Process]:
    """A server, from its first answer at `ready` (whatever its status) to its end. Its output goes to a log."""
    CACHE.mkdir(parents=True, exist_ok=True)
    log = CACHE / f"{url.rpartition(':')[2]}.log"
    with log.open("wb") as output:
        popen = subprocess.Popen(
            command,
            cwd=folder,
            env=None if environment is None else dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = Process(url, popen)
    try:
        _wait_until_ready(process, ready, log, poll_s)
        yield process
    finally:
        if popen.poll() is None:
            process.stop()
        with suppress(ProcessLookupError):
            os.killpg(popen.pid, signal.SIGKILL)
        popen.wait()


def _wait_until_ready(process: Process, path: str, log: Path, poll_s: float) -> None:
    give_up = time.monotonic() + READY_TIMEOUT_S
    while True:
        if process.popen.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(process.url + path, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(poll_s)
        else:
            return


def _stats(group: int) -> Iterator[list[str]]:
    """The fields of `/proc/PID/stat` behind the command's name, of every process of a group."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                yield fields
