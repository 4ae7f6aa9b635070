"""What operators work with, wired."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.farebox.admin.audit_trail import AuditTrail
from functions.farebox.admin.catalogue import Catalogue
from functions.farebox.admin.tenants import Tenants
from functions.farebox.admin.users import Users
from functions.farebox.upstreams.registry import UpstreamList

if TYPE_CHECKING:
    from functions.farebox.wiring.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Operations:
    """The operators' side of a process."""

    log: AuditTrail
    users: Users
    tenants: Tenants
    catalogue: Catalogue


async def open_operations(runtime: "Runtime") -> Operations:
    """Wire them. It costs nothing: what they share is made once by the runtime."""
    store, now = await runtime.store(), runtime.now
    log = AuditTrail(store, now=now, ids=runtime.ids)
    sealing_key = runtime.config.secret_key.derive("upstream-keys")
    upstreams = UpstreamList(store, sealing_key, now=now, clock=time.monotonic)
    plans = await runtime.plans()
    return Operations(
        log=log,
        users=Users(store, log, plans, now),
        tenants=Tenants(store, log, now),
        catalogue=Catalogue(store, log, upstreams, plans, now),
    )


async def follow_here(runtime: "Runtime") -> None:
    """Have this process, if it serves requests, take up prices and upstreams now; others do within their intervals."""
    plane = runtime.data_plane.made
    if plane is not None:
        await plane.prices.refresh()
        plane.gateway.configure(await plane.upstreams.read())
