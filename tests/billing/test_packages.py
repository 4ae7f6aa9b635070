import pytest

from functions.farebox.billing.packages import Package
from functions.farebox.errors import BadConfig
from functions.farebox.kit.money import NANOS_PER_USD
from tests.support.product.runtime import config_with

USD = NANOS_PER_USD


def test_packages_and_bounds_come_from_the_environment() -> None:
    packages = '[{"id": "one", "amount_usd": 20, "bonus_usd": "0.5"}, {"id": "two", "amount_usd": 30.25}]'
    shop = config_with({"FAREBOX_PACKAGES": packages, "FAREBOX_TOPUP_MIN_USD": "1", "FAREBOX_TOPUP_MAX_USD": "2"}).shop
    assert shop.packages == (Package("one", 20 * USD, USD // 2), Package("two", 3025 * USD // 100, 0))
    assert (shop.least, shop.most) == (USD, 2 * USD)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FAREBOX_PACKAGES", '[{"amount_usd": 1}]'),
        ("FAREBOX_PACKAGES", '[{"id": "a", "amount_usd": 1}, {"id": "a", "amount_usd": 2}]'),
        ("FAREBOX_PACKAGES", '[{"id": "a", "amount_usd": 0.001}]'),
        ("FAREBOX_PACKAGES", '[{"id": "a", "amount_usd": -1}]'),
        ("FAREBOX_PACKAGES", '[{"id": "a", "amount_usd": 1, "bonus_usd": "-1"}]'),
        ("FAREBOX_PACKAGES", '[{"id": "a", "amount_usd": true}]'),
        ("FAREBOX_PACKAGES", '[{"id": "a", "amount_usd": 1, "bonos_usd": 1}]'),
        ("FAREBOX_PACKAGES", '["a"]'),
        ("FAREBOX_TOPUP_MIN_USD", "0"),
        ("FAREBOX_TOPUP_MIN_USD", "1001"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused_at_the_start(name: str, value: str) -> None:
    with pytest.raises(BadConfig, match=name):
        config_with({name: value})
