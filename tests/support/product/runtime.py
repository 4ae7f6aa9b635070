"""A runtime for tests: configured by the test, over a store that is open, with a clock that stands still until told."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from functions.farebox.config import Config, read_config
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime

SECRET = "a secret of the tests, which nobody needs to keep"
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


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


def runtime_over(store: Store, store_url: str, clock: Clock, **variables: str) -> Runtime:
    """A runtime over a store that is open already."""

    async def open_store(_config: Config) -> Store:
        return store

    return Runtime(config_with({"FAREBOX_STORE": store_url, **variables}), open_store=open_store, now=clock)
