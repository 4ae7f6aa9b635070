"""What requests cost: scenarios 22 to 25. The amounts expected here are worked out by hand, in nano-USD."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from functions.farebox.kit.money import parse_usd
from functions.farebox.pricing.bill import recompute
from tests.scenarios.shop import MESSAGES, Shop, usage
from tests.support.clients.asgi import error_of
from tests.support.clients.streams import told_by, wanting
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.stand_ins.upstream import Reply, completion, status, stream

pytestmark = pytest.mark.asyncio(loop_scope="module")

# 3,000 nano-USD an input token, 300 a cached one, and so on.
EVERY_CLASS = {
    "input_usd_per_1m": "3.00",
    "cached_input_usd_per_1m": "0.30",
    "cache_write_usd_per_1m": "3.75",
    "audio_input_usd_per_1m": "40.00",
    "output_usd_per_1m": "15.00",
    "reasoning_usd_per_1m": "12.00",
    "audio_output_usd_per_1m": "80.00",
}
TWO_CLASSES = {"input_usd_per_1m": "3.00", "output_usd_per_1m": "15.00"}
MODELS: dict[str, dict[str, str] | None] = {
    "every-class": EVERY_CLASS,
    "two-classes": TWO_CLASSES,
    "choices": TWO_CLASSES,
    "unpriced": None,
    "fallback": TWO_CLASSES,
    "penny": {"input_usd_per_1m": "0", "output_usd_per_1m": "0", "request_usd": "0.0000001"},
    "crumb": {"input_usd_per_1m": "0.0000001", "output_usd_per_1m": "0"},
    "hostile-client": TWO_CLASSES,
    "hostile-upstream": TWO_CLASSES,
}
CREDIT = 1_000_000_000


GOLDEN = {
    "no class": ("every-class", usage(1000, 100), 1000 * 3000 + 100 * 15_000),
    "cached": ("every-class", usage(1000, 100, cached_tokens=900), 100 * 3000 + 900 * 300 + 100 * 15_000),
    "all cached": ("every-class", usage(1000, 0, cached_tokens=1000), 1000 * 300),
    "cache write": (
        "every-class",
        usage(1000, 0, cached_tokens=300, cache_write_tokens=600),
        100 * 3000 + 300 * 300 + 600 * 3750,
    ),
    "reasoning": ("every-class", usage(10, 500, out_reasoning_tokens=400), 10 * 3000 + 100 * 15_000 + 400 * 12_000),
    "reasoning beside the completion": (
        "every-class",
        usage(10, 100, total=410, out_reasoning_tokens=300),
        10 * 3000 + 100 * 15_000 + 300 * 12_000,
    ),
    "audio": (
        "every-class",
        usage(250, 130, audio_tokens=200, out_audio_tokens=100),
        50 * 3000 + 200 * 40_000 + 30 * 15_000 + 100 * 80_000,
    ),
    "classes without a price of their own": (
        "two-classes",
        usage(1000, 500, cached_tokens=900, audio_tokens=50, out_reasoning_tokens=400),
        1000 * 3000 + 500 * 15_000,
    ),
}


def replying(report: Any, *, streamed: bool) -> Reply:
    return stream(usage=report) if streamed else completion(usage=report)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("case", GOLDEN)
async def test_every_class_of_tokens_is_charged_once_at_its_own_price(shop: Shop, case: str, streamed: bool) -> None:
    model, report, cost = GOLDEN[case]
    shop.lanes[model].upstream.script(replying(report, streamed=streamed))
    customer = await shop.customer()
    answer = await shop.ask(customer, model, **wanting(streamed=streamed))
    assert told_by(answer) == (cost, CREDIT - cost)
    receipt = await shop.receipt(customer, answer)
    assert recompute(receipt["bill"]) == cost
    assert sum(line["count"] for line in receipt["bill"]["lines"]) == report["total_tokens"]
    assert (await books_of(shop.store, customer.uid)).usage == [-cost]


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
async def test_choices_are_held_for_each_and_charged_as_reported_together(shop: Shop, streamed: bool) -> None:
    lane = shop.lanes["choices"]
    report = usage(10, 4 * 25)
    lane.upstream.script(stream(usage=report, n=4) if streamed else completion(usage=report, n=4))
    customer = await shop.customer()
    answer = await shop.ask(customer, lane.model, n=4, max_tokens=50, **wanting(streamed=streamed))
    assert told_by(answer)[0] == 10 * 3000 + 100 * 15_000
    sent = lane.upstream.last.json
    assert (sent["n"], sent["max_tokens"]) == (4, 50)
    held = parse_usd((await shop.receipt(customer, answer))["held_usd"])
    assert held >= 4 * 50 * 15_000


async def test_a_model_without_a_price_is_refused_before_any_upstream_is_called(shop: Shop) -> None:
    lane = shop.lanes["unpriced"]
    customer = await shop.customer()
    headers = customer.bearer
    embedding = {"model": lane.model, "input": "Hello"}
    for answer in (
        await shop.ask(customer, lane.model),
        await shop.ask(customer, lane.model, stream=True),
        await shop.client.post("/v1/embeddings", json=embedding, headers=headers),
        await shop.client.get(f"/v1/models/{lane.model}", headers=headers),
    ):
        assert (answer.status_code, error_of(answer)["code"]) == (404, "model_not_found")
    listed = (await shop.client.get("/v1/models", headers=headers)).json()["data"]
    assert {model["id"] for model in listed} == MODELS.keys() - {lane.model}
    assert lane.upstream.requests == lane.spare.requests == []
    books = await books_of(shop.store, customer.uid)
    assert (books.balance, books.records) == (CREDIT, [])


async def test_a_fallback_is_charged_for_what_it_used_and_the_failed_attempt_for_nothing(shop: Shop) -> None:
    lane = shop.lanes["fallback"]
    lane.upstream.script(status(500, error={"usage": usage(9000, 9000)}))
    lane.spare.script(completion(usage=usage(20, 4)))
    customer = await shop.customer()
    answer = await shop.ask(customer, lane.model)
    assert told_by(answer)[0] == 20 * 3000 + 4 * 15_000
    receipt = await shop.receipt(customer, answer)
    assert (receipt["upstream"], receipt["model"], receipt["bill"]["model"]) == (lane.ids[1], lane.model, lane.model)
    assert [attempt["outcome"] for attempt in receipt["attempts"]] == ["failed", "answered"]


@pytest.mark.parametrize(("model", "each"), [("penny", 100), ("crumb", 1)])
async def test_the_smallest_charges_add_up_to_the_nano(shop: Shop, model: str, each: int) -> None:
    """A million calls at this price come to $0.10: 100 nano-USD each, none lost and none rounded away. A price of
    less than a nano-USD a call is rounded up to one, and not down to a gift."""
    customer = await shop.customer("0.00001")
    answers = await asyncio.gather(*(shop.ask(customer, model) for _ in range(100)))
    assert {told_by(answer)[0] for answer in answers} == {each}
    books = await books_of(shop.store, customer.uid)
    assert sum(books.usage) == -100 * each
    if model == "penny":
        assert books.balance == 0
        assert (await shop.ask(customer, model)).status_code == 402


REPORTS: dict[str, Any] = {
    "negative": usage(-1000, -1000),
    "negative completion": usage(10, -1_000_000),
    "negative total": usage(10, 10, total=-1_000_000),
    "negative classes": usage(10, 10, cached_tokens=-5000, out_reasoning_tokens=-5000),
    "classes beyond their total": usage(10, 10, cached_tokens=5000, audio_tokens=5000, out_reasoning_tokens=5000),
    "absurd": usage(2**62, 2**61),
    "fractions": usage(10, 10) | {"prompt_tokens": -0.5, "completion_tokens": 1e99},
    "texts": usage(10, 10) | {"prompt_tokens": "-10", "completion_tokens": "10"},
    "truths": usage(10, 10) | {"prompt_tokens": True, "completion_tokens": False},
    "nulls": dict.fromkeys(usage(0, 0)),
    "a list": [-1000],
    "a cost": {"cost": -1, "cost_usd": "-1", "prompt_tokens": 10, "completion_tokens": 10},
}


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
async def test_nothing_that_an_upstream_reports_raises_a_balance(shop: Shop, streamed: bool) -> None:
    lane = shop.lanes["hostile-upstream"]
    customer = await shop.customer()
    balances = [CREDIT]
    for name, report in REPORTS.items():
        lane.upstream.script(replying(report, streamed=streamed))
        answer = await shop.ask(customer, lane.model, **wanting(streamed=streamed))
        assert answer.status_code == 200, (name, answer.text)
        cost, balance = told_by(answer)
        assert balance == balances[-1] - cost, name
        balances.append(balance)
    await only_spent(shop, customer, balances)


HOSTILE: list[dict[str, Any]] = [
    {"n": -4}, {"n": 0}, {"n": True}, {"n": "4"}, {"n": 1.5}, {"n": 10**9}, {"n": -(2**63)},
    {"max_tokens": -1000}, {"max_tokens": 0}, {"max_tokens": 10**12}, {"max_tokens": -0.5}, {"max_tokens": True},
    {"max_completion_tokens": -1000}, {"max_tokens": 10, "max_completion_tokens": -10},
    {"messages": []}, {"messages": None}, {"messages": [None]}, {"messages": "Hello"}, {"stream": "yes"},
    {"usage": usage(-1000, -1000)}, {"cost": -1}, {"farebox": {"cost_usd": "-1"}}, {"price": {"input": -1}},
    {"input_usd_per_1m": "-1"}, {"service_tier": "free"}, {"user": "admin", "metadata": {"balance": 10**9}},
    {"stream_options": {"include_usage": "no"}}, {"temperature": -(10**30)}, {"logit_bias": {"1": -100}},
]  # fmt: skip
GIFTS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/wallet", {"balance_usd": "1000"}),
    ("PATCH", "/api/wallet", {"balance_usd": "1000"}),
    ("POST", "/api/wallet/transactions", {"type": "bonus", "amount_usd": "1000"}),
    ("POST", "/api/wallet/checkout", {"amount_usd": "-5.00"}),
    ("POST", "/api/wallet/checkout", {"amount_usd": "0"}),
    ("POST", "/api/keys", {"name": "x", "monthly_budget_usd": "-5.00"}),
    ("POST", "/api/admin/credits/bonus", {"user_id": "me", "amount_usd": "1000", "reason": "x"}),
    ("POST", "/v1/receipts/x", {"cost_usd": "-1"}),
]


async def test_nothing_that_a_client_sends_raises_a_balance(shop: Shop) -> None:
    lane = shop.lanes["hostile-client"]
    customer = await shop.customer()
    balances = [CREDIT]
    claims = {**customer.bearer, "x-farebox-cost-usd": "-1", "x-farebox-balance-usd": "1000"}
    for fields in HOSTILE:
        body = {"model": lane.model, "messages": MESSAGES, **fields}
        answer = await shop.client.post("/v1/chat/completions", json=body, headers=claims)
        if answer.status_code == 200:
            cost, balance = told_by(answer)
            assert cost > 0, fields
            assert balance == balances[-1] - cost, fields
            balances.append(balance)
        else:
            assert 400 <= answer.status_code < 500, (fields, answer.text)
            error_of(answer)
    for method, path, body in GIFTS:
        answer = await shop.client.request(method, path, json=body, headers=claims)
        assert 400 <= answer.status_code < 500, (path, answer.text)
    await only_spent(shop, customer, balances)


async def only_spent(shop: Shop, customer: Customer, balances: list[int]) -> None:
    """Hold that a balance went down step by step to where it is, and that the ledger says so."""
    assert all(later <= earlier for earlier, later in pairwise(balances))
    books = await books_of(shop.store, customer.uid)
    assert books.others == [CREDIT]
    assert max(books.usage) < 0
    assert books.balance == balances[-1] > 0
