"""An alert: what is told, on which occasion, and its document, which carries the record of its delivery."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from functions.farebox.billing.payer import AlertTerms
from functions.farebox.storage import Data

KEPT_FOR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to tell a user. `occasion` names it: the same one is told once."""

    user: str
    occasion: str
    kind: str
    subject: str
    text: str
    data: Data = field(default_factory=dict)


def alert_path(alert: Alert) -> str:
    """Where an alert is kept, under the name of its occasion."""
    return told_at(alert.user, alert.occasion)


def told_at(user: str, occasion: str) -> str:
    """Where what a user is told on an occasion is kept."""
    return f"alerts/{user}_{occasion}"


def key_occasions(key_id: str) -> tuple[str, str]:
    """What those of a key begin with: that it expires, and that a budget of its is reached."""
    return f"key-{key_id}-", f"budget-key-{key_id}-"


def trail_occasion(entry_id: str) -> str:
    """That of an entry of an organisation's audit trail."""
    return f"trail-{entry_id}"


def new_document(alert: Alert, terms: AlertTerms, now: datetime, *, by_mail: bool = True) -> Data:
    """An alert that waits to be delivered, to the webhook of these terms and, unless said otherwise, by mail."""
    return {
        **asdict(alert),
        "mail": "waits" if by_mail else "none",
        "webhook": "none" if terms.url is None else "waits",
        "attempts": 0,
        "problem": None,
        "created_at": now,
        "last_attempt_at": None,
        "due_at": now,
        "expires_at": now + KEPT_FOR,
    }
