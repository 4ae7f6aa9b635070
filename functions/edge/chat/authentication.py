"""Authentication of the data plane: the API key of a request, and the account that pays for it."""

from functions.farebox.keys.authentication import Caller
from functions.farebox.observability.request_context import note
from functions.farebox.wiring.data_plane import DataPlane
from functions.farebox.wiring.runtime import Runtime


async def authenticate(runtime: Runtime, credential: str) -> tuple[DataPlane, Caller]:
    """The caller that an API key stands for, and what serves them. Raises `Unauthenticated` or `Forbidden`."""
    plane = await runtime.data_plane()
    caller = await plane.callers.authenticate(credential)
    note(uid=caller.uid, key=caller.terms.id)
    plane.follow()
    return plane, caller
