"""Makes the app of a management edge: FastAPI with this API's errors, envelope and signed-in users."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from functions.edge.asgi.app import EXCEPTION_HANDLERS, MAX_MANAGEMENT_BODY_BYTES
from functions.edge.asgi.credentials import bearer, client_address
from functions.edge.asgi.envelope import PRIVATE_HEADERS, REQUEST_ID, Envelope
from functions.edge.asgi.errors import error_response
from functions.edge.asgi.health import health_routes
from functions.edge.rest.late_route import LateRoute
from functions.edge.rest.seeing import LOOKING, SEE_AS, seen_as
from functions.edge.rest.validation import explain
from functions.farebox.identity import Person, Visitor
from functions.farebox.identity.factors.second_factors import require_recent
from functions.farebox.observability.request_context import note
from functions.farebox.wiring.runtime import Runtime

KEPT_SINCE = "x-farebox-kept-since"  # of answers that list what is deleted some day
OWN_HEADERS = ("authorization", "content-type", "idempotency-key", "x-farebox-org", SEE_AS)


class Body(BaseModel):
    """A request body: what is not known is refused, so that a misspelt limit is not silently none."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """An answer's body. Its description leaves room for fields to come, as a client should."""

    model_config = ConfigDict(defer_build=True)


class ErrorDetail(Answer):
    """What was wrong and what to do."""

    message: str
    type: str
    param: str | None
    code: str


class ErrorAnswer(Answer):
    """The body of every answer that is not 2xx."""

    error: ErrorDetail


async def answer_validation_error(_request: Request, error: Exception) -> Response:
    """FastAPI's handler for a request that does not fit its model."""
    assert isinstance(error, RequestValidationError)
    return error_response(explain(error.errors()))


def management_app(runtime: Runtime, title: str) -> FastAPI:
    """An app whose routes the caller adds. `accounts` serves one document for all edges together."""
    middleware = [
        Middleware(
            Envelope,
            max_body_bytes=MAX_MANAGEMENT_BODY_BYTES,
            memory=runtime.body_memory,
            headers=PRIVATE_HEADERS,
        ),
    ]
    if runtime.config.cors_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(runtime.config.cors_origins),
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=[*OWN_HEADERS, REQUEST_ID.decode()],
                expose_headers=[REQUEST_ID.decode(), KEPT_SINCE],
                max_age=3600,
            )
        )
    app = FastAPI(
        title=title,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=middleware,
        routes=list(health_routes(runtime)),
        exception_handlers={**EXCEPTION_HANDLERS, RequestValidationError: answer_validation_error},
        generate_unique_id_function=lambda route: route.name,
    )
    app.router.route_class = LateRoute
    app.state.runtime = runtime
    return app


def runtime_of(request: Request) -> Runtime:
    """The runtime that the app was made with."""
    runtime: Runtime = request.app.state.runtime
    return runtime


_scheme = HTTPBearer(auto_error=False, description="A token from /api/auth/login", scheme_name="token")


async def signed_in(request: Request, _documented: Annotated[Any, Depends(_scheme)]) -> Person:
    """Whoever the token in `Authorization: Bearer` belongs to.

    Whatever may change something takes a session that has not been ended by now; looking takes one that had not been
    within the last minute.
    """
    return await person_of(request, live=request.method not in LOOKING)


async def person_of(request: Request, *, live: bool) -> Person:
    """As `signed_in`, and `live` wherever the caller says so; for an operator who sees as somebody else, that one."""
    runtime = runtime_of(request)
    identity, is_seeing = await runtime.identity(), SEE_AS in request.headers
    person = await identity.verify(session_token(request), live=live or is_seeing, visitor=visitor_of(request))
    note(uid=person.uid)
    return await seen_as(request, runtime, person) if is_seeing else person


def visitor_of(request: Request) -> Visitor:
    """Where a request comes from."""
    address = client_address(request, runtime_of(request).config.trusted_proxies)
    return Visitor(address, request.headers.get("user-agent", ""))


def session_token(request: Request) -> str:
    """The token in `Authorization: Bearer`. Raises `Unauthenticated`."""
    return bearer(request, code="invalid_token")


async def active_user(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Person:
    """A signed-in person whose account is not suspended."""
    await (await runtime_of(request).accounts()).get_active(person.uid)
    return person


async def confirmed_user(request: Request, person: Annotated[Person, Depends(active_user)]) -> Person:
    """An active user who, if they have a second factor, has shown it lately: for what moves money, or gives an account
    away. Raises `Forbidden` with `second_factor_required`."""
    require_recent(person, runtime_of(request).now())
    return person


async def _wired(request: Request) -> Runtime:
    """A coroutine, since FastAPI runs plain functions in threads."""
    return runtime_of(request)


Wired = Annotated[Runtime, Depends(_wired)]
SignedIn = Annotated[Person, Depends(signed_in)]
ActiveUser = Annotated[Person, Depends(active_user)]
ConfirmedUser = Annotated[Person, Depends(confirmed_user)]
