"""Running one server of the product in a process of its own, and what people do there first."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.support.processes import ROOT, Server, clean_environment, free_port, serving

PASSWORD = "a long password"
EMULATOR = "FIRESTORE_EMULATOR_HOST"


def product_environment(
    folder: Path,
    store_url: str,
    *,
    upstreams: Sequence[Mapping[str, Any]] | None = None,
    pricing: Mapping[str, Any] | None = None,
    **variables: str,
) -> dict[str, str]:
    """What the product is to read. Accounts begin with nothing, and what is idle is settled after a second, unless
    `variables` say otherwise."""
    chosen = {"FAREBOX_STORE": store_url, "FAREBOX_SIGNUP_CREDIT_USD": "0", "FAREBOX_SETTLE_INTERVAL_S": "1"}
    chosen["FAREBOX_PAYMENTS"] = "sandbox"  # which is chosen by itself on SQLite alone
    if EMULATOR in os.environ:
        chosen[EMULATOR] = os.environ[EMULATOR]
    if upstreams is not None:
        chosen["FAREBOX_UPSTREAMS"] = json.dumps(upstreams)
    if pricing is not None:
        chosen["FAREBOX_PRICING"] = json.dumps(pricing)
    return clean_environment(folder, **{**chosen, **variables})


def product_command(target: str | None, port: int) -> list[str]:
    """What starts everything, or one function as Cloud Run functions does; the environment must name the port too."""
    main = str(ROOT / "main.py")
    if target is None:
        return [main]
    return ["-m", "functions_framework", "--source", main, "--target", target, "--port", str(port)]


def program_of(target: str | None) -> str | None:
    """The program that `serving` runs that command with: everything is forked, and a function started as it is on Cloud
    Run."""
    return None if target is None else sys.executable


@contextmanager
def running_product(
    folder: Path, store_url: str, *, target: str | None = None, **configuration: Any
) -> Iterator[Server]:
    """The product on a free port, or one function of it, configured as `product_environment` says."""
    port = free_port()
    environment = product_environment(folder, store_url, PORT=str(port), **configuration)
    with serving(product_command(target, port), folder, port, environment, program=program_of(target)) as server:
        yield server


@contextmanager
def running_unforked(folder: Path, store_url: str, **configuration: Any) -> Iterator[Server]:
    """Everything, as `running_product` runs it, where it is looked at what it takes of memory: it has what it has
    imported itself, and nothing else."""
    port = free_port()
    environment = product_environment(folder, store_url, PORT=str(port), **configuration)
    with serving(product_command(None, port), folder, port, environment) as server:
        yield server


def register(accounts: httpx.Client) -> tuple[str, dict[str, str]]:
    """Open an account; answers its id and the header that signs its owner in."""
    body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    answer = accounts.post("/api/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["user"]["id"], {"authorization": f"Bearer {answer.json()['token']}"}


def make_key(keys: httpx.Client, signed_in: Mapping[str, str], **terms: Any) -> dict[str, str]:
    """Make an API key; answers the header that pays with it."""
    answer = keys.post("/api/keys", json={"name": "test", **terms}, headers=dict(signed_in))
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['key']}"}
