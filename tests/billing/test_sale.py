"""Amounts of other currencies, as they are shown."""

import pytest

from functions.farebox.billing.packages import CENT
from functions.farebox.billing.sale import in_units
from functions.farebox.kit.money import format_usd


@pytest.mark.parametrize(
    ("counted", "currency", "shown"),
    [
        (1500, "usd", "15.00"),
        (1500, "eur", "15.00"),
        (1500, "jpy", "1500.00"),
        (1500, "kwd", "1.50"),
        (1500, None, "15.00"),
    ],
)
def test_an_amount_is_shown_in_units_whatever_a_provider_counts_in(
    counted: int, currency: str | None, shown: str
) -> None:
    assert format_usd(in_units(counted * CENT, currency)) == shown
