"""Which of the things that a subscription sells is the plan's, and which is sold beside it: support, say, or a fee.

Where plans name what they are called at the provider, the one that a plan names is the plan's, whatever its place. One
that none names is the plan's only where no other can be: it was sold before plans named theirs, or at a price that was
replaced since, which its subscription was heard to have.
"""

from collections.abc import Collection, Sequence

from functions.farebox.billing.sale import Line


def place_of_plan(products: Sequence[str | None], names: frozenset[str]) -> int:
    """Which of a subscription's items, by their products, is the plan's: the first that a plan names, or else the
    first. `names` are the plans' at the provider."""
    return next((place for place, product in enumerate(products) if product in names), 0)


def plans_lines(
    lines: Sequence[Line],
    names: frozenset[str],
    heard: Collection[str],
    beside: Collection[str],
    *,
    is_first_named: bool,
) -> Sequence[Line]:
    """The lines of an invoice that are the plan's, for a whole period or a part of one. `heard` are the products that
    its subscription was heard to have as the plan's, `beside` those that it was heard to sell beside it;
    `is_first_named` says whether the plan that was subscribed to at first names its own: else a line that nobody knows
    may be that one's."""
    own = [line for line in lines if line.product in names or line.product in heard]
    lines = [line for line in lines if line in own or line.product not in beside]
    if not is_first_named and names.issuperset(heard):
        is_whole = any(not line.is_proration for line in own)
        return [line for line in lines if line.is_proration or not is_whole or line in own]
    if own:
        return own
    return lines if names.isdisjoint(heard) else [line for line in lines if line.product is None]
