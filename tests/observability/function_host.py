"""A target beside those of `main.py`, for functions-framework to serve in a process of its own: asked once, it takes
every path that leads to a line which an alert waits for, with the logs as any other target has them.

    FUNCTION_SOURCE=tests/observability/function_host.py FUNCTION_TARGET=every_path functions-framework
"""

import tempfile
from collections.abc import Awaitable, Callable

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.infra.test_log_metrics import PATHS, PRICING
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn


@functions_framework.aio.http
async def every_path(_request: Request) -> Response:
    """Take each path once."""
    async with StandIn() as upstream:
        # A wrong configuration is what can go wrong first, and logs are set up all the same.
        for name in sorted(PATHS, key=lambda name: name != "bad_configurations"):
            await _take(PATHS[name], upstream)
    return Response("every path was taken")


async def _take(path: Callable[[Instance], Awaitable[None]], upstream: StandIn) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(open_engine(f"sqlite:///{folder}/farebox.db"))
        async with running(store, pricing=PRICING, upstream=upstream) as instance:
            await path(instance)
        await store.close()
