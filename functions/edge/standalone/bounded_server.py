"""uvicorn's server, looking after its connections: those that have waited for too long are ended.

A client that dies, or means harm, is known by nothing but time. One look a second at all connections costs a thousand
of them less than a timer for each piece of data would.
"""

import resource
from contextlib import suppress

import uvicorn

from functions.edge.standalone.bounded_protocol import BoundedProtocol

LOOK_EVERY_S = 1.0
TICKS_A_LOOK = 10  # uvicorn ticks every 0.1 s, and later on a busy machine, where a second then counts for less

FILES_A_CONNECTION = 2  # itself, and a call to an upstream
OTHER_FILES = 256


class BoundedServer(uvicorn.Server):
    """A server of `BoundedProtocol`s."""

    async def on_tick(self, counter: int) -> bool:
        """uvicorn's. Answers whether to stop."""
        if counter % TICKS_A_LOOK == 0:
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.tick(LOOK_EVERY_S)
        return await super().on_tick(counter)


def allow_files(connections: int) -> None:
    """Have the system allow this process as many open files as so many connections take, where its own limit does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections * FILES_A_CONNECTION + OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # some systems have a limit that they do not tell
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
