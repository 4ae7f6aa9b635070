"""Large bodies, which are sent piece by piece as their client takes them: a server would take all of one at once.

What a client does not take waits in its connection's buffer, which nothing bounds and nothing counts.
"""

import asyncio
from contextlib import suppress

from starlette.types import Send

from functions.edge.asgi.incoming_body import PAUSE_S
from functions.edge.chat.sending import body_part

PIECE_BYTES = 256 * 1024
LEAST_TAKEN_BYTES_PER_S = 64 * 1024


async def send_body(send: Send, body: bytes) -> None:
    """Send a whole body, and return when its client has taken all but the last of it. Who takes it too slowly is left,
    so that nobody holds it for ever."""
    if len(body) <= PIECE_BYTES:
        await send({"type": "http.response.body", "body": body})
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE_S + len(body) / LEAST_TAKEN_BYTES_PER_S):
            for start in range(0, len(body), PIECE_BYTES):
                await send(body_part(body[start : start + PIECE_BYTES]))
                await asyncio.sleep(0)  # what was sent is written at the end of a turn, and only then is it too much
            await send({"type": "http.response.body", "body": b""})
