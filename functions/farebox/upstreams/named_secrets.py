"""The secrets that upstreams name in place of values, read from Secret Manager and kept up with.

Each is read when it is first named, and followed from then on in the background (`secrets.rotating`): a new version
counts with the next look at the list of upstreams. A failure keeps the last good value. One that has never been read
is tried again no sooner than `TRY_AGAIN_S` later, and keeps nobody but the upstreams that name it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

from functions.farebox.kit.secret_names import is_pinned
from functions.farebox.secrets.rotating import Secret

TRY_AGAIN_S = 10.0
MOST_S = (
    12.0  # of waiting for one value: looking for credentials that are not there takes Google's library most of a minute
)

log = logging.getLogger("farebox.upstreams")


def _fetch(name: str) -> str:
    from functions.farebox.secrets.secret_manager import fetch  # imported where a secret is given that way

    return fetch(name)


class NamedSecrets:
    """The values of secrets by their names. `fetch` answers one, may block, and raises where it cannot; nobody waits
    for it longer than `most_s` seconds. `clock` is in monotonic seconds."""

    def __init__(
        self, clock: Callable[[], float], fetch: Callable[[str], str] = _fetch, *, most_s: float = MOST_S
    ) -> None:
        self._clock = clock
        self._most_s = most_s
        self._fetch = fetch
        self._known: dict[str, Secret] = {}
        self._failed_s: dict[str, float] = {}

    async def values(self, names: Iterable[str]) -> dict[str, str]:
        """The values of those that are known, after one attempt to read the others."""
        wanted = set(names)
        await asyncio.gather(*(self._read(name) for name in wanted if name not in self._known))
        self._known = {name: secret for name, secret in self._known.items() if name in wanted}
        return {name: secret.value for name, secret in self._known.items()}

    async def _read(self, name: str) -> None:
        failed_s = self._failed_s.get(name)
        if failed_s is not None and self._clock() - failed_s < TRY_AGAIN_S:
            return

        def look() -> str:
            return self._fetch(name).strip()

        try:
            async with asyncio.timeout(self._most_s):
                value = await asyncio.to_thread(look)
        except Exception as error:
            self._failed_s[name] = self._clock()
            why = f"{name} took too long" if isinstance(error, TimeoutError) else error
            log.warning("a secret of an upstream could not be read: %s", why)
        else:
            self._failed_s.pop(name, None)
            self._known[name] = Secret(name, value, None if is_pinned(name) else look, clock=self._clock)
