"""Metering as another gateway sees it."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from functions.farebox.metering.authorizations import Authorizations
from functions.farebox.storage import Store
from tests.support.clients.asgi import refused
from tests.support.clients.management import AS_ADMIN, AS_GATEWAY, done, register
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import Clock

CALLS: dict[str, dict[str, Any]] = {
    "check-budget": {"user_id": "u", "model": "m"},
    "log-usage": {"user_id": "u", "model": "m", "request_id": "r", "cost_total": 0.1},
    "authorize": {"user_id": "u", "model": "m", "request_id": "r", "max_cost_usd": "0.10"},
    "capture": {"request_id": "r", "cost_usd": "0.10"},
    "void": {"request_id": "r"},
}


async def wallet(client: httpx.AsyncClient, uid: str) -> dict[str, Any]:
    user: dict[str, Any] = await done(client.get(f"/api/admin/users/{uid}", headers=AS_ADMIN))
    return {name: user[f"{name}_usd"] for name in ("balance", "reserved", "available")}


def hold(uid: str, amount: str = "0.40", request_id: str = "r1") -> dict[str, str]:
    return {"user_id": uid, "model": "gpt-x", "max_cost_usd": amount, "request_id": request_id}


@pytest.mark.parametrize("call", CALLS)
async def test_metering_takes_the_billing_key_and_nothing_else(call: str, client: httpx.AsyncClient) -> None:
    _, token = await register(client)
    for headers in ({}, {"x-api-key": "wrong"}, {"authorization": f"Bearer {token}"}, AS_ADMIN):
        refused(await client.post(f"/api/{call}", json=CALLS[call], headers=headers), 401, "invalid_api_key")


async def test_a_budget_is_checked_in_numbers(gateway: httpx.AsyncClient, uid: str) -> None:
    body = {"user_id": uid, "model": "gpt-x", "tokens_input": 10, "tokens_output": 20, "cost_estimate": 0.25}
    assert await done(gateway.post("/api/check-budget", json=body)) == {
        "allowed": True,
        "budget": {"total": 1, "used": 0, "remaining": 1},
        "status": "ok",
        "message": "1.00 USD may be spent.",
    }
    dear = await done(gateway.post("/api/check-budget", json={**body, "cost_estimate": 1.01}))
    assert (dear["allowed"], dear["status"]) == (False, "credit_balance_exhausted")
    refused(await gateway.post("/api/check-budget", json={**body, "user_id": "nobody"}), 404, "not_found", "user_id")


async def test_without_an_estimate_the_tokens_count_at_the_models_price_and_the_users_margin(
    gateway: httpx.AsyncClient, uid: str
) -> None:
    body = {"user_id": uid, "model": "dear", "tokens_input": 1_000_000, "tokens_output": 500_000}
    assert (await done(gateway.post("/api/check-budget", json=body)))["allowed"], "it has no price here"
    price = {"input_usd_per_1m": "0.40", "output_usd_per_1m": "1.20"}
    await done(gateway.put("/api/admin/pricing/dear", json=price, headers=AS_ADMIN))
    assert (await done(gateway.post("/api/check-budget", json=body)))["allowed"], "all of the credit, and no more"
    await done(gateway.patch(f"/api/admin/users/{uid}", json={"multiplier": "1.01"}, headers=AS_ADMIN))
    assert (await done(gateway.post("/api/check-budget", json=body)))["status"] == "credit_balance_exhausted"
    assert (await done(gateway.post("/api/check-budget", json={**body, "cost_estimate": 0})))["allowed"]


async def test_a_model_counts_at_the_price_of_the_pattern_that_it_matches(gateway: httpx.AsyncClient, uid: str) -> None:
    price = {"input_usd_per_1m": "2", "output_usd_per_1m": "2"}
    await done(gateway.put("/api/admin/pricing/vendor/*", json=price, headers=AS_ADMIN))
    body = {"user_id": uid, "model": "vendor/dear", "tokens_input": 1_000_000}
    assert (await done(gateway.post("/api/check-budget", json=body)))["status"] == "credit_balance_exhausted"
    assert (await done(gateway.post("/api/check-budget", json={**body, "model": "other/dear"})))["allowed"]


async def test_a_dear_model_by_another_name_counts_at_its_own_price(gateway: httpx.AsyncClient, uid: str) -> None:
    for name, usd in (("vendor/*", "0.1"), ("vendor/dear", "2")):
        price = {"input_usd_per_1m": usd, "output_usd_per_1m": usd}
        await done(gateway.put(f"/api/admin/pricing/{name}", json=price, headers=AS_ADMIN))
    body = {"user_id": uid, "model": "vendor/Dear:nitro", "tokens_input": 1_000_000}
    assert (await done(gateway.post("/api/check-budget", json=body)))["status"] == "credit_balance_exhausted"
    assert (await done(gateway.post("/api/check-budget", json={**body, "model": "vendor/any"})))["allowed"]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"monthly_budget_usd": "0.20"}, "user_budget_exceeded"), ({"status": "suspended"}, "account_suspended")],
)
async def test_a_budget_and_a_suspension_count(
    gateway: httpx.AsyncClient, uid: str, change: dict[str, str], status: str
) -> None:
    await done(gateway.patch(f"/api/admin/users/{uid}", json=change, headers=AS_ADMIN))
    body = {"user_id": uid, "model": "gpt-x", "cost_estimate": 0.25}
    verdict = await done(gateway.post("/api/check-budget", json=body))
    assert (verdict["allowed"], verdict["status"]) == (False, status)
    answer = await gateway.post("/api/authorize", json=hold(uid))
    assert answer.status_code == {"user_budget_exceeded": 402, "account_suspended": 403}[status]
    assert answer.json()["error"]["code"] == status


@pytest.mark.parametrize("span", ["daily", "weekly", "total"])
async def test_a_users_budgets_of_other_spans_hold_for_other_gateways_and_count_what_they_held_and_logged(
    gateway: httpx.AsyncClient, uid: str, sqlite_store: Store, span: str
) -> None:
    await done(gateway.patch(f"/api/admin/users/{uid}", json={f"{span}_budget_usd": "0.50"}, headers=AS_ADMIN))
    logged = {"user_id": uid, "model": "m", "request_id": "l", "cost_total": 0.6}
    await done(gateway.post("/api/authorize", json=hold(uid, "0.30", "r1")))
    await clean_audit(sqlite_store)
    refused(await gateway.post("/api/authorize", json=hold(uid, "0.30", "r2")), 402, "user_budget_exceeded")
    verdict = await done(gateway.post("/api/check-budget", json={"user_id": uid, "model": "m", "cost_estimate": 0.3}))
    assert (verdict["status"], verdict["budget"]["remaining"]) == ("user_budget_exceeded", 0.2)
    await done(gateway.post("/api/capture", json={"request_id": "r1", "cost_usd": "0.10"}))
    await done(gateway.post("/api/authorize", json=hold(uid, "0.30", "r3")))
    await done(gateway.post("/api/void", json={"request_id": "r3"}))
    assert (await done(gateway.post("/api/log-usage", json=logged)))["charged"] == 0.4
    user = await done(gateway.get(f"/api/admin/users/{uid}", headers=AS_ADMIN))
    assert {each["spent_usd"] for each in user["budgets"].values()} == {"0.50"}
    await clean_audit(sqlite_store)


async def test_the_first_that_is_logged_under_a_budget_passes_it_no_more_than_any_other(
    gateway: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    await done(gateway.patch(f"/api/admin/users/{uid}", json={"total_budget_usd": "0.50"}, headers=AS_ADMIN))
    logged = {"user_id": uid, "model": "m", "request_id": "l", "cost_total": 0.6}
    assert (await done(gateway.post("/api/log-usage", json=logged)))["charged"] == 0.5
    await clean_audit(sqlite_store)


async def test_numbers_are_read_and_written_digit_for_digit(gateway: httpx.AsyncClient, uid: str) -> None:
    for number, charged in (("0.123456789", "0.123456789"), ("1e-7", "1E-7"), ("0.0000000001", "1E-9")):
        text = f'{{"user_id": "{uid}", "model": "m", "request_id": "{number}", "cost_total": {number}}}'
        headers = {"content-type": "application/json"}
        answer = await gateway.post("/api/log-usage", content=text, headers=headers)
        assert Decimal(json.loads(answer.text, parse_float=str)["charged"]) == Decimal(charged)
    assert (await wallet(gateway, uid))["balance"] == "0.87654311"


@pytest.mark.parametrize("number", ["-1", '"0.1"', "true", "NaN", "Infinity", "1e400", "1000000000.1", "null", "[]"])
async def test_what_is_no_amount_is_refused(gateway: httpx.AsyncClient, uid: str, number: str) -> None:
    text = f'{{"user_id": "{uid}", "model": "m", "request_id": "r", "cost_total": {number}}}'
    answer = await gateway.post("/api/log-usage", content=text, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert (await wallet(gateway, uid))["balance"] == "1.00"


async def test_usage_is_charged_once_however_often_it_is_logged(
    gateway: httpx.AsyncClient, client: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    body = {"user_id": uid, "model": "gpt-x", "request_id": "r/1", "tokens_input": 10, "tokens_output": 5}
    body = {**body, "cost_total": 0.3, "response_time": 1250}
    answers = await asyncio.gather(*(gateway.post("/api/log-usage", json=body) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].json()["charged"] == 0.3
    assert answers[0].json()["budget"] == {"total": 1, "used": 0.3, "remaining": 0.7}
    other = await gateway.post("/api/log-usage", json={**body, "cost_total": 0.4})
    refused(other, 409, "conflict", "request_id")
    assert await wallet(gateway, uid) == {"balance": "0.70", "reserved": "0.00", "available": "0.70"}
    login = {"email": "ada@example.com", "password": "a long password"}
    token = (await done(client.post("/api/auth/login", json=login)))["token"]
    logs = (await done(client.get("/api/usage/logs", headers={"authorization": f"Bearer {token}"})))["data"]
    [record] = [each for each in logs if each["request_id"] == "r/1"]
    assert (record["request_id"], record["key_id"], record["latency_ms"]) == ("r/1", "metering", 1250)
    assert (record["tokens"]["prompt"], record["charged_usd"]) == (10, "0.30")
    await clean_audit(sqlite_store)


@pytest.mark.parametrize("told", ["-1", "1e400", "NaN", "Infinity", '"fast"', "[]", "{}", "true", "null", "1e12"])
async def test_a_response_time_that_is_none_is_no_reason_to_charge_nothing(
    gateway: httpx.AsyncClient, uid: str, told: str
) -> None:
    text = f'{{"user_id": "{uid}", "model": "m", "request_id": "r", "cost_total": 0.25, "response_time": {told}}}'
    answer = await gateway.post("/api/log-usage", content=text, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json().get("charged")) == (200, 0.25), answer.text


async def test_what_the_credit_does_not_cover_is_a_shortfall_and_never_a_negative_balance(
    gateway: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    body = {"user_id": uid, "model": "m", "request_id": "r", "cost_total": 1.75}
    answer = await done(gateway.post("/api/log-usage", json=body))
    assert (answer["charged"], answer["shortfall"]) == (1, 0.75)
    assert (await wallet(gateway, uid))["balance"] == "0.00"
    await clean_audit(sqlite_store)


async def test_a_hold_is_captured_and_the_rest_let_go(
    gateway: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    first = await done(gateway.post("/api/authorize", json=hold(uid)))
    assert (first["status"], first["held_usd"]) == ("open", "0.40")
    assert await done(gateway.post("/api/authorize", json=hold(uid))) == first
    longer = {**hold(uid), "expires_in_s": 901}
    refused(await gateway.post("/api/authorize", json=longer), 409, "conflict", "request_id")
    assert await wallet(gateway, uid) == {"balance": "1.00", "reserved": "0.40", "available": "0.60"}
    await clean_audit(sqlite_store)
    refused(await gateway.post("/api/authorize", json=hold(uid, "0.50")), 409, "conflict", "request_id")
    body = {"request_id": "r1", "cost_usd": "0.10"}
    captured = await done(gateway.post("/api/capture", json=body))
    assert (captured["status"], captured["charged_usd"]) == ("captured", "0.10")
    assert await done(gateway.post("/api/capture", json=body)) == captured
    refused(await gateway.post("/api/capture", json={**body, "cost_usd": "0.11"}), 409, "conflict", "request_id")
    refused(await gateway.post("/api/void", json={"request_id": "r1"}), 409, "conflict", "request_id")
    assert await wallet(gateway, uid) == {"balance": "0.90", "reserved": "0.00", "available": "0.90"}
    await clean_audit(sqlite_store)


async def test_a_hold_is_voided_once(gateway: httpx.AsyncClient, uid: str) -> None:
    await done(gateway.post("/api/authorize", json=hold(uid)))
    for _ in range(2):
        voided = await done(gateway.post("/api/void", json={"request_id": "r1"}))
        assert (voided["status"], voided["charged_usd"]) == ("voided", "0.00")
    capture = {"request_id": "r1", "cost_usd": "0.10"}
    refused(await gateway.post("/api/capture", json=capture), 409, "conflict", "request_id")
    assert (await wallet(gateway, uid))["available"] == "1.00"
    refused(await gateway.post("/api/void", json={"request_id": "r2"}), 404, "not_found", "request_id")


async def test_a_hold_that_is_over_is_not_answered_as_one(
    gateway: httpx.AsyncClient, uid: str, clock: Clock, sqlite_store: Store
) -> None:
    for request_id in ("captured", "voided", "due", "expired"):
        await done(gateway.post("/api/authorize", json=hold(uid, "0.10", request_id)))
    await done(gateway.post("/api/capture", json={"request_id": "captured", "cost_usd": "0"}))
    captured = await gateway.post("/api/authorize", json=hold(uid, "0.10", "captured"))
    refused(captured, 409, "conflict", "request_id")
    assert "was captured. Ask for another" in captured.json()["error"]["message"]
    await done(gateway.post("/api/void", json={"request_id": "voided"}))
    refused(await gateway.post("/api/authorize", json=hold(uid, "0.10", "voided")), 409, "conflict", "request_id")
    clock.forward(minutes=15)
    refused(await gateway.post("/api/authorize", json=hold(uid, "0.10", "due")), 409, "conflict", "request_id")
    await Authorizations(sqlite_store).expire(clock())
    refused(await gateway.post("/api/authorize", json=hold(uid, "0.10", "expired")), 409, "conflict", "request_id")
    assert (await wallet(gateway, uid))["reserved"] == "0.00"


async def test_more_than_the_hold_comes_from_what_is_free_down_to_zero(
    gateway: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    await done(gateway.post("/api/authorize", json=hold(uid, "0.40")))
    await done(gateway.post("/api/authorize", json=hold(uid, "0.25", "r2")))
    captured = await done(gateway.post("/api/capture", json={"request_id": "r1", "cost_usd": "2.00"}))
    assert (captured["charged_usd"], captured["shortfall_usd"]) == ("0.75", "1.25")
    assert await wallet(gateway, uid) == {"balance": "0.25", "reserved": "0.25", "available": "0.00"}
    await clean_audit(sqlite_store)


async def test_an_expired_hold_is_let_go_by_the_sweep_and_captured_late_all_the_same(
    gateway: httpx.AsyncClient, uid: str, clock: Clock, sqlite_store: Store
) -> None:
    await done(gateway.post("/api/authorize", json=hold(uid)))
    clock.forward(minutes=14, seconds=59)
    assert (await done(gateway.post("/jobs/sweep-leases", headers=AS_ADMIN)))["authorizations"] == 0
    clock.forward(seconds=1)
    assert (await done(gateway.post("/jobs/sweep-leases", headers=AS_ADMIN)))["authorizations"] == 1
    assert (await done(gateway.post("/jobs/sweep-leases", headers=AS_ADMIN)))["authorizations"] == 0
    assert await wallet(gateway, uid) == {"balance": "1.00", "reserved": "0.00", "available": "1.00"}
    captured = await done(gateway.post("/api/capture", json={"request_id": "r1", "cost_usd": "0.10"}))
    assert (captured["status"], captured["charged_usd"]) == ("captured", "0.10")
    assert (await wallet(gateway, uid))["balance"] == "0.90"
    await clean_audit(sqlite_store)


async def test_logged_usage_of_a_held_request_captures_its_hold(
    gateway: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    await done(gateway.post("/api/authorize", json=hold(uid)))
    body = {"user_id": uid, "model": "gpt-x", "request_id": "r1", "cost_total": 0.1}
    await done(gateway.post("/api/log-usage", json=body))
    assert await wallet(gateway, uid) == {"balance": "0.90", "reserved": "0.00", "available": "0.90"}
    await clean_audit(sqlite_store)


async def test_tokens_are_priced_by_the_list(gateway: httpx.AsyncClient, uid: str) -> None:
    price = {"input_usd_per_1m": "1000", "output_usd_per_1m": "3000"}
    await done(gateway.put("/api/admin/pricing/gpt-x", json=price, headers=AS_ADMIN))
    await done(gateway.post("/api/authorize", json=hold(uid)))
    usage = {"prompt_tokens": 7, "completion_tokens": 11}
    captured = await done(gateway.post("/api/capture", json={"request_id": "r1", "usage": usage}))
    assert captured["charged_usd"] == "0.04"
    await done(gateway.patch(f"/api/admin/users/{uid}", json={"multiplier": "1.5"}, headers=AS_ADMIN))
    await done(gateway.post("/api/authorize", json=hold(uid, request_id="r2")))
    dearer = await done(gateway.post("/api/capture", json={"request_id": "r2", "usage": usage}))
    assert dearer["charged_usd"] == "0.06"
    stats = await done(gateway.get("/api/admin/stats", headers=AS_ADMIN))
    assert (stats["totals"]["cost_usd"], stats["totals"]["margin_usd"]) == ("0.10", "0.02")
    # Sent again it answers the same, whatever has become of its price, the user's multiplier and the model.
    again = {"request_id": "r1", "usage": usage}
    assert await done(gateway.post("/api/capture", json=again)) == captured
    await done(gateway.put("/api/admin/pricing/gpt-x", json={**price, "input_usd_per_1m": "1500"}, headers=AS_ADMIN))
    assert await done(gateway.post("/api/capture", json=again)) == captured
    other = {"request_id": "r1", "usage": {**usage, "prompt_tokens": 8}}
    refused(await gateway.post("/api/capture", json=other), 409, "conflict", "request_id")
    await done(gateway.post("/api/authorize", json=hold(uid, request_id="r3")))
    await done(gateway.post("/api/capture", json={"request_id": "r3", "cost_usd": "0.01"}))
    nothing = {"request_id": "r3", "usage": {"prompt_tokens": 0}}
    refused(await gateway.post("/api/capture", json=nothing), 409, "conflict", "request_id")
    await done(gateway.post("/api/authorize", json=hold(uid, request_id="r4")))
    await done(gateway.post("/api/void", json={"request_id": "r4"}))
    await done(gateway.delete("/api/admin/pricing/gpt-x", headers=AS_ADMIN))
    assert await done(gateway.post("/api/capture", json=again)) == captured
    voided = {"request_id": "r4", "usage": usage}
    refused(await gateway.post("/api/capture", json=voided), 409, "conflict", "request_id")
    both = {"request_id": "r1", "usage": usage, "cost_usd": "1"}
    refused(await gateway.post("/api/capture", json=both), 400, "invalid_body", "cost_usd")


async def test_a_report_that_is_refused_is_booked_once_as_the_loss_that_it_is(
    gateway: httpx.AsyncClient, uid: str, sqlite_store: Store
) -> None:
    async def losses() -> tuple[str, str]:
        totals = (await done(gateway.get("/api/admin/stats", headers=AS_ADMIN)))["totals"]
        return totals["shortfall_usd"], totals["cost_usd"]

    logged = {"user_id": uid, "model": "m", "request_id": "r", "cost_total": 0.1, "response_time": 5}
    await done(gateway.post("/api/log-usage", json=logged))
    assert await losses() == ("0.00", "0.10")
    other: dict[str, Any]
    for other in ({"cost_total": 0.4}, {"cost_total": 0.4, "response_time": 6}, {"model": "n", "cost_total": 0.2}):
        for _ in range(2):  # it is told until it is heard
            refused(await gateway.post("/api/log-usage", json={**logged, **other}), 409, "conflict", "request_id")
    assert await losses() == ("1.00", "0.10")
    unknown = await gateway.post("/api/log-usage", json={**logged, "user_id": "nobody"})
    refused(unknown, 409, "conflict", "request_id")
    assert await losses() == ("1.00", "0.10")
    price = {"input_usd_per_1m": "1000", "output_usd_per_1m": "3000"}
    await done(gateway.put("/api/admin/pricing/gpt-x", json=price, headers=AS_ADMIN))
    await done(gateway.post("/api/authorize", json=hold(uid)))
    await done(gateway.post("/api/void", json={"request_id": "r1"}))
    for cost in ({"cost_usd": "0.25"}, {"usage": {"prompt_tokens": 50}}):
        for _ in range(2):
            body = {"request_id": "r1", **cost}
            refused(await gateway.post("/api/capture", json=body), 409, "conflict", "request_id")
    assert await losses() == ("1.30", "0.10")
    assert (await wallet(gateway, uid))["balance"] == "0.90"
    await clean_audit(sqlite_store)


async def test_a_metered_request_has_a_receipt_too(client: httpx.AsyncClient) -> None:
    uid, token = await register(client)
    usage = {"user_id": uid, "model": "gpt-x", "request_id": "r1", "cost_total": 0.25}
    await done(client.post("/api/log-usage", json=usage, headers=AS_GATEWAY))
    receipt = await done(client.get("/api/usage/receipts/r1", headers={"authorization": f"Bearer {token}"}))
    assert (receipt["usage_source"], receipt["charged_usd"]) == ("reported", "0.25")
