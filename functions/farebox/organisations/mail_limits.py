"""How many mails of invitations are sent: Farebox is not to mail strangers for whoever makes enough accounts.

- An organisation, and a person over all of theirs, invites so many an hour, and one address so often.
- Organisations that have never paid, which anybody can make by the hundred, share more: what one network sends in an
  hour, what all of them send in a day, and a pause before the next mail to one address, which grows to minutes. Who has
  paid is held up by none of that, so that nobody can keep a customer from inviting somebody.

No other kind of mail is counted here (`identity/guards.py` has those).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from functions.farebox.kit.emails import canonical_email, email_id
from functions.farebox.kit.networks import caller_network
from functions.farebox.ledger.statements import has_paid
from functions.farebox.limits.throttle import Allowance, Attempts, Backoff
from functions.farebox.organisations.acting import Acting
from functions.farebox.storage import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OF_ORGANISATION = Allowance("invite", 50, HOUR)
OF_PERSON = Allowance("inviter", 50, HOUR)
TO_ADDRESS = Allowance("invited", 5, HOUR)
OF_NETWORK = Allowance("invite-network", 50, HOUR)
TO_ADDRESS_BY_ALL = Backoff("invited-by-all", 10, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=6))
EVERYBODY = "all"


class MailLimits:
    """Counts them. `daily_most` is for all organisations together that have never paid."""

    def __init__(self, store: Store, *, daily_most: int, now: Callable[[], datetime]) -> None:
        self._store = store
        self._attempts = Attempts(store, now)
        self._of_day = Allowance("invites", daily_most, DAY)

    async def take(self, acting: Acting, email: str) -> None:
        """Count a mail, before it is sent. Raises `RateLimited`: then it is not counted."""
        org, person, to = acting.org, acting.actor.id, email_id(canonical_email(email))
        senders = dict.fromkeys((org, person))
        counted: list[tuple[Allowance | Backoff, str]] = [(OF_ORGANISATION, org), (OF_PERSON, person)]
        counted += [(TO_ADDRESS, f"{sender}_{to}") for sender in senders]
        if not await has_paid(self._store, org):
            counted += [(self._of_day, EVERYBODY), (TO_ADDRESS_BY_ALL, to)]
            if acting.actor.address:
                counted.append((OF_NETWORK, email_id(caller_network(acting.actor.address))[:32]))
        await self._attempts.take(*counted)
