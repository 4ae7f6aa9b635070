"""Edge `stripe_webhook`: takes the payment provider's signed events. It answers 200 once one is durably applied.

It is called after Stripe and takes the events of whichever provider is configured. In the embedded run the
sandbox's pages are here too: they are the provider's side of it.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.edge.asgi.app import edge_app
from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.provider import BadSignature
from functions.farebox.billing.subscriptions.duplicates import end_duplicates
from functions.farebox.errors import InvalidRequest
from functions.farebox.wiring.runtime import Runtime

MAX_BODY_BYTES = 1024 * 1024
PATH = "/api/stripe/webhook"


def make_app(runtime: Runtime) -> Starlette:
    """The edge's app. Raises `BadConfig` where events cannot be told from forgeries."""
    runtime.config.check_events()

    async def receive(request: Request) -> Response:
        payments = await runtime.payments()
        try:
            event = await payments.read_event(await request.body(), request.headers)
        except BadSignature as error:
            raise InvalidRequest(
                "This is not signed by the payment provider, or not within the last five minutes.",
                code="invalid_signature",
            ) from error
        # What goes wrong with the store or the provider from here on answers 5xx, and the event is sent again.
        store, grace = await runtime.store(), runtime.config.grace
        applied = await apply_event(store, event, runtime.now(), grace=grace, ask=payments.standing_of)
        if applied.surplus_of is not None:
            await end_duplicates(store, payments, applied.surplus_of, runtime.now())
        return JSONResponse({"received": True, "applied": applied.is_new and applied.is_matched})

    door = Route(PATH, receive, methods=["POST"])
    app = edge_app(runtime, [door], max_body_bytes=MAX_BODY_BYTES)
    if runtime.config.payments == "sandbox":
        from functions.edge.sandbox.routes import sandbox_routes

        app.router.routes.extend(sandbox_routes(runtime, app, PATH))
    return app
