import asyncio
import random

import pytest

from functions.farebox.errors import Unauthenticated
from functions.farebox.identity import SOMEWHERE
from functions.farebox.identity.sessions import IDLE_LIFETIME, Sessions, session_path
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Query, Store, Update
from tests.support.product.runtime import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(store: Store, clock: Clock) -> Sessions:
    return Sessions(store, now=clock, ids=Ids(random.Random(2)))


async def test_the_store_never_holds_a_refresh_token(sessions: Sessions, store: Store, clock: Clock) -> None:
    _, token = await sessions.open("u1", clock(), SOMEWHERE)
    [session] = await store.query(Query("sessions"))
    assert token.rpartition("-")[2] not in str(session.data)


async def test_a_session_goes_on_as_long_as_it_is_used(sessions: Sessions, clock: Clock) -> None:
    _, token = await sessions.open("u1", began_at := clock(), SOMEWHERE)
    for _ in range(3):
        clock.time += IDLE_LIFETIME * 0.9
        _, session, token = await sessions.rotate(token)
        assert (session.data["user"], session.data["began_at"]) == ("u1", began_at)
    clock.time += IDLE_LIFETIME
    with pytest.raises(Unauthenticated):
        await sessions.rotate(token)


async def test_a_refresh_token_used_by_two_at_once_serves_one_at_most(
    sessions: Sessions, store: Store, clock: Clock
) -> None:
    _, token = await sessions.open("u1", clock(), SOMEWHERE)
    outcomes = await asyncio.gather(sessions.rotate(token), sessions.rotate(token), return_exceptions=True)
    assert sum(isinstance(outcome, Unauthenticated) for outcome in outcomes) == 1
    assert await store.count("sessions") == 0


async def test_a_trade_whose_answer_never_came_is_made_again_and_no_other(sessions: Sessions, clock: Clock) -> None:
    _, first = await sessions.open("u1", clock(), SOMEWHERE)
    _, _, second = await sessions.rotate(first, "a trade")
    assert (await sessions.rotate(first, "a trade"))[2] == second != first
    _, _, third = await sessions.rotate(second, "a trade")
    with pytest.raises(Unauthenticated):
        await sessions.rotate(first, "a trade")
    with pytest.raises(Unauthenticated):
        await sessions.rotate(third)


async def test_what_a_trade_makes_depends_on_its_session(sessions: Sessions, store: Store, clock: Clock) -> None:
    session_id, first = await sessions.open("u1", clock(), SOMEWHERE)
    before = await store.get(session_path(session_id))
    _, _, second = await sessions.rotate(first, "a trade")
    assert before is not None
    await store.write(Update(before.path, {"hash": before.data["hash"], "trade_key": "another session's"}))
    assert (await sessions.rotate(first, "a trade"))[2] != second


async def test_a_trade_is_not_made_again_once_its_session_is_over(sessions: Sessions, clock: Clock) -> None:
    _, first = await sessions.open("u1", clock(), SOMEWHERE)
    await sessions.rotate(first, "a trade")
    clock.time += IDLE_LIFETIME
    with pytest.raises(Unauthenticated):
        await sessions.rotate(first, "a trade")


@pytest.mark.parametrize("other", [None, "another trade"])
async def test_a_token_that_comes_twice_in_different_trades_ends_its_session(
    sessions: Sessions, clock: Clock, other: str | None
) -> None:
    _, first = await sessions.open("u1", clock(), SOMEWHERE)
    _, _, second = await sessions.rotate(first, "a trade")
    for token, trade in ((first, other), (second, None)):
        with pytest.raises(Unauthenticated):
            await sessions.rotate(token, trade)


@pytest.mark.parametrize("token", ["", "fbr", "fbr-", "fbr-a/b-c", "fbr-é-c", "fbr-" + "a" * 200, "fb-live-a-b"])
async def test_what_is_no_refresh_token_is_refused(sqlite_store: Store, clock: Clock, token: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await Sessions(sqlite_store, now=clock, ids=Ids()).rotate(token)
    assert caught.value.code == "invalid_token"
