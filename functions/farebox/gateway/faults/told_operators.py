"""Tells operators of what only they can mend: a key that is not taken, an empty account, a model that is not there."""

import logging
from collections.abc import Callable

from functions.farebox.gateway.faults.attempt_failed import AttemptFailed
from functions.farebox.gateway.routing import Candidate

AGAIN_AFTER_S = 60.0

log = logging.getLogger(__name__)


class OperatorsFaults:
    """The log of them: one line a minute for each upstream and reason, however many requests meet it. `clock` gives
    monotonic seconds. What it keeps is bounded by the upstreams that are configured."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told_s: dict[tuple[str, str], float] = {}

    def note(self, failure: AttemptFailed, candidate: Candidate, *, is_named: bool) -> None:
        """Tell of a failure, where it is an operator's. That there is no model which a client made up under a pattern,
        and nobody `is_named` it, is nobody's."""
        fault = failure.fault
        if fault is None or fault.whose != "operator" or (fault.says_no_model and not is_named):
            return
        about, now_s = (candidate.upstream.id, fault.reason), self._clock()
        told_s = self._told_s.get(about)
        if told_s is not None and now_s - told_s < AGAIN_AFTER_S:
            return
        self._told_s[about] = now_s
        log.warning(
            "upstream %s needs its operator: %s, asked for the model %s",
            candidate.upstream.id,
            failure.why,
            candidate.model,
        )
