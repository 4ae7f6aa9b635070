"""Metadata of a sale, written on the provider's objects: all that its events can tell of what was sold."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.billing.sale import USD, Sale, SaleKind

USER, KIND, CREDIT, BONUS, REFERENCE = (
    "farebox_user",
    "farebox_kind",
    "farebox_credit_nanos",
    "farebox_bonus_nanos",
    "farebox_reference",
)
CREDIT_DAYS, BONUS_DAYS = "farebox_credit_days", "farebox_bonus_days"


class UnexpectedEvent(Exception):
    """An event about a payment of ours that is not as we made it. Nothing is applied; an operator is told."""


def sale_metadata(sale: Sale) -> dict[str, str]:
    """A sale as metadata. What was paid for it, tax included, is the event's to say."""
    days = {CREDIT_DAYS: sale.credit_days, BONUS_DAYS: sale.bonus_days}
    return {
        USER: sale.user,
        KIND: sale.kind,
        CREDIT: str(sale.credit),
        BONUS: str(sale.bonus),
        REFERENCE: sale.reference,
        **{name: str(value) for name, value in days.items() if value is not None},
    }


def is_ours(told: Mapping[str, Any]) -> bool:
    """Whether an object bears our metadata."""
    return USER in (told.get("metadata") or {})


def wanted_credit(metadata: Mapping[str, Any]) -> int:
    """What a top-up is to credit, in nano-USD: its price, too. Raises `UnexpectedEvent`."""
    wanted = int(metadata[CREDIT])
    if wanted <= 0 or int(metadata[BONUS]) < 0:
        raise UnexpectedEvent(f"a top-up of {wanted} nano-USD with a bonus of {metadata[BONUS]}")
    return wanted


def paid_topup(metadata: Mapping[str, Any], kind: SaleKind, net: int, total: int, currency: str = USD) -> Sale:
    """A top-up by its metadata. `net` nano-USD of its price were paid, before tax and less discount; `total` with tax,
    in its currency.

    The credit is what was paid, and never more than was wanted. Where less was paid than it was to cost, the bonus
    shrinks in proportion: it was promised for the whole.
    """
    wanted = wanted_credit(metadata)
    credit = max(0, min(wanted, net))
    return Sale(
        user=metadata[USER],
        kind=kind,
        credit=credit,
        bonus=int(metadata[BONUS]) * credit // wanted,
        total=total,
        reference=metadata.get(REFERENCE, ""),
        currency=currency,
        credit_days=_days(metadata, CREDIT_DAYS),
        bonus_days=_days(metadata, BONUS_DAYS),
    )


def _days(metadata: Mapping[str, Any], name: str) -> int | None:
    return int(metadata[name]) if metadata.get(name) else None
