"""A rotating secret: it may change in Secret Manager while the process runs, and is taken up without a deploy.

Nothing waits for that: whoever uses a secret gets the value that is known and, where that is old, has it looked at
again in the background. There is no timer, since an idle instance gets no CPU. A value that cannot be had
leaves the last one.
"""

import asyncio
import hmac
import logging
import time
from collections.abc import Callable

from functions.farebox.secrets.guesses import Guesses

LOOK_EVERY_S = 120.0
LOOK_AGAIN_S = 10.0  # sooner, if something arrives that does not fit; no more often, since anybody can send such things
OVERLAP_S = 600.0  # for which the value before is accepted as well, while its holders change over

log = logging.getLogger("farebox.secret")


class Secret:
    """A secret named `name`. `look` answers its present value, may block, and raises where it cannot; without it the
    secret stays as it is. `clock` is in monotonic seconds."""

    def __init__(
        self,
        name: str,
        value: str,
        look: Callable[[], str] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.guesses = Guesses(clock)  # by those who send it
        self._value = value
        self._look = look
        self._clock = clock
        self._looked_s = clock()
        self._looking: asyncio.Task[None] | None = None
        self._previous: str | None = None
        self._previous_until_s = 0.0

    @property
    def value(self) -> str:
        """The value to use. To be called in an event loop."""
        self._keep_up(LOOK_EVERY_S)
        return self._value

    async def matches(self, given: str) -> bool:
        """Whether somebody has sent this secret, or lately its value before; compared in constant time."""
        return await self.fits(lambda value: hmac.compare_digest(given.encode(), value.encode()))

    async def fits(self, check: Callable[[str], bool]) -> bool:
        """Whether a check holds with the value, or lately the one before. If it does not, the value is looked at again
        first: it may have been rotated a moment ago."""
        self._keep_up(LOOK_EVERY_S)
        if any(map(check, self._accepted())):
            return True
        self._keep_up(LOOK_AGAIN_S)
        if self._looking is None:
            return False
        await asyncio.wait([self._looking])
        return any(map(check, self._accepted()))

    def _accepted(self) -> list[str]:
        if self._previous is None or self._clock() >= self._previous_until_s:
            return [self._value]
        return [self._value, self._previous]

    def _keep_up(self, age_s: float) -> None:
        if self._look is not None and self._looking is None and self._clock() - self._looked_s >= age_s:
            self._looked_s = self._clock()
            self._looking = asyncio.create_task(self._refresh(self._look))

    async def _refresh(self, look: Callable[[], str]) -> None:
        try:
            fresh = await asyncio.to_thread(look)
            if fresh != self._value:
                self._previous, self._previous_until_s = self._value, self._clock() + OVERLAP_S
                self._value = fresh
                log.info("%s has a new value", self.name)
        except Exception as error:
            log.warning("%s could not be looked at again, and stays as it was: %s", self.name, error)
        finally:
            self._looking = None
