"""What operators see of payments: those that are nobody's, and each user's with receipts, invoices and subscription."""

import httpx

from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.events import PaymentEvent, Unmatched
from functions.farebox.billing.packages import CENT
from functions.farebox.storage import Store
from tests.support.clients.asgi import client_of, refused
from tests.support.clients.sandbox_browser import subscribe, uid_of
from tests.support.product.app import surface_over
from tests.support.product.runtime import START, Clock, runtime_over

ADMIN = {"x-admin-key": "an admin key of the tests"}


def as_admin(store: Store, url: str) -> httpx.AsyncClient:
    runtime = runtime_over(store, url, Clock(), ADMIN_SECRET_KEY=ADMIN["x-admin-key"])
    client = client_of(surface_over(runtime))
    client.headers.update(ADMIN)
    return client


async def test_cases_are_listed_with_their_amounts_in_any_currency_and_closed_once(
    sqlite_store: Store, sqlite_url: str
) -> None:
    for number, currency in enumerate(("usd", "eur", "jpy")):
        fact = Unmatched("not_ours", f"pi_{number}", amount=700 * CENT, currency=currency, is_payment=True)
        await apply_event(sqlite_store, PaymentEvent("stripe", f"evt_{number}", "charge.succeeded", fact), START)
    async with as_admin(sqlite_store, sqlite_url) as admin:
        listed = (await admin.get("/api/admin/payments/unmatched?limit=2")).json()
        rest = await admin.get("/api/admin/payments/unmatched", params={"cursor": listed["next_cursor"]})
        cases = [*listed["data"], *rest.json()["data"]]
        assert {(case["currency"], case["amount"], case["reason"]) for case in cases} == {
            ("usd", "7.00", "not_ours"),
            ("eur", "7.00", "not_ours"),
            ("jpy", "700.00", "not_ours"),
        }
        path = f"/api/admin/payments/unmatched/{cases[0]['id']}"
        assert (await admin.delete(path)).json()["about"] == cases[0]["about"]
        refused(await admin.delete(path), 404, "not_found", "id")
        left = (await admin.get("/api/admin/payments/unmatched")).json()["data"]
        assert len(left) == 2
        [entry] = (await admin.get("/api/admin/audit?action=payments.close")).json()["data"]
        assert entry["before"]["about"] == cases[0]["about"]


async def test_a_users_payments_and_subscription_are_shown(
    client: httpx.AsyncClient, sqlite_store: Store, sqlite_url: str
) -> None:
    uid = await uid_of(client)
    await subscribe(client, "starter", seats=2)
    async with as_admin(sqlite_store, sqlite_url) as admin:
        [payment] = (await admin.get(f"/api/admin/users/{uid}/payments")).json()["data"]
        assert payment == (await client.get("/api/wallet/payments")).json()["data"][0]
        billing = (await admin.get(f"/api/admin/users/{uid}/billing")).json()
        assert billing["subscription"] == (await client.get("/api/wallet")).json()["subscription"]
        assert (billing["subscription"]["plan"], billing["subscription"]["seats"]) == ("starter", 2)
        refused(await admin.get("/api/admin/users/nobody/billing"), 404, "not_found", "user_id")
