"""The entry points: one functions-framework target per deployable, and all of them on one port as a script.

    functions-framework --target chat      serves one alone, as Cloud Run functions does
    python main.py                         serves them all

Each target imports its edge at the first request, so that a function deployed alone imports only what it needs.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.edge.asgi.framework_entry import serve


@functions_framework.aio.http
async def chat(_request: Request) -> Response:
    """The data plane: OpenAI's API."""
    return await serve("chat")


@functions_framework.aio.http
async def accounts(_request: Request) -> Response:
    """Registering, signing in, profiles."""
    return await serve("accounts")


@functions_framework.aio.http
async def keys(_request: Request) -> Response:
    """API keys."""
    return await serve("keys")


@functions_framework.aio.http
async def wallet(_request: Request) -> Response:
    """Credit and its ledger."""
    return await serve("wallet")


@functions_framework.aio.http
async def stripe_webhook(_request: Request) -> Response:
    """The payment provider's events."""
    return await serve("stripe_webhook")


@functions_framework.aio.http
async def usage(_request: Request) -> Response:
    """What requests took and cost."""
    return await serve("usage")


@functions_framework.aio.http
async def metering(_request: Request) -> Response:
    """Billing for other gateways."""
    return await serve("metering")


@functions_framework.aio.http
async def admin(_request: Request) -> Response:
    """What operators do."""
    return await serve("admin")


@functions_framework.aio.http
async def scheduled(_request: Request) -> Response:
    """The jobs that the scheduler calls."""
    return await serve("scheduled")


if __name__ == "__main__":
    import sys

    from functions.edge.standalone.server import run

    sys.exit(run())
