import asyncio
import random
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from functions.farebox.accounts.account import Accounts
from functions.farebox.errors import Conflict, FareboxError, InvalidRequest, NotFound
from functions.farebox.keys import lifecycle as module
from functions.farebox.keys.api_key import MAX_GRACES, check_key, parse_key
from functions.farebox.keys.lifecycle import Keys
from functions.farebox.keys.reach import KeyReach
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Create, Query, Store
from tests.support.product.runtime import Clock

PEPPER = b"p" * 32


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def keys(store: Store, clock: Clock) -> Keys:
    accounts = Accounts(store, signup_credit=0, now=clock)
    for uid in ("u1", "u2"):
        await store.transact(lambda tx, uid=uid: accounts.open(tx, uid, f"{uid}@example.com"))  # type: ignore[misc]
    return Keys(store, PEPPER, now=clock, ids=Ids(random.Random(4)))


async def refusal(call: Awaitable[object]) -> tuple[type[FareboxError], str]:
    with pytest.raises(FareboxError) as caught:
        await call
    return type(caught.value), caught.value.code


def secret_of(text: str) -> str:
    parsed = parse_key(text)
    assert parsed is not None
    return parsed[1]


async def test_the_store_never_holds_a_secret(keys: Keys, store: Store) -> None:
    key, text = await keys.create("u1", {"name": "first"})
    secret = secret_of(text)
    [document] = await store.query(Query("api_keys"))
    assert secret not in str(document.data)
    assert key.prefix == text[: len(key.prefix)]
    assert len(secret) - len(key.prefix.rpartition("-")[2]) >= 33  # 196 bits stay unknown to whoever sees the prefix
    assert check_key(key, secret, PEPPER, key.created_at) == await keys.get("u1", key.id)


async def test_another_users_key_is_not_there(keys: Keys) -> None:
    key, _ = await keys.create("u1", {"name": "first"})
    for call in (
        keys.get("u2", key.id),
        keys.change("u2", key.id, {"name": "mine"}),
        keys.rotate("u2", key.id, 0),
        keys.revoke("u2", key.id),
    ):
        assert await refusal(call) == (NotFound, "not_found")
    assert (await keys.get("u1", key.id)).state == "live"


@pytest.mark.parametrize("key_id", ["", ".", "..", "a/b", "__name__", "0" * 16, "é" * 16, "x" * 5000])
async def test_an_id_that_is_none_is_not_found(keys: Keys, key_id: str) -> None:
    assert await refusal(keys.get("u1", key_id)) == (NotFound, "not_found")


async def test_keys_are_listed_newest_first_and_page_by_page(keys: Keys, clock: Clock) -> None:
    for number in range(5):
        await keys.create("u1", {"name": str(number)})
        clock.forward(seconds=1)
    await keys.create("u2", {"name": "somebody else's"})
    names: list[str] = []
    after = None
    while True:
        page = await keys.page(KeyReach("u1"), limit=2, after=after)
        names += [key.name for key in page.items]
        after = page.after
        if after is None:
            break
    assert names == ["4", "3", "2", "1", "0"]


async def test_a_change_sets_what_it_names_and_null_lifts_a_limit(keys: Keys) -> None:
    key, _ = await keys.create("u1", {"name": "first", "rpm": 5, "models": ("a",), "monthly_budget": 10})
    changed = await keys.change("u1", key.id, {"rpm": None, "tpm": 100})
    assert (changed.rpm, changed.tpm, changed.models, changed.monthly_budget) == (None, 100, ("a",), 10)
    assert await keys.get("u1", key.id) == changed


async def test_an_end_in_the_past_is_refused(keys: Keys, clock: Clock) -> None:
    assert await refusal(keys.create("u1", {"name": "x", "expires_at": clock()})) == (InvalidRequest, "invalid_value")
    key, _ = await keys.create("u1", {"name": "x", "expires_at": clock() + timedelta(seconds=1)})
    assert (await refusal(keys.change("u1", key.id, {"expires_at": clock()})))[0] is InvalidRequest


async def test_a_rotated_key_takes_both_secrets_during_the_grace_and_then_one(keys: Keys, clock: Clock) -> None:
    key, first = await keys.create("u1", {"name": "first"})
    rotated, second = await keys.rotate("u1", key.id, grace_s=60)
    assert rotated.previous_expires_at == clock() + timedelta(seconds=60)
    for text in (first, second):
        check_key(rotated, secret_of(text), PEPPER, clock())
    clock.forward(seconds=60)
    check_key(rotated, secret_of(second), PEPPER, clock())
    with pytest.raises(FareboxError):
        check_key(rotated, secret_of(first), PEPPER, clock())


async def test_a_rotation_without_grace_ends_the_old_secret_at_once(keys: Keys, clock: Clock) -> None:
    key, first = await keys.create("u1", {"name": "first"})
    rotated, _ = await keys.rotate("u1", key.id, grace_s=0)
    with pytest.raises(FareboxError):
        check_key(rotated, secret_of(first), PEPPER, clock())


@pytest.mark.parametrize("second_grace_s", [0, 60, 600])
async def test_a_second_rotation_keeps_the_grace_that_the_first_promised(
    keys: Keys, clock: Clock, second_grace_s: int
) -> None:
    key, first = await keys.create("u1", {"name": "first"})
    await keys.rotate("u1", key.id, grace_s=300)
    await keys.rotate("u1", key.id, grace_s=second_grace_s)
    clock.forward(seconds=299)
    check_key(await keys.get("u1", key.id), secret_of(first), PEPPER, clock())
    clock.forward(seconds=1)
    with pytest.raises(FareboxError):
        check_key(await keys.get("u1", key.id), secret_of(first), PEPPER, clock())


async def test_a_key_has_so_many_secrets_at_a_time(keys: Keys, clock: Clock) -> None:
    key, _ = await keys.create("u1", {"name": "first"})
    for _ in range(MAX_GRACES):
        await keys.rotate("u1", key.id, grace_s=60)
    assert await refusal(keys.rotate("u1", key.id, 60)) == (Conflict, "too_many_secrets")
    await keys.rotate("u1", key.id, grace_s=0)
    clock.forward(seconds=60)
    await keys.rotate("u1", key.id, grace_s=60)


async def test_no_grace_outlives_its_key(keys: Keys, clock: Clock) -> None:
    ends_at = clock() + timedelta(seconds=100)
    key, first = await keys.create("u1", {"name": "first", "expires_at": ends_at})
    rotated, _ = await keys.rotate("u1", key.id, grace_s=600)
    assert rotated.previous_expires_at == ends_at
    sooner = await keys.change("u1", key.id, {"expires_at": clock() + timedelta(seconds=10)})
    assert sooner.previous_expires_at == sooner.expires_at
    revoked = await keys.revoke("u1", key.id)
    assert revoked.graces == ()
    with pytest.raises(FareboxError):
        check_key(revoked, secret_of(first), PEPPER, clock())


async def test_a_revoked_key_keeps_its_record_and_is_never_live_again(keys: Keys, clock: Clock) -> None:
    key, _ = await keys.create("u1", {"name": "first"})
    revoked = await keys.revoke("u1", key.id)
    clock.forward(hours=1)
    assert await keys.revoke("u1", key.id) == revoked == await keys.get("u1", key.id)
    assert (revoked.state, revoked.revoked_at) == ("revoked", key.created_at)
    assert await refusal(keys.change("u1", key.id, {"name": "again"})) == (Conflict, "key_revoked")
    assert await refusal(keys.rotate("u1", key.id, 0)) == (Conflict, "key_revoked")


async def test_an_account_has_so_many_live_keys_and_no_more_also_at_once(
    keys: Keys, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LIVE_KEYS", 3)
    made = await asyncio.gather(*(keys.create("u1", {"name": str(n)}) for n in range(5)), return_exceptions=True)
    live = [outcome[0] for outcome in made if isinstance(outcome, tuple)]
    assert len(live) == 3
    assert await store.count("api_keys") == 3
    await asyncio.gather(*(keys.revoke("u1", live[0].id) for _ in range(3)))
    await keys.create("u1", {"name": "in its place"})
    assert await refusal(keys.create("u1", {"name": "one too many"})) == (Conflict, "too_many_keys")


async def test_what_a_key_was_used_for_is_read_from_its_windows(keys: Keys, store: Store, clock: Clock) -> None:
    key, _ = await keys.create("u1", {"name": "first"})
    budget = {"period": "2026-11", "limit": None, "spent": 42, "reserved": 0}
    await store.write(Create(f"key_windows/{key.id}", {"budget": budget, "last_used_at": clock()}))
    another, _ = await keys.create("u1", {"name": "another"})
    used, unused = await keys.use_of(key, another)
    assert (used.last_used_at, used.month.period, used.month.spent) == (clock(), "2026-11", 42)
    assert (unused.last_used_at, unused.month.spent) == (None, 0)
