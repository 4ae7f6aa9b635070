"""The part of the runtime that operators work with: users, tenants and the catalogue, over one audit trail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.accounts.plans import Plans
from functions.farebox.admin.audit_trail import AuditTrail
from functions.farebox.admin.catalogue import Catalogue
from functions.farebox.admin.tenants import Tenants
from functions.farebox.admin.users import Users
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Store
from functions.farebox.upstreams.registry import UpstreamList


@dataclass(frozen=True, slots=True)
class Operations:
    """The commands of operators. Each leaves an entry in `log`."""

    log: AuditTrail
    users: Users
    tenants: Tenants
    catalogue: Catalogue


def open_operations(
    store: Store, upstreams: UpstreamList, plans: Plans, *, now: Callable[[], datetime], ids: Ids
) -> Operations:
    """Make them. It costs nothing: what they share is made once by the runtime."""
    log = AuditTrail(store, now=now, ids=ids)
    return Operations(
        log=log,
        users=Users(store, log, plans, now),
        tenants=Tenants(store, log, now),
        catalogue=Catalogue(store, log, upstreams, plans, now),
    )
