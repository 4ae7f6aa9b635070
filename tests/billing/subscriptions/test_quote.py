"""What a change of plan is estimated to cost where the provider does not say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.farebox.accounts.plans import BUILTIN
from functions.farebox.billing.provider import PlanChange, Quote
from functions.farebox.billing.subscriptions.quote import estimate
from functions.farebox.billing.subscriptions.record import Subscription
from tests.support.money.payment_events import USD

NOW = datetime(2026, 11, 16, tzinfo=UTC)
RENEWS = datetime(2026, 12, 1, tzinfo=UTC)  # half of the month is left
LITE, PRO = replace(BUILTIN[0], price=5 * USD), replace(BUILTIN[1], yearly_price=500 * USD)
OWN = Subscription("s", "starter", "active", NOW, NOW, RENEWS, provider="creem", seats=2, price=10 * USD)
TRIAL = replace(OWN, status="trialing", trial_ends_at=NOW + timedelta(days=4))
CANCELLED = replace(OWN, renews_at=None, ends_at=RENEWS)
LAPSED = replace(OWN, renews_at=NOW - timedelta(days=1))
AFTER = RENEWS + timedelta(days=100)
YEAR = replace(OWN, months=12, price=100 * USD, renews_at=datetime(2027, 11, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("current", "change", "quote"),
    [
        (OWN, PlanChange("s", PRO, 2), Quote(40 * USD, None, 100 * USD, RENEWS)),
        (OWN, PlanChange("s", BUILTIN[0], 3), Quote(5 * USD, None, 30 * USD, RENEWS)),
        (OWN, PlanChange("s", LITE, 2), Quote(0, RENEWS, 10 * USD, RENEWS)),
        (OWN, PlanChange("s", BUILTIN[0], 1), Quote(0, RENEWS, 10 * USD, RENEWS)),
        (OWN, PlanChange("s", PRO, 2, True), Quote(990 * USD, None, 1000 * USD, datetime(2027, 11, 16, tzinfo=UTC))),
        (YEAR, PlanChange("s", PRO, 2), Quote(0, YEAR.renews_at, 100 * USD, YEAR.renews_at)),
        (TRIAL, PlanChange("s", PRO), Quote(0, None, 50 * USD, TRIAL.trial_ends_at)),
        (replace(OWN, currency="eur"), PlanChange("s", PRO), Quote(None, None, 50 * USD, RENEWS)),
        (replace(OWN, price=None), PlanChange("s", PRO), Quote(None, None, 50 * USD, RENEWS)),
        (
            replace(OWN, ends_at=AFTER),
            PlanChange("s", PRO, 2),
            Quote(40 * USD, None, 100 * USD, RENEWS, ends_at=AFTER),
        ),
        (LAPSED, PlanChange("s", PRO, 2), Quote(0, None, 100 * USD, LAPSED.renews_at)),
        (CANCELLED, PlanChange("s", PRO, 2), Quote(40 * USD, None, 100 * USD, None, ends_at=RENEWS)),
        (replace(OWN, ends_at=RENEWS), PlanChange("s", LITE), Quote(0, RENEWS, 5 * USD, None, ends_at=RENEWS)),
        (CANCELLED, PlanChange("s", PRO, 2, True), Quote(990 * USD, None, 1000 * USD, None, ends_at=YEAR.renews_at)),
        (
            replace(TRIAL, ends_at=RENEWS),
            PlanChange("s", PRO),
            Quote(0, None, 50 * USD, None, ends_at=TRIAL.trial_ends_at),
        ),
    ],
)
def test_an_estimate_takes_the_provider_to_do_what_is_usual(
    current: Subscription, change: PlanChange, quote: Quote
) -> None:
    assert estimate(current, change, NOW) == replace(quote, is_estimate=True)
