"""The work of a paid request outlives the handler that a server may cancel."""

import asyncio
import gc
from typing import Any

import pytest
from starlette.types import Message

from functions.edge.chat.response import serve_until_done
from functions.farebox.data_plane.disconnect import HangUp
from functions.farebox.errors import UpstreamFailed
from tests.support.patience import PATIENCE_S


async def receive() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("nothing comes")


@pytest.mark.parametrize("to_the_end", [False, True])
async def test_a_cancelled_handler_leaves_the_books_to_be_closed(to_the_end: bool) -> None:
    hang_up, go_on = HangUp(), asyncio.Event()
    done: list[bool] = []

    async def work() -> None:
        await go_on.wait()
        done.append(hang_up.happened)

    handler = asyncio.create_task(serve_until_done(hang_up, receive, work(), to_the_end=to_the_end))
    await asyncio.sleep(0)
    handler.cancel()
    with pytest.raises(asyncio.CancelledError):
        await handler
    assert done == []
    go_on.set()
    async with asyncio.timeout(PATIENCE_S):
        while not done:
            await asyncio.sleep(0)
    assert done == [not to_the_end]  # the client of exactly one call may come back for its answer


async def test_what_fails_is_raised_to_whoever_waits_and_is_no_riddle_in_the_log_where_nobody_does() -> None:
    riddles: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: riddles.append(context))
    go_on = asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        raise UpstreamFailed("The model's server failed to answer. Try again.")

    first, second = (
        asyncio.create_task(serve_until_done(HangUp(), receive, work(), to_the_end=False)) for _ in range(2)
    )
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    go_on.set()
    with pytest.raises(UpstreamFailed):
        await first
    del first, second
    gc.collect()
    await asyncio.sleep(0)
    assert riddles == []
