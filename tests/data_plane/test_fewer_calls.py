"""Where the money is not enough for all that a vendor's tools may find, fewer calls are sent, and held for."""

from typing import Any

import orjson
import pytest

from functions.farebox.data_plane.admission import DEFAULT_CAP, FLOOR, Admitted, Offer, admit
from functions.farebox.errors import OutOfMoney
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import CAP_FIELDS, Checked, write
from functions.farebox.request.messages import check_message
from functions.farebox.request.responses import check_response
from functions.farebox.request.tools.calls import lowered_bounds
from functions.farebox.storage import Store
from tests.support.fixtures.lease_pools import Opened, Wallet

CONTEXT, FOUND = 100_000, 20_000
PRICE = Price.from_config(
    "m",
    {
        "input_usd_per_1m": "10",
        "output_usd_per_1m": "50",
        "search_usd": "0.01",
        "tools_usd": {"code_interpreter": "0.03"},
        "context_tokens": CONTEXT,
    },
)
SAID = [{"role": "user", "content": "Hello"}]
CAP = 6_000


def chat(**fields: Any) -> Checked:
    return check_chat({"model": "m", "messages": SAID, "max_tokens": CAP, **fields})


def message(**fields: Any) -> Checked:
    return check_message({"model": "m", "messages": SAID, "max_tokens": CAP, **fields})


def response(**fields: Any) -> Checked:
    return check_response({"model": "m", "input": "Hello", "max_output_tokens": CAP, **fields})


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """One will do: nothing here is the store's."""
    return sqlite_store


WEB = {"type": "web_search_20250305", "name": "web_search"}
# A request, how often it may search, whether who reads its bound may try once more, and how the bound is named.
BOUNDED = {
    "messages": (message(tools=[WEB]), 10, True, "tools.web_search_20250305.max_uses"),
    "messages, named": (message(tools=[{**WEB, "max_uses": 5}]), 5, True, "tools.web_search_20250305.max_uses"),
    "responses": (response(tools=[{"type": "web_search"}]), 10, False, "max_tool_calls"),
    "responses, named": (response(tools=[{"type": "web_search"}], max_tool_calls=30), 30, False, "max_tool_calls"),
    "chats, named": (chat(tools=[{"type": "web_search", "max_uses": 3}]), 3, False, "tools.web_search.max_uses"),
}
UNBOUNDED = {
    "options": chat(web_search_options={}),
    "chats": chat(tools=[{"type": "web_search"}]),
    "both": chat(web_search_options={}, tools=[{"type": "web_search", "max_uses": 5}]),
}


def sent(checked: Checked, admitted: Admitted) -> dict[str, Any]:
    body = write(
        checked,
        model="m",
        cap=admitted.cap,
        cap_field=CAP_FIELDS.get(checked.endpoint, "max_tokens"),
        calls=admitted.fewer_calls,
    )
    read: dict[str, Any] = orjson.loads(body)
    return read


def bound_in(body: dict[str, Any], otherwise: int) -> int:
    most: int = body["tools"][0].get("max_uses", body.get("max_tool_calls", otherwise))
    return most


def cost(prompt: int, cap: int, calls: int, *, tries_beyond: bool) -> int:
    """Nano-USD of so many searches that find as much as they may, and of an answer as long as it may be."""
    read = [min(prompt + n * FOUND, CONTEXT) for n in range(calls + 1)]
    return ((sum(read) + tries_beyond * read[-1]) * 10 + cap * 50) * 1_000 + calls * NANOS_PER_USD // 100


async def admitted_with(instance: Opened, wallet: Wallet, nanos: int, checked: Checked, **more: Any) -> Admitted:
    uid, leases = await wallet(f"of-{nanos}", usd=100, budget=nanos), instance()
    return await admit(leases, uid, KeyTerms(f"key-{nanos}"), Tariff.of([PRICE]), checked, **more)


@pytest.mark.parametrize("name", BOUNDED)
async def test_whatever_the_money_what_is_sent_fits_it(instance: Opened, wallet: Wallet, name: str) -> None:
    checked, asked, tries_beyond, bound = BOUNDED[name]
    seen: set[int | None] = set()
    least = None
    for nanos in [int(NANOS_PER_USD * 0.15 * 1.25**n) for n in range(27)]:
        try:
            admitted = await admitted_with(instance, wallet, nanos, checked)
        except OutOfMoney:
            assert least is None, "who has more is not refused"
            continue
        least = least or nanos
        fewer, body = admitted.fewer_calls, sent(checked, admitted)
        calls, cap = bound_in(body, asked), admitted.cap
        prompt = admitted.prompt_bound - admitted.found
        assert cap is not None
        is_tried = tries_beyond and ("max_uses" in body["tools"][0])
        assert cost(prompt, cap, calls, tries_beyond=is_tried) <= admitted.hold.amount <= nanos
        assert admitted.calls == {"search": calls}
        if fewer is None:
            assert body["tools"] == checked.fields["tools"]
        else:
            assert 1 <= calls == fewer < asked
            assert lowered_bounds(checked.endpoint, checked.fields, checked.features, fewer) == (bound,)
        if calls < asked:  # one more, and an answer of usual length, would have been too much
            assert cost(prompt, DEFAULT_CAP, calls + 1, tries_beyond=is_tried) > nanos
        if calls > 1:
            assert cap >= DEFAULT_CAP
        seen.add(fewer)
    assert {None, 1} < seen
    assert least is not None
    poor = cost(300, FLOOR, 1, tries_beyond=tries_beyond)
    assert least < 1.25 * poor + NANOS_PER_USD // 10


@pytest.mark.parametrize("name", UNBOUNDED)
async def test_what_nothing_bounds_where_it_is_sent_is_not_lowered(instance: Opened, wallet: Wallet, name: str) -> None:
    checked = UNBOUNDED[name]
    with pytest.raises(OutOfMoney):
        await admitted_with(instance, wallet, 3 * NANOS_PER_USD, checked)
    admitted = await admitted_with(instance, wallet, 30 * NANOS_PER_USD, checked)
    assert admitted.fewer_calls is None
    assert admitted.calls == {"search": 15 if name == "both" else 10}


async def test_a_bound_that_some_upstream_is_not_sent_is_none(instance: Opened, wallet: Wallet) -> None:
    checked = response(tools=[{"type": "web_search"}], max_tool_calls=1)
    unsent = {"drop_fields": frozenset({"max_tool_calls"})}
    assert (await admitted_with(instance, wallet, 20 * NANOS_PER_USD, checked, **unsent)).calls == {"search": 10}
    with pytest.raises(OutOfMoney):
        await admitted_with(instance, wallet, NANOS_PER_USD, checked, **unsent)


async def test_tools_that_are_priced_as_one_are_called_as_often_as_all_of_them(
    instance: Opened, wallet: Wallet
) -> None:
    twice = message(tools=[{**WEB, "max_uses": 4}, {**WEB, "max_uses": 4, "name": "again"}])
    apart = message(tools=[{**WEB, "max_uses": 4}, {**WEB, "max_uses": 2, "name": "again"}])
    for checked, calls in ((twice, 8), (apart, 6)):
        admitted = await admitted_with(instance, wallet, (20 + calls) * NANOS_PER_USD, checked)
        assert admitted.calls == {"search": calls}


async def test_no_compaction_is_a_call_of_a_tool() -> None:
    asked = response(context_management=[{"type": "compaction"}], tools=[{"type": "web_search"}], max_tool_calls=2)
    assert {feature.name: feature.most for feature in asked.features} == {"search": 2, "compaction": None}


async def test_every_tool_whose_bound_is_sent_is_lowered(instance: Opened, wallet: Wallet) -> None:
    checked = response(tools=[{"type": "web_search"}, {"type": "code_interpreter", "container": {"type": "auto"}}])
    admitted = await admitted_with(instance, wallet, 6 * NANOS_PER_USD, checked)
    fewer = admitted.fewer_calls
    assert fewer is not None
    assert admitted.calls == {"search": fewer, "code_interpreter": fewer}
    assert sent(checked, admitted)["max_tool_calls"] == fewer


async def test_a_fallback_model_has_a_bound_of_its_own(instance: Opened, wallet: Wallet) -> None:
    dearer = Price.from_config("dearer", {**PRICE.to_config(), "input_usd_per_1m": "30"})
    checked = message(tools=[WEB])
    other = check_message({"model": "dearer", "messages": SAID, "max_tokens": CAP, "tools": [WEB]})
    offers = [Offer(other, Tariff.of([dearer]))]
    admitted = await admitted_with(instance, wallet, 4 * NANOS_PER_USD, checked, others=offers)
    mine, others = admitted.fewer_calls, admitted.others["dearer"].fewer_calls
    assert mine is not None and others is not None
    assert 1 <= others < mine
    for price, each in ((PRICE, admitted), (dearer, admitted.others["dearer"])):
        assert each.bound.cost(price) <= admitted.hold.amount
