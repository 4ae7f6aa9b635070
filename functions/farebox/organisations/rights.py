"""Rights: what each role of a member, and each scope of a key, may do. Whatever a management route allows is here.

A route names the one right that it needs. What a right reaches is told by two others: without `keys.of_others` a
person sees and changes the keys that are their own, without `usage.of_others` what those have used.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Role = Literal["owner", "admin", "billing", "member", "viewer"]
KeyScope = Literal["inference", "usage", "keys", "billing"]
Right = Literal[
    "org.read",
    "org.change",
    "org.close",
    "org.leave",
    "members.read",
    "members.change",
    "owners.change",
    "invitations.read",
    "invitations.change",
    "projects.read",
    "projects.change",
    "service_accounts.read",
    "service_accounts.change",
    "audit.read",
    "models.read",
    "models.use",
    "keys.read",
    "keys.change",
    "keys.of_others",
    "usage.read",
    "usage.of_others",
    "wallet.read",
    "ledger.read",
    "alerts.change",
    "payments.make",
    "payments.manage",
]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
SCOPES: Final[tuple[KeyScope, ...]] = get_args(KeyScope)
INFERENCE: Final[KeyScope] = "inference"
USE: Final[Right] = "models.use"  # to spend: whose role is without it has no key that asks models

_ALL: Final[frozenset[Right]] = frozenset(get_args(Right))


def _rights(*names: Right) -> frozenset[Right]:
    return frozenset(names)


_LOOKING: Final = _rights("org.read", "org.leave", "models.read", "projects.read", "wallet.read")

ROLE_RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    "owner": _ALL,
    "admin": _ALL - _rights("org.close", "owners.change"),
    "billing": _LOOKING
    | _rights("members.read", "usage.read", "usage.of_others", "ledger.read")
    | _rights("alerts.change", "payments.make", "payments.manage"),
    "member": _LOOKING | _rights("models.use", "keys.read", "keys.change", "usage.read"),
    "viewer": _LOOKING
    | _rights("members.read", "service_accounts.read", "keys.read", "keys.of_others")
    | _rights("usage.read", "usage.of_others", "ledger.read"),
}

SCOPE_RIGHTS: Final[Mapping[KeyScope, frozenset[Right]]] = {
    "inference": _rights(USE),  # the data plane's
    "usage": _rights("usage.read", "usage.of_others"),
    "keys": _rights("keys.read", "keys.change", "models.read"),
    "billing": _rights("wallet.read", "ledger.read"),
}

# What an account that is suspended may still do: look at its money, and settle with the payment provider.
OPEN_TO_SUSPENDED: Final = _rights(
    "org.read", "wallet.read", "ledger.read", "usage.read", "usage.of_others", "payments.manage"
)

# What asks a person who has a second factor for it again: what moves money, or gives an organisation away.
CONFIRMED: Final = _rights("payments.make", "payments.manage", "members.change", "invitations.change", "org.close")


def rights_of_key(scopes: tuple[KeyScope, ...], role: Role | None) -> frozenset[Right]:
    """What a key may do: what its scopes say, and of a member's key no more than the member may.

    `role` is its member's; `None` where it is nobody's, as a service account's is.
    """
    rights: frozenset[Right] = frozenset().union(*(SCOPE_RIGHTS[scope] for scope in scopes))
    return rights if role is None else rights & ROLE_RIGHTS[role]


def may_spend(role: Role) -> bool:
    """Whether a member of this role may have keys that ask models."""
    return USE in ROLE_RIGHTS[role]


def scopes_within(rights: frozenset[Right]) -> tuple[KeyScope, ...]:
    """The scopes that somebody with these rights may give to a key: none that reaches further than they do."""
    return tuple(scope for scope in SCOPES if SCOPE_RIGHTS[scope] <= rights)
