"""Edge `chat`: the data plane, paid for from a wallet. On Starlette alone, because its cold start counts."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.edge.asgi.app import edge_app
from functions.edge.asgi.cors import Cors
from functions.edge.asgi.credentials import api_key, bearer_key
from functions.edge.asgi.envelope import request_id
from functions.edge.asgi.light_request import LightRequest
from functions.edge.chat.addresses import refusal_handlers
from functions.edge.chat.authentication import authenticate, authenticate_payer
from functions.edge.chat.bodies import Check, cache_wish, key_of
from functions.edge.chat.model_entry import model_entry
from functions.edge.chat.openrouter import credits_form, key_form
from functions.edge.chat.receipt import receipt
from functions.edge.chat.rendering import RENDERING
from functions.edge.chat.response import body_of, rate_headers, send_again, send_plain, send_stream, serve_until_done
from functions.farebox.data_plane.idempotency import Kept
from functions.farebox.data_plane.reply import PaidAnswer
from functions.farebox.data_plane.request import Request
from functions.farebox.keys.authentication import Caller
from functions.farebox.keys.standing import credits_of, key_standing
from functions.farebox.leases.rate_status import rate_view
from functions.farebox.request.chat import check_chat
from functions.farebox.request.embeddings import check_embedding
from functions.farebox.request.json_body import parse_body
from functions.farebox.storage import Store
from functions.farebox.usage.receipts import Receipted, find_record
from functions.farebox.wiring.data_plane import DataPlane
from functions.farebox.wiring.runtime import Runtime

MAX_BODY_BYTES = 32 * 1024 * 1024  # what Cloud Run takes


async def _record_of(store: Store, caller: Caller, named: str) -> Receipted:
    """A request's record, for the key that made it, or for others of whom it is held for."""
    member, key = caller.terms.belongs.member, caller.terms.id if caller.terms.is_minted else None
    return await find_record(store, caller.uid, named, member=member, key=key)


def make_app(runtime: Runtime) -> Starlette:
    """The edge's app."""

    async def list_models(request: HttpRequest) -> Response:
        plane, caller = await authenticate(runtime, request.scope, api_key(request))
        models = [model_entry(price, caller.multiplier_bp) for price in await plane.models(caller.models)]
        return JSONResponse({"object": "list", "data": models})

    async def get_model(request: HttpRequest) -> Response:
        if not request.path_params["model"].strip("/"):  # the list, with a slash behind it
            raise HTTPException(404)
        plane, caller = await authenticate(runtime, request.scope, api_key(request))
        price = await plane.model(caller.models, request.path_params["model"])
        return JSONResponse(model_entry(price, caller.multiplier_bp))

    async def get_receipt(request: HttpRequest) -> Response:
        plane, caller = await authenticate(runtime, request.scope, api_key(request))
        return JSONResponse(receipt(await _record_of(plane.store, caller, request.path_params["request_id"])))

    async def get_key(request: HttpRequest) -> Response:
        plane, caller = await authenticate(runtime, request.scope, api_key(request))
        await plane.leases.settle(caller.uid)
        return _json(key_form(await key_standing(plane.store, caller.uid, caller.terms, runtime.now())))

    async def get_credits(request: HttpRequest) -> Response:
        plane, caller = await authenticate(runtime, request.scope, api_key(request))
        await plane.leases.settle(caller.uid)
        standing = await credits_of(plane.store, caller.uid, caller.terms, runtime.now(), caller.role)
        return _json(credits_form(standing))

    paid: dict[str, ASGIApp] = {
        "/v1/chat/completions": _Paid(runtime, check_chat),
        "/v1/embeddings": _Paid(runtime, check_embedding),
        "/v1/completions": _Dialect("completions", runtime),
        "/v1/messages": _Dialect("messages", runtime),
        "/v1/responses": _Dialect("responses", runtime),
    }
    return edge_app(
        runtime,
        [
            *[Route(path, endpoint, methods=["POST"]) for path, endpoint in paid.items()],
            Route("/v1/messages/count_tokens", _Dialect("count_tokens", runtime), methods=["POST"]),
            Route("/v1/models", list_models, methods=["GET"]),
            Route("/v1/models/{model:path}", get_model, methods=["GET"]),
            Route("/v1/key", get_key, methods=["GET"]),
            Route("/v1/auth/key", get_key, methods=["GET"], include_in_schema=False),  # its older name
            Route("/v1/credits", get_credits, methods=["GET"]),
            Route("/v1/receipts/{request_id}", get_receipt, methods=["GET"]),
        ],
        max_body_bytes=MAX_BODY_BYTES,
        cors=Cors(origins) if (origins := runtime.config.data_plane_origins) else None,
        handlers=refusal_handlers(),
    )


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


class _Paid:
    """A route whose requests are paid for, each as what its `check` makes of it."""

    def __init__(self, runtime: Runtime, check: Check) -> None:
        self._runtime = runtime
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = LightRequest(scope, receive)
        plane, caller = await authenticate_payer(self._runtime, asked, bearer_key(asked))
        raw = await asked.body()
        checked = self._check(await parse_body(raw))
        key = key_of(asked, plane.gateway.routes, checked, raw)
        request = Request(
            caller, checked, request_id(scope), RENDERING, key, cache=cache_wish(asked), headers=asked.headers.raw
        )
        await serve_until_done(request.hang_up, receive, self._serve(plane, request, send), to_the_end=key is not None)

    async def _serve(self, plane: DataPlane, request: Request, send: Send) -> None:
        reply = await plane.inference.serve(request)
        if isinstance(reply, Kept):
            await send_again(send, reply)
            return
        headers = rate_headers(rate_view(reply.hold, self._runtime.now()))
        if isinstance(reply, PaidAnswer):
            await send_plain(send, request, reply, body_of(request, reply), headers)
        else:
            await send_stream(send, request, reply, headers)


class _Dialect:
    """A route in another dialect, imported when somebody first speaks it: who only completes chats starts sooner."""

    def __init__(self, name: str, runtime: Runtime) -> None:
        self._name = name
        self._runtime = runtime
        self._route: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._route is None:
            from functions.edge.dialects.routes import ROUTES

            self._route = ROUTES[self._name](self._runtime)
        await self._route(scope, receive, send)
