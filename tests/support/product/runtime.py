"""A runtime for tests: configured by the test, over a store that is open, with a clock that stands still until told."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import orjson

from functions.farebox.config import Config, read_config
from functions.farebox.pricing.seed import read_builtin
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime

SECRET = "a secret of the tests, which nobody needs to keep"
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


BUILTIN_PRICES = ""  # as `FAREBOX_PRICING`: nobody says anything, so the built-in list is sold


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **duration: float) -> None:
        """Move on by `timedelta(**duration)`."""
        self.time += timedelta(**duration)


def config_with(variables: Mapping[str, str]) -> Config:
    """A configuration from these variables and no others."""
    return read_config({"FAREBOX_SECRET_KEY": SECRET, **variables})


@cache
def echo_prices() -> str:
    """`FAREBOX_PRICING` where a test says nothing: of the built-in list what answers without an upstream.

    To write all hundred of it into an empty store takes as long as everything else that an instance does at its start.
    """
    prices = read_builtin()
    return orjson.dumps({model: prices[model] for model in ("echo", "echo-embedding")}).decode()


def runtime_over(store: Store, store_url: str, clock: Clock, **variables: str) -> Runtime:
    """A runtime over a store that is open already, which sells `echo_prices` unless `variables` say otherwise."""

    async def open_store(_config: Config) -> Store:
        return store

    variables = {"FAREBOX_STORE": store_url, "FAREBOX_PRICING": echo_prices(), **variables}
    return Runtime(config_with(variables), open_store=open_store, now=clock)
