"""Who waits for bytes gets them in turn, and none are lost."""

import asyncio

from functions.farebox.kit.byte_budget import ByteBudget, Room


async def test_bytes_are_given_in_turn() -> None:
    budget = ByteBudget(100)
    await budget.take(80)
    large, small = asyncio.create_task(budget.take(50)), asyncio.create_task(budget.take(20))
    await asyncio.sleep(0)
    assert not large.done()
    assert not small.done()  # though there is room: it came later
    budget.give(80)
    await asyncio.gather(large, small)
    assert budget.free_bytes == 30


async def test_who_no_longer_waits_holds_nobody_up() -> None:
    budget = ByteBudget(100)
    await budget.take(80)
    large, small = asyncio.create_task(budget.take(50)), asyncio.create_task(budget.take(20))
    await asyncio.sleep(0)
    large.cancel()
    await asyncio.wait_for(small, 1)
    assert budget.free_bytes == 0


async def test_what_is_given_to_somebody_who_just_left_is_not_lost() -> None:
    budget = ByteBudget(100)
    await budget.take(100)
    waiting = asyncio.create_task(budget.take(60))
    await asyncio.sleep(0)
    budget.give(100)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert budget.free_bytes == 100


async def test_a_room_is_taken_once_and_given_back_once_and_is_never_more_than_there_is() -> None:
    budget = ByteBudget(100)
    room = Room(budget)
    await room.take(500)
    await room.take(500)
    assert (room.held_bytes, budget.free_bytes) == (100, 0)
    room.leave()
    room.leave()
    assert budget.free_bytes == 100
