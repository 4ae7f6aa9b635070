"""Auto-recharge with Stripe: an attempt whose answer was lost is charged once, whatever becomes of its card."""

import httpx
import pytest

from functions.farebox.billing.payer import billing_path, read_payer
from functions.farebox.billing.provider import ProviderFailed
from functions.farebox.billing.recharge_job import Recharged, run_auto_recharge
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.payments.stripe.provider import StripePayments
from functions.farebox.storage import Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.management import done
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import USD
from tests.support.product.runtime import Clock
from tests.support.stand_ins.stripe_server import StripeStandIn

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the library's, of its client


async def run(runtime: Runtime) -> Recharged:
    store, payments = await runtime.store(), await runtime.payments()
    return await run_auto_recharge(store, payments, daily_max=100 * USD, now=runtime.now, ids=runtime.ids)


@pytest.mark.parametrize("becomes", ["removed", "another"])
@pytest.mark.parametrize("later", ["minutes", "a day", "minutes, begun by a version that noted no card"])
async def test_money_that_was_taken_is_credited_once_though_the_answer_was_lost_and_the_card_is(
    client: httpx.AsyncClient,
    stripe: StripeStandIn,
    runtime: Runtime,
    sqlite_store: Store,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    becomes: str,
    later: str,
) -> None:
    uid = str((await client.get("/api/auth/me")).json()["id"])
    session = (await client.post("/api/wallet/checkout", json={"amount_usd": "10"})).json()["session_id"]
    stripe.pay(session)
    await stripe.send(client)
    wish = {"enabled": True, "threshold_usd": "5", "amount_usd": "50"}
    await done(client.put("/api/wallet/auto-recharge", json=wish))
    await post(sqlite_store, uid, runtime.now(), Posting("use_1", "usage", -6 * USD, "1 request"))
    with monkeypatch.context() as patch:

        def lose(_self: StripePayments, _charge: object, _intent: object) -> None:
            raise ProviderFailed("The answer was lost.")

        patch.setattr(StripePayments, "_outcome", lose)
        assert await run(runtime) == Recharged(considered=1, pending=1)
    [card] = stripe.of_kind("payment_method")
    if becomes == "removed":
        card["customer"] = None
    else:
        stripe.save_card(card["customer"])
    if later == "minutes, begun by a version that noted no card":
        await sqlite_store.write(Update(billing_path(uid), {"charging": None}))
    clock.forward(**{"hours": 21} if later == "a day" else {"minutes": 3})
    assert await run(runtime) == Recharged(considered=1, paid=1)
    charged = [each for each in stripe.of_kind("payment_intent") if each["amount"] == 5000]
    assert len(charged) == 1
    assert (await wallet_of(sqlite_store, uid)).balance == 54 * USD
    recharge = (await read_payer(sqlite_store, uid)).recharge
    assert (recharge.attempt, recharge.day_amount, recharge.enabled) == (None, 50 * USD, True)
