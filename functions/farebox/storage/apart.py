"""A job does a thing for many documents, each apart: one for which it cannot be done is left to the next run, and keeps
none of the others waiting.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from functions.farebox.errors import FareboxError
from functions.farebox.storage.model import Unreachable

log = logging.getLogger("farebox.apart")


class Apart:
    """Those of one run. `failed` is how many could not be done."""

    def __init__(self) -> None:
        self.failed = 0

    @contextmanager
    def each(self, what: str) -> Iterator[None]:
        """Do one of them: what goes wrong is logged, and ends here. Raises `Unreachable`, which is so for all."""
        try:
            yield
        except Unreachable:
            raise
        except Exception as error:
            self.failed += 1
            is_known = isinstance(error, FareboxError)  # and was logged with its cause where it was found
            log.log(logging.WARNING if is_known else logging.ERROR, "%s: %s", what, error, exc_info=not is_known)
