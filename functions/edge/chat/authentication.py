"""Authentication of the data plane: the API key of a request, and the account that pays for it."""

from starlette.requests import HTTPConnection
from starlette.types import Scope

from functions.edge.asgi.credentials import client_address, idempotency_key
from functions.edge.asgi.light_request import LightRequest
from functions.farebox.keys.authentication import Caller
from functions.farebox.observability.request_context import note
from functions.farebox.wiring.data_plane import DataPlane
from functions.farebox.wiring.runtime import Runtime


async def authenticate(runtime: Runtime, scope: Scope, credential: str) -> tuple[DataPlane, Caller]:
    """The caller that an API key stands for, and what serves them. Raises `Unauthenticated` or `Forbidden`."""
    plane = runtime.data_plane.made
    if plane is None:  # a cold start: the key is looked up while the rest is opened
        (await runtime.callers()).look_ahead(credential)
        plane = await runtime.data_plane()
    proxies = runtime.config.trusted_proxies
    caller = await plane.callers.authenticate(credential, lambda: client_address(HTTPConnection(scope), proxies))
    note(uid=caller.uid, key=caller.terms.id)
    plane.follow()
    return plane, caller


async def authenticate_payer(runtime: Runtime, asked: LightRequest, credential: str) -> tuple[DataPlane, Caller]:
    """As `authenticate`, of a request whose body is read next: what is large of it takes the caller's part of the
    memory, and is not read at all where they could pay for nothing, even if it is free."""
    plane, caller = await authenticate(runtime, asked.scope, credential)
    asked.incoming.belongs_to(caller.uid, lambda: plane.solvency.check(caller, idempotency_key(asked)))
    return plane, caller
