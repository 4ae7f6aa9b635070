"""Reads what providers send: events so that none is refused, and answers so that none is taken for what it is not.

A provider that is answered 500 sends the event again for days, and then shuts the endpoint for everything else: an
event that cannot be read is a case for an operator. An answer that cannot be read is the provider's failure, and what
it was asked for is tried again.
"""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from functions.farebox.billing.events import Fact, PaymentEvent, Unmatched
from functions.farebox.billing.provider import BadSignature, ProviderFailed
from functions.farebox.billing.sale import Line
from functions.farebox.config.payments import needed
from functions.farebox.kit.money import MAX_NANOS
from functions.farebox.payments.metadata import UnexpectedEvent
from functions.farebox.secrets.rotating import Secret

NO_ANSWER = "The payment provider does not answer. Try again in a minute."
LONGEST_ID = 255
LONGEST_USER = 128
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
_WHOLE = (int, int | None)
_TEXT = (str, str | None)
LONGEST_PERIOD = timedelta(days=10 * 366)  # each of its months becomes an entry
# What providers' names are kept as keys of may bear no such characters.
_NAMES: Mapping[str, frozenset[str]] = {
    "payment": frozenset(),
    "customer": frozenset(),
    "also": frozenset(),
    **dict.fromkeys(("subscription", "refund", "dispute", "currency"), frozenset(".`")),
}

log = logging.getLogger("farebox.payments")


async def check_signature(provider: str, secret: Secret | None, is_signed: Callable[[str], bool]) -> None:
    """Whether `is_signed` holds with a provider's secret. Raises `BadSignature`, and `BadConfig` where there is none:
    only the function that takes events is given it."""
    if secret is None:
        raise needed(provider, "WEBHOOK_SECRET")
    if not await secret.fits(is_signed):
        raise BadSignature("the signature is missing, wrong or too old")


async def read_signed(
    provider: str, body: bytes, kind: str, read: Callable[[Mapping[str, Any]], Awaitable[Fact | None]]
) -> PaymentEvent:
    """A provider's event whose signature was checked; `kind` is the field that names its kind. One that bears no name
    is known by its bytes. Raises `ProviderFailed` where the provider has to be asked, and does not answer."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    event: Mapping[str, Any] = told if isinstance(told, dict) else {}
    name = _name(event.get("id")) or f"unnamed_{hashlib.sha256(body).hexdigest()}"
    fact = await read_or_report(read(event), {**event, "id": name})
    return PaymentEvent(provider, name, _name(event.get(kind)) or "unknown", fact)


async def read_or_report(reading: Awaitable[Fact | None], event: Mapping[str, Any]) -> Fact | None:
    """What an event tells; `Unmatched` where it is not in a form that is known."""
    about = _about(event)
    try:
        fact = await reading
        check(fact)
        return fact
    except UnexpectedEvent as error:
        return Unmatched("unreadable", about, str(error))
    except UNREADABLE as error:
        log.warning("an event about %s cannot be read", about, exc_info=True)
        return Unmatched("unreadable", about, f"{type(error).__name__}: {error}")


@contextmanager
def answered() -> Iterator[None]:
    """Read an answer of a provider's: one without what it should have is `ProviderFailed`."""
    try:
        yield
    except UNREADABLE as error:
        log.warning("an answer of the payment provider cannot be read", exc_info=True)
        raise ProviderFailed(NO_ANSWER) from error


def page_at(url: object, *, api_base: str | None) -> str:
    """The address of a provider's page, for a browser: over TLS, but for a stand-in's. Raises `ProviderFailed`."""
    schemes = ("https", "http") if api_base is not None and api_base.startswith("http://") else ("https",)
    with answered():
        if not isinstance(url, str) or urlsplit(url).scheme not in schemes or not urlsplit(url).hostname:
            raise ValueError("the payment provider gave no page to pay on")
    return str(url)


def check(told: object) -> None:
    """Whether a fact, or a quote, is what its types say, and can be kept. Raises `ValueError`."""
    if not is_dataclass(told):
        return
    if isinstance(told, Line) and told.ends_at - told.starts_at > LONGEST_PERIOD:
        raise ValueError("it is for a period of years")
    for field in fields(told):
        value = getattr(told, field.name)
        if field.type in _WHOLE and value is not None and (type(value) is not int or abs(value) > MAX_NANOS):
            raise ValueError(f"{field.name} is no amount")
        if field.type in _TEXT and not isinstance(value, str) and not (value is None and field.type is not str):
            raise ValueError(f"{field.name} is no text")
        if isinstance(value, str):
            value.encode()
        if field.name in _NAMES and not _are_names(value, _NAMES[field.name]):
            raise ValueError(f"{field.name} is no name")
        if field.name == "user" and value is not None and not _is_user(value):
            raise ValueError("it names no user")
        for each in value if isinstance(value, tuple) else (value,):
            check(each)


def _are_names(value: object, unfit: frozenset[str]) -> bool:
    names = value if isinstance(value, tuple) else () if value is None else (value,)
    return all(_name(each) is not None and not set(each) & unfit for each in names)


def _is_user(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_USER and "/" not in value and value.strip(".") != ""


def _about(event: Mapping[str, Any]) -> str:
    """What an event is about: its object, or itself."""
    data = event.get("data")
    told = event.get("object") if data is None else data.get("object", data) if isinstance(data, Mapping) else None
    known = told.get("id") if isinstance(told, Mapping) else None
    return _name(known) or str(event["id"])


def _name(told: object) -> str | None:
    """An id that can be kept."""
    if not isinstance(told, str) or not 0 < len(told) <= LONGEST_ID or not told.isprintable():
        return None
    return told


def name_of(*told: Any) -> str:
    """The id of the first of these objects that came. Raises `UnexpectedEvent`."""
    found = next(filter(None, map(id_of, told)), None)
    if found is None:
        raise UnexpectedEvent("it does not say what it is about")
    return found


def id_of(told: Any) -> str | None:
    """An object's id, whether it came whole or by name, if it came."""
    if not told:
        return None
    return str(told["id"] if isinstance(told, Mapping) else told)
