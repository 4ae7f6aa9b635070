"""Who waits for bytes gets them in turn, and none are lost."""

import asyncio

from functions.farebox.kit.memory_budget import MemoryBudget, MemoryQueue, Room


async def test_bytes_are_given_in_turn() -> None:
    queue = MemoryQueue(100)
    await queue.take(80)
    large, small = asyncio.create_task(queue.take(50)), asyncio.create_task(queue.take(20))
    await asyncio.sleep(0)
    assert not large.done()
    assert not small.done()  # though there is room: it came later
    queue.give_back(80)
    await asyncio.gather(large, small)
    assert queue.taken_bytes == 70


async def test_who_no_longer_waits_holds_nobody_up() -> None:
    queue = MemoryQueue(100)
    await queue.take(80)
    large, small = asyncio.create_task(queue.take(50)), asyncio.create_task(queue.take(20))
    await asyncio.sleep(0)
    large.cancel()
    await asyncio.wait_for(small, 1)
    assert queue.taken_bytes == 100


async def test_what_is_given_to_somebody_who_just_left_is_not_lost() -> None:
    queue = MemoryQueue(100)
    await queue.take(100)
    waiting = asyncio.create_task(queue.take(60))
    await asyncio.sleep(0)
    queue.give_back(100)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert queue.taken_bytes == 0


async def test_a_room_is_taken_once_and_given_back_once_and_is_never_more_than_there_is() -> None:
    queue = MemoryQueue(100)
    room = Room(queue)
    await room.take(500)
    await room.take(500)
    assert (room.held_bytes, queue.taken_bytes) == (100, 100)
    room.leave()
    room.leave()
    assert queue.taken_bytes == 0


def test_nobody_takes_more_than_a_share_and_all_together_no_more_than_there_is() -> None:
    memory = MemoryBudget(100, share_bytes=50)
    assert memory.take(50, "ada")
    assert not memory.take(1, "ada")
    assert memory.take(30, "bob")
    assert not memory.take(30, "eve")
    assert memory.take(20), "who is nobody in particular is bound by what there is alone"
    memory.give_back(10, "ada")
    assert memory.take(10, "ada")
    assert (memory.taken_bytes, memory.take(1, "eve")) == (100, False)
    for count_bytes, whose in ((50, "ada"), (30, "bob"), (20, None)):
        memory.give_back(count_bytes, whose)
    assert memory.taken_bytes == 0
    assert memory.take(50, "ada")


async def test_who_waits_for_their_own_part_stands_in_nobodys_way() -> None:
    queue = MemoryQueue(100)
    await queue.take(40, "ada")
    more = [asyncio.create_task(queue.take(20, "ada")) for _ in "ab"]
    await asyncio.sleep(0)
    assert not any(each.done() for each in more), "though there is room: it is for others"
    await asyncio.wait_for(queue.take(50, "bob"), 1)
    large = asyncio.create_task(queue.take(30, "eve"))
    await asyncio.sleep(0)
    assert not large.done()
    queue.give_back(40, "ada")
    await asyncio.wait_for(asyncio.gather(*more), 1)
    assert (large.done(), queue.taken_bytes) == (False, 90), "in turn, as far as there is room"
    queue.give_back(50, "bob")
    await asyncio.wait_for(large, 1)


async def test_what_is_larger_than_a_part_gets_all_of_it() -> None:
    for largest_bytes, part in ((0, 50), (80, 80), (500, 100)):
        queue = MemoryQueue(100, largest_bytes)
        room = Room(queue, "ada")
        await room.take(500)
        assert (room.held_bytes, queue.taken_bytes) == (part, part)
        room.leave()
        assert queue.taken_bytes == 0


async def test_who_waits_gets_what_a_room_turns_out_not_to_take() -> None:
    queue = MemoryQueue(100, 100)
    room = Room(queue, "ada")
    await room.take(80)
    waiting = asyncio.create_task(queue.take(60, "bob"))
    await asyncio.sleep(0)
    room.keep(90)
    assert (room.held_bytes, waiting.done()) == (80, False)
    room.keep(30)
    await asyncio.wait_for(waiting, 1)
    assert queue.taken_bytes == 90
    room.leave()
    assert (room.held_bytes, queue.taken_bytes) == (0, 60)
