"""Metadata of a sale, written on the provider's objects: all that its events can tell of what was sold."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.farebox.billing.events import Sale, SaleKind

USER, KIND, CREDIT, BONUS, REFERENCE = (
    "farebox_user",
    "farebox_kind",
    "farebox_credit_nanos",
    "farebox_bonus_nanos",
    "farebox_reference",
)


class UnexpectedEvent(Exception):
    """An event about a payment of ours that is not as we made it. Nothing is applied; the provider sends it again."""


def sale_metadata(sale: Sale) -> dict[str, str]:
    """A sale as metadata. What was paid for it, tax included, is the event's to say."""
    return {
        USER: sale.user,
        KIND: sale.kind,
        CREDIT: str(sale.credit),
        BONUS: str(sale.bonus),
        REFERENCE: sale.reference,
    }


def paid_topup(metadata: Mapping[str, Any], kind: SaleKind, total: int) -> Sale:
    """A top-up by its metadata, for which `total` nano-USD were paid, tax included.

    The credit is before tax, and never more than was paid. Where less was paid than it was to cost (a discount that
    the provider's page took), the bonus shrinks in proportion: it was promised for the whole.
    """
    wanted, bonus = int(metadata[CREDIT]), int(metadata[BONUS])
    if wanted <= 0 or bonus < 0:
        raise UnexpectedEvent(f"a top-up of {wanted} nano-USD with a bonus of {bonus}")
    credit = min(wanted, total)
    return Sale(metadata[USER], kind, credit, bonus * credit // wanted, total, metadata.get(REFERENCE, ""))


def paid_month(metadata: Mapping[str, Any], total: int, expires_at: datetime) -> Sale:
    """A month of a plan by its subscription's metadata, for which `total` nano-USD were paid, tax included. Its credit
    lapses when the month does."""
    return Sale(
        user=metadata[USER],
        kind="plan",
        credit=int(metadata[CREDIT]),
        bonus=0,
        total=total,
        reference=metadata[REFERENCE],
        credit_expires_at=expires_at,
    )
