"""What goes out to a client goes out in as few pieces as the turns of the loop that it was written in."""

import asyncio
from collections.abc import Iterable
from typing import Any

from functions.edge.standalone.write_coalescing import _Cork


class Recording(asyncio.Transport):
    """A transport that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Any] = []

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.done.append(list(list_of_data))

    def close(self) -> None:
        self.done.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.done


async def test_what_is_written_in_one_turn_goes_out_together_and_at_its_end() -> None:
    transport = Recording()
    cork = _Cork(transport)
    for piece in (b"headers", b"body"):
        cork.write(piece)
    assert transport.done == []
    await asyncio.sleep(0)
    cork.write(b"more")
    await asyncio.sleep(0)
    assert transport.done == [[b"headers", b"body"], [b"more"]]


async def test_closing_loses_nothing() -> None:
    transport = Recording()
    cork = _Cork(transport)
    cork.write(b"last words")
    cork.close()
    await asyncio.sleep(0)
    assert transport.done == [[b"last words"], "closed"]
    assert cork.is_closing()
