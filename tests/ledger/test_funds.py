"""Funds: what is taken from a wallet is taken from every budget beside it, and comes back to all of them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.errors import NotFound
from functions.farebox.ledger.funds import Funds, Scope
from functions.farebox.ledger.gates import MoneyGate
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import Posting
from functions.farebox.limits.belongs import Belongs
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.group_budget import read_group_budgets
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.tenant_budget import Membership, tenant_path
from functions.farebox.storage import Delete, Store, Transaction, Update
from tests.simulation.memory_engine import MemoryEngine
from tests.support.money.gates import KEY, TENANT, UID, Gates, open_gates, read_gates
from tests.support.product.runtime import START

NEXT_MONTH = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)
NOVEMBER = Scope("2026-11", Membership(TENANT, "2026-11"))
amounts = st.integers(0, 60)


def use(amount: int, entry_id: str = "use") -> Posting:
    return Posting(entry_id, "usage", -amount, "1 request")


@pytest.fixture
def store() -> Store:
    return Store(MemoryEngine())


async def change(
    store: Store,
    work: Callable[[Funds], object],
    *entry_ids: str,
    now: datetime = START,
    key: str | None = KEY,
    scope: Scope | None = None,
) -> Gates:
    """Take or give back in a transaction of its own; answers what is stored of all gates then."""

    async def transaction(tx: Transaction) -> None:
        funds = await Funds.open(tx, UID, now, *entry_ids, key=key, scope=scope)
        work(funds)
        funds.save(tx, collect_debt_as="step")

    await store.transact(transaction)
    assert (await verify(store, UID)).fault is None
    return await read_gates(store)


async def look(store: Store, *, now: datetime = START, key: str | None = KEY, scope: Scope | None = None) -> Funds:
    """The funds as they stand, to be asked and not changed."""

    async def transaction(tx: Transaction) -> Funds:
        return await Funds.open(tx, UID, now, key=key, scope=scope)

    return await store.transact(transaction)


async def test_what_is_reserved_is_reserved_in_every_gate(store: Store) -> None:
    await open_gates(store, 100)
    gates = await change(store, lambda funds: funds.reserve(40))
    assert gates.reserved == {40}
    assert (await look(store)).reserved == {"wallet": 40, "user_budget": 40, "tenant_budget": 40, "key_budget": 40}


async def test_what_is_given_back_comes_back_to_every_gate(store: Store) -> None:
    await open_gates(store, 100)
    await change(store, lambda funds: funds.reserve(40))
    gates = await change(store, lambda funds: funds.release(15))
    assert (gates.reserved, gates.spent, gates.wallet.balance) == ({25}, {0}, 100)


async def test_what_is_spent_leaves_the_wallet_and_counts_in_every_budget(store: Store) -> None:
    await open_gates(store, 100)
    await change(store, lambda funds: funds.reserve(40))
    gates = await change(store, lambda funds: funds.spend(use(30)))
    assert (gates.reserved, gates.spent, gates.wallet.balance) == ({10}, {30}, 70)


async def test_spend_beyond_what_was_reserved_is_one_entry_and_counts_everywhere_once(store: Store) -> None:
    await open_gates(store, 100)
    await change(store, lambda funds: funds.reserve(40))
    gates = await change(store, lambda funds: funds.spend(use(55), unreserved=15))
    assert (gates.reserved, gates.spent, gates.wallet.balance, gates.wallet.seq) == ({0}, {55}, 45, 2)


@pytest.mark.parametrize(
    ("user", "tenant", "key", "gate"),
    [
        (None, None, None, "wallet"),
        (30, None, None, "user_budget"),
        (None, 30, None, "tenant_budget"),
        (None, None, 30, "key_budget"),
        (30, 20, 10, "user_budget"),
        (None, 30, 10, "tenant_budget"),
    ],
)
async def test_an_amount_is_refused_by_the_first_gate_that_is_too_narrow(
    store: Store, user: int | None, tenant: int | None, key: int | None, gate: str
) -> None:
    await open_gates(store, 100, user=user, tenant=tenant, key=key)
    funds = await look(store)
    narrowest = min(100 if cap is None else cap for cap in (user, tenant, key))
    assert (funds.too_narrow_for(101), funds.too_narrow_for(narrowest)) == (gate, None)
    assert funds.affordable(1000) == narrowest


async def test_a_budget_without_a_cap_counts_and_lets_everything_through(store: Store) -> None:
    await open_gates(store, 100, user=80)
    assert (await look(store)).budgets_free == {"user_budget": 80}


async def test_no_gate_gives_more_than_it_has_and_none_is_touched_then(store: Store) -> None:
    await open_gates(store, 100, key=30)
    with pytest.raises(AssertionError):
        await change(store, lambda funds: funds.reserve(31))
    assert (await read_gates(store)).reserved == {0}


async def test_funds_without_a_key_leave_every_key_alone(store: Store) -> None:
    await open_gates(store, 100, key=10)
    gates = await change(store, lambda funds: funds.reserve(40), key=None)
    assert (gates.wallet.reserved, gates.wallet.budget.reserved, gates.tenant.reserved) == (40, 40, 40)
    assert gates.key == Budget("2026-11", 10)
    assert "key_budget" not in (await look(store, key=None)).reserved


async def test_a_tenant_that_has_no_budget_is_remembered_and_counted_nowhere(store: Store) -> None:
    await open_gates(store, 100)
    await store.write(Delete(tenant_path(TENANT)))
    funds = await look(store)
    assert funds.scope == Scope("2026-11", Membership(TENANT, ""))
    assert "tenant_budget" not in funds.reserved
    assert not (await look(store, scope=funds.scope)).is_stale


async def test_a_tenant_that_gets_a_budget_counts_nothing_that_was_granted_before(store: Store) -> None:
    await open_gates(store, 100)
    budget = await store.get(tenant_path(TENANT))
    assert budget is not None
    await store.write(Delete(tenant_path(TENANT)))
    before = (await look(store)).scope

    async def take(tx: Transaction) -> None:
        funds = await Funds.open(tx, UID, START, key=KEY)
        funds.reserve(40)
        funds.save(tx)

    await store.transact(take)

    async def have_a_budget(tx: Transaction) -> None:
        tx.create(tenant_path(TENANT), budget.data)

    await store.transact(have_a_budget)
    assert (await look(store, scope=before)).is_stale
    gates = await change(store, lambda funds: funds.spend(use(40)), scope=before)
    assert (gates.tenant.spent, gates.tenant.reserved, gates.wallet.budget.spent, gates.key.spent) == (0, 0, 40, 40)


async def test_what_a_past_month_promised_is_settled_in_the_wallet_and_touches_no_budget_of_this_one(
    store: Store,
) -> None:
    await open_gates(store, 100, user=80, tenant=90, key=70)
    await change(store, lambda funds: funds.reserve(60))

    def settle(funds: Funds) -> None:
        assert funds.is_stale
        funds.spend(use(25))
        funds.release(35)

    gates = await change(store, settle, now=NEXT_MONTH, scope=NOVEMBER)
    assert (gates.wallet.balance, gates.wallet.reserved) == (75, 0)
    assert gates.wallet.budget == Budget("2026-12", 80)
    assert (gates.tenant, gates.key) == (Budget("2026-12", 90), Budget("2026-12", 70))


async def test_a_past_months_budget_caps_nothing_and_the_wallet_still_does(store: Store) -> None:
    await open_gates(store, 100, user=10, tenant=10, key=10)
    assert (await look(store, now=NEXT_MONTH, scope=NOVEMBER)).affordable(1000) == 100


@pytest.mark.parametrize(
    ("now", "tenant"), [(NEXT_MONTH, TENANT), (START, "other"), (START, None)], ids=["month", "moved", "left"]
)
async def test_nothing_is_added_under_terms_that_are_no_more(store: Store, now: datetime, tenant: str | None) -> None:
    await open_gates(store, 100)
    await change(store, lambda funds: funds.book.set_terms(tenant=tenant))
    assert (await look(store, now=now, scope=NOVEMBER)).is_stale
    assert not (await look(store, now=now)).is_stale
    with pytest.raises(AssertionError, match="no more"):
        await change(store, lambda funds: funds.reserve(1), now=now, scope=NOVEMBER)


async def test_what_was_taken_from_a_tenant_comes_back_to_it_also_when_the_user_has_left(store: Store) -> None:
    await open_gates(store, 100)
    await change(store, lambda funds: funds.reserve(40))
    await change(store, lambda funds: funds.book.set_terms(tenant="other"))
    gates = await change(store, lambda funds: funds.release(40), scope=NOVEMBER)
    assert gates.reserved == {0}


@given(amounts, amounts, st.none() | amounts, st.none() | amounts, st.none() | amounts)
def test_a_charge_that_nothing_was_reserved_for_takes_what_every_gate_has_left_and_once(
    balance: int, wanted: int, user: int | None, tenant: int | None, key: int | None
) -> None:
    async def play() -> None:
        store = Store(MemoryEngine())
        await open_gates(store, balance, user=user, tenant=tenant, key=key)
        charged: list[int] = []
        for _ in range(2):
            gates = await change(
                store, lambda funds: charged.append(funds.spend_what_is_left(use(wanted))), "use", scope=NOVEMBER
            )
        assert (
            charged[0] == charged[1] == min([balance, wanted, *(cap for cap in (user, tenant, key) if cap is not None)])
        )
        assert (gates.wallet.balance, gates.spent, gates.reserved) == (balance - charged[0], {charged[0]}, {0})

    asyncio.run(play())


async def test_a_dispute_stops_what_is_yet_to_be_served_and_no_charge_for_what_was(store: Store) -> None:
    await open_gates(store, 100)
    await change(store, lambda funds: funds.book.set_terms(frozen=True))
    funds = await look(store)
    assert (funds.too_narrow_for(1), funds.affordable(50)) == ("wallet", 0)
    gates = await change(store, lambda funds: funds.spend_what_is_left(use(50)), "use")
    assert gates.spent == {50}


def there_and_back(funds: Funds) -> None:
    funds.reserve(40)
    funds.release(40)


async def test_funds_that_have_not_changed_write_nothing() -> None:
    engine = MemoryEngine()
    store = Store(engine)
    await open_gates(store, 100)
    before = engine.writes
    await change(store, there_and_back)
    assert engine.writes == before


async def test_a_month_that_has_begun_is_written_for_every_budget(store: Store) -> None:
    await open_gates(store, 100, user=1, tenant=2, key=3)
    gates = await change(store, lambda funds: funds.reserve(0), now=NEXT_MONTH)
    assert {gates.wallet.budget.period, gates.tenant.period, gates.key.period} == {"2026-12"}


async def test_there_are_no_funds_without_a_wallet(store: Store) -> None:
    with pytest.raises(NotFound):
        await look(store)


moves = st.tuples(st.sampled_from(["reserve", "release", "spend", "overrun", "late"]), amounts)


@given(
    st.lists(moves, max_size=15),
    st.none() | st.integers(0, 120),
    st.none() | st.integers(0, 120),
    st.none() | st.integers(0, 120),
)
def test_whatever_is_done_all_gates_agree_and_all_that_was_taken_is_spent_or_came_back(
    plan: list[tuple[str, int]], user: int | None, tenant: int | None, key: int | None
) -> None:
    asyncio.run(_play(plan, user, tenant, key))


async def _play(plan: list[tuple[str, int]], user: int | None, tenant: int | None, key: int | None) -> None:
    store = Store(MemoryEngine())
    await open_gates(store, 100, user=user, tenant=tenant, key=key)
    taken = back = spent = unreserved = 0
    for number, (move, amount) in enumerate(plan):
        funds, entry_id = await look(store), f"e{number}"
        free, held = funds.affordable(amount), min(amount, funds.reserved["wallet"])
        match move:
            case "reserve":
                taken += free
                gates = await change(store, partial(Funds.reserve, amount=free))
            case "release":
                back += held
                gates = await change(store, partial(Funds.release, amount=held))
            case "spend":
                spent += held
                gates = await change(store, partial(Funds.spend, posting=use(held, entry_id)))
            case "overrun":
                spent, unreserved = spent + held, unreserved + free
                posting = use(held + free, entry_id)
                gates = await change(store, partial(Funds.spend, posting=posting, unreserved=free))
            case _:
                unreserved += free
                gates = await change(store, partial(Funds.spend_what_is_left, posting=use(amount, entry_id)), entry_id)
        assert gates.reserved == {taken - back - spent}
        assert gates.spent == {spent + unreserved}
        assert gates.wallet.balance == 100 - spent - unreserved
        for budget in (gates.wallet.budget, gates.tenant, gates.key):
            assert budget.limit is None or budget.spent + budget.reserved <= budget.limit
    gates = await change(store, partial(Funds.release, amount=taken - back - spent))
    assert gates.reserved == {0}


async def test_a_caps_change_takes_nothing_from_what_was_promised_before(store: Store) -> None:
    await open_gates(store, 100, tenant=80)
    await change(store, lambda funds: funds.reserve(60))
    await store.write(Update(tenant_path(TENANT), {"budget": Budget("2026-11", 10, reserved=60).to_data()}))
    assert (await look(store)).too_narrow_for(1) == "tenant_budget"
    gates = await change(store, lambda funds: funds.spend(use(60)))
    assert (gates.spent, gates.reserved) == ({60}, {0})


async def test_a_member_and_a_project_are_gates_like_the_keys(store: Store) -> None:
    await open_gates(store, 100)
    belongs = Belongs("mia", "site")

    async def reserve(amount: int, terms: KeyTerms) -> MoneyGate | None:
        async def work(tx: Transaction) -> MoneyGate | None:
            funds = await Funds.open(tx, UID, START, key=KEY, belongs=belongs)
            funds.set_caps(terms)
            gate = funds.too_narrow_for(amount)
            if gate is None:
                funds.reserve(amount)
                funds.save(tx)
            return gate

        return await store.transact(work)

    assert await reserve(40, KeyTerms(KEY, belongs=belongs, member_budget=39)) == "member_budget"
    assert await reserve(40, KeyTerms(KEY, belongs=belongs, project_budget=39)) == "project_budget"
    assert await reserve(40, KeyTerms(KEY, belongs=belongs, member_budget=50, project_budget=50)) is None
    assert await reserve(11, KeyTerms(KEY, belongs=belongs, member_budget=50, project_budget=60)) == "member_budget"
    scope = replace(NOVEMBER, belongs=belongs)
    gates = await change(store, lambda funds: funds.release(15), scope=scope)
    assert gates.reserved == {25}
    assert {each.reserved for each in await groups(store)} == {25}
    await change(store, lambda funds: funds.spend(use(25)), "use", scope=scope)
    assert {(each.reserved, each.spent) for each in await groups(store)} == {(0, 25)}


async def test_what_is_spent_for_a_past_month_is_no_spend_of_a_members_present_one(store: Store) -> None:
    await open_gates(store, 100)
    scope = replace(NOVEMBER, belongs=Belongs("mia"))
    await change(store, lambda funds: funds.reserve(10), scope=scope)
    await change(store, lambda funds: funds.spend(use(10)), "use", now=NEXT_MONTH, scope=scope)
    [member] = await read_group_budgets(store, UID, "member", ["mia"])
    assert (member.period, member.spent, member.reserved) == ("2026-12", 0, 0)


async def groups(store: Store) -> list[Budget]:
    """The budgets of the member and of the project."""
    of_member = await read_group_budgets(store, UID, "member", ["mia"])
    return of_member + await read_group_budgets(store, UID, "project", ["site"])
