"""The one door that what an audit reads comes in by: a document that cannot be counted is a fault of its own.

Stored data is not taken at its word here. What lacks a field, or has a value of another kind there, is named, and the
audit goes on: one such document neither ends it nor hides what is wrong elsewhere.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from functions.farebox.audit.fault import Fault
from functions.farebox.storage import Document

MOST_TOLD = 200  # characters, of why

# By kind, the fields that are whole numbers. What is optional may be missing, or `None`.
_WHOLE: Final[Mapping[str, tuple[str, ...]]] = {
    "wallets": ("balance", "reserved", "debt", "seq"),
    "leases": ("granted", "settled", "seq"),
    "authorizations": ("amount",),
    "transactions": ("seq", "amount", "balance_before", "balance_after"),
}
_WHOLE_IF_TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "usage_days": ("charged",),
    "usage": ("held", "cost", "charged", "shortfall", "lost", "extended"),
}
_TEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "leases": ("key", "state", "period"),
    "authorizations": ("user", "state", "period"),
    "usage_days": ("user",),
    "transactions": ("type", "reference"),
    "usage": ("user", "status"),
}
# What an amount counts in, wherever that is told.
_TEXT_IF_TOLD: Final = ("lease", "member", "project", "tenant", "tenant_period", "period", "user_day", "key_day")
_OBJECTS: Final[Mapping[str, tuple[str, ...]]] = {
    "wallets": ("budget",),
    "transactions": ("metadata",),
    "member_budgets": ("budget",),
    "project_budgets": ("budget",),
    "tenants": ("budget",),
    "key_windows": ("budget",),
}


def read(kind: str, document: Document, use: Callable[[Document], list[Fault]]) -> list[Fault]:
    """What `use` finds in a document of a kind; the fault that it cannot be read, where it is not of the form that
    such a document has."""
    try:
        _check(kind, document.data)
        return use(document)
    except KeyError as error:
        why = f"it has no {error.args[0]}"
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        why = str(error)
    return [Fault(document.path, f"it cannot be read: {why[:MOST_TOLD]}")]


def owner_of(document: Document) -> str:
    """The user that a document names, whose wallet it counts in; empty where it names none."""
    return _owner(document.data)


def _owner(data: Mapping[str, Any]) -> str:
    owner = data["user"]
    return owner if isinstance(owner, str) and "/" not in owner else ""


def _check(kind: str, data: Mapping[str, Any]) -> None:
    """Raises `KeyError` for what is missing, and `TypeError` for what is of another kind."""
    for name in _WHOLE.get(kind, ()):
        _demand(name, data[name], int)
    for name in _WHOLE_IF_TOLD.get(kind, ()):
        if data.get(name) is not None:
            _demand(name, data[name], int)
    _check_bill(data.get("bill") or {})  # which only a record has
    for name in _TEXT.get(kind, ()):
        _demand(name, data[name], str)
    for name in _OBJECTS.get(kind, ()):
        _demand(name, data[name], dict)
    for counted in (data, data["metadata"]) if kind == "transactions" else (data,):
        for name in _TEXT_IF_TOLD:
            if counted.get(name) is not None:
                _demand(name, counted[name], str)
    if "user" in data and not _owner(data):
        raise ValueError("its user is none")


def _check_bill(bill: Mapping[str, Any]) -> None:
    if "multiplier_bp" in bill:  # those of the first version are of text, and are recomputed from that
        numbers = ((name, line[name]) for line in bill["lines"] for name in ("count", "unit_price", "per"))
        for name, value in (("multiplier_bp", bill["multiplier_bp"]), *numbers):  # text is multiplied as well
            _demand(name, value, int)


_CALLED: Final[Mapping[type, str]] = {int: "a whole number", str: "text", dict: "an object"}


def _demand(name: str, value: object, kind: type) -> None:
    if type(value) is not kind:  # `True` is no number, nor is 3.0 a whole one
        raise TypeError(f"its {name} is not {_CALLED[kind]}")
