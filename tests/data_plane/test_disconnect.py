"""What goes on for a client that hangs up is given up, and nothing else of its task."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from functions.farebox.data_plane.disconnect import HangUp, HungUp


async def test_work_that_waits_is_given_up_and_its_task_goes_on() -> None:
    hang_up = HangUp()
    asyncio.get_running_loop().call_soon(hang_up.set)
    with pytest.raises(HungUp):
        await hang_up.guard(lambda: asyncio.sleep(9))
    await asyncio.sleep(0)


def _fail() -> int:
    raise ConnectionError


@pytest.mark.parametrize("end", [lambda: 7, _fail], ids=["ends", "fails"])
@pytest.mark.parametrize("waits", [False, True])
async def test_work_that_ends_in_the_turn_in_which_it_learns_of_it_leaves_its_task_alone(
    end: Callable[[], int], *, waits: bool
) -> None:
    """As a stream does that is told of it by what it sends: its books are still to be closed."""
    hang_up = HangUp()

    async def work() -> int:
        hang_up.set()
        if waits:
            with suppress(asyncio.CancelledError):  # it takes no notice
                await asyncio.sleep(0)
        return end()

    try:
        assert await hang_up.guard(work) == 7
    except ConnectionError:
        assert end is _fail
    for _ in range(3):
        await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None and not task.cancelling()


async def test_a_task_that_is_cancelled_itself_in_that_turn_is() -> None:
    hang_up = HangUp()

    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        hang_up.set()
        task.cancel()

    task = asyncio.ensure_future(hang_up.guard(work))
    with pytest.raises(asyncio.CancelledError):
        await task
