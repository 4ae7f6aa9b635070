"""Reads events of a provider so that none is refused: what cannot be read is a case for an operator.

A provider that is answered 500 sends the event again for days, and then shuts the endpoint for everything else.
"""

import logging
from collections.abc import Awaitable, Mapping
from typing import Any

from functions.farebox.billing.events import Fact, Unmatched
from functions.farebox.payments.metadata import UnexpectedEvent

log = logging.getLogger("farebox.payments")


async def read_or_report(reading: Awaitable[Fact | None], event: Mapping[str, Any]) -> Fact | None:
    """What an event tells; `Unmatched` where it is not in a form that is known."""
    about = _about(event)
    try:
        return await reading
    except UnexpectedEvent as error:
        return Unmatched("unreadable", about, str(error))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        log.warning("an event about %s cannot be read", about, exc_info=True)
        return Unmatched("unreadable", about, f"{type(error).__name__}: {error}")


def _about(event: Mapping[str, Any]) -> str:
    """What an event is about: its object, or itself."""
    data = event.get("data")
    told = event.get("object") if data is None else data.get("object", data) if isinstance(data, Mapping) else None
    known = told.get("id") if isinstance(told, Mapping) else None
    return str(known or event["id"])


def id_of(told: Any) -> str | None:
    """An object's id, whether it came whole or by name, if it came."""
    if not told:
        return None
    return str(told["id"] if isinstance(told, Mapping) else told)
