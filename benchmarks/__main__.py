"""`make bench`: how many paid requests a second the embedded product serves, and what each takes.

The server is one process with SQLite and the built-in echo, so the figures are the gateway's own work, and include what
others leave out: money held before, a journal record made durable, and the exact charge after. The load comes from this
process on the same machine; on few cores it takes its share of them, and the figures are lower for it. Streams are not
measured: the echo makes them wait between words, so that one can see them flow.
"""

import argparse
import asyncio
import os
import platform
import sys
from decimal import Decimal

from benchmarks.load import Result, drive
from benchmarks.server import CREDIT_USD, Account, call, farebox

BODY = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
CLIENTS = (1, 16, 64)
WARM_UP_S = 1.0


def main() -> int:
    """Measure, print, and compare the books. Answers 1 if a request failed or the books do not agree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each run takes")
    seconds = parser.parse_args().seconds
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, server and load on the same machine\n")
    print(f"{'clients':>8}{'requests/s':>12}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'errors':>8}")
    with farebox() as account:
        runs = []
        for clients in CLIENTS:
            runs.append(_run(account, clients, WARM_UP_S))
            runs.append(_run(account, clients, seconds))
            _print_row(clients, runs[-1])
        said = sum((run.cost_usd for run in runs), Decimal(0))
        wallet = call(f"{account.url}/api/wallet", None, account.token)
    lost = Decimal(CREDIT_USD) - Decimal(wallet["balance_usd"])
    print(f"\nthe answers cost {said.normalize():f} USD, the wallet lost {lost.normalize():f} USD")
    return 0 if lost == said and not any(run.errors for run in runs) else 1


def _run(account: Account, clients: int, seconds: float) -> Result:
    url = f"{account.url}/v1/chat/completions"
    return asyncio.run(drive(url, account.key, BODY, clients=clients, seconds=seconds))


def _print_row(clients: int, result: Result) -> None:
    percentiles = "".join(f"{result.percentile_ms(percent):9.1f}" for percent in (50, 95, 99))
    print(f"{clients:8}{result.per_second:12.0f}{percentiles}{result.errors:8}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
