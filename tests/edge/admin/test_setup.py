"""The map of what is set up: each part as it stands, with nothing secret in it."""

import httpx

from functions.farebox.admin.setup import look_at_variables
from functions.farebox.jobs.schedule import JOBS
from functions.farebox.storage import Set, Store
from tests.support.clients.management import ADMIN_KEY, done
from tests.support.product.runtime import START, Clock, config_with


async def states(admin: httpx.AsyncClient) -> dict[str, str]:
    answer = await done(admin.get("/api/admin/setup"))
    return {each["part"]: each["state"] for each in answer["data"]}


async def test_a_fresh_checkout_lacks_what_production_needs_until_it_is_set_up(
    admin: httpx.AsyncClient, sqlite_store: Store, clock: Clock
) -> None:
    found = await states(admin)
    assert {part for part, state in found.items() if state == "missing"} == {"address", "payments", "upstreams", "jobs"}
    real = {"id": "real", "base_url": "https://up.example.com/v1", "models": {"echo": "echo", "new": "new"}}
    await done(admin.post("/api/admin/upstreams", json=real))
    for name in JOBS:
        await sqlite_store.write(Set(f"jobs/{name}", {"ran_at": START, "done": {}}))
    found = await states(admin)
    assert (found["upstreams"], found["jobs"], found["prices"]) == ("ready", "ready", "weak")
    clock.forward(days=400)
    assert (await states(admin))["jobs"] == "missing"


def test_a_production_configuration_is_ready_and_tells_no_secret() -> None:
    secrets = {"STRIPE_API_KEY": "sk_live_of_the_tests", "STRIPE_WEBHOOK_SECRET": "whsec_of_the_tests"}
    variables = {
        "FAREBOX_STORE": "firestore://acme/farebox",
        "FAREBOX_PUBLIC_URL": "https://farebox.example.com",
        "FAREBOX_PAYMENTS": "stripe",
        "FAREBOX_ADMIN_SECOND_FACTOR": "required",
        "FAREBOX_SUPPORT_EMAIL": "help@example.com",
        "FAREBOX_TELEMETRY": "google",
        "ADMIN_SECRET_KEY": ADMIN_KEY,
    }
    found = list(look_at_variables(config_with({**variables, **secrets})))
    assert {each.state for each in found} == {"ready"}
    assert not any(secret in repr(found) for secret in (*secrets.values(), ADMIN_KEY))
    [payments] = [each for each in look_at_variables(config_with(variables)) if each.part == "payments"]
    assert payments.state == "missing"
