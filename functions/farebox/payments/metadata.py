"""What was sold, written on the provider's objects so that their events tell it: the provider's only word about it."""

from functions.farebox.payments.facts import Sale

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
