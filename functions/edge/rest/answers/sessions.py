"""A session in lists of them: a place where somebody is signed in."""

from datetime import datetime

from functions.edge.rest.app import Answer
from functions.farebox.identity import SessionFacts


class SignedInSession(Answer):
    """A place where one is signed in."""

    id: str
    device: str
    address: str
    began_at: datetime
    last_used_at: datetime
    is_current: bool


def show_session(facts: SessionFacts, *, current: str) -> SignedInSession:
    """A session, beside the one that asks, by its id."""
    return SignedInSession(
        id=facts.id,
        device=facts.device,
        address=facts.address,
        began_at=facts.began_at,
        last_used_at=facts.used_at,
        is_current=facts.id == current,
    )
