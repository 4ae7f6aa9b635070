"""Upstreams that refuse the wish for a stream's usage, `stream_options`, which is always sent to them.

It is left out for those, and the tokens are counted here. A client must not bring that about for others, nor for itself
where its upstream would have counted: so only a refusal counts that is about the field as a whole and cannot be about
the client's own words.
"""

import re
from collections.abc import Callable

from functions.farebox.gateway.call import Call
from functions.farebox.gateway.faults.told import Told
from functions.farebox.gateway.routing import Candidate
from functions.farebox.request.checked import CAP_FIELDS

FORGET_AFTER_S = 3600.0  # it may have learned it
MAX_KNOWN = 10_000  # of a pattern, clients choose the models

_NAME = re.compile(r"stream_options|include_usage")
_AT = re.compile(r"(body\.)?stream_options\b")  # as FastAPI begins
_IN_TEXT = (b"stream_options", b"include_usage")


def was_asked(call: Call, candidate: Candidate) -> bool:
    """Whether a candidate that takes the wish is sent it."""
    if not call.stream or "stream_options" in candidate.upstream.drop_fields:
        return False
    form = call.form_for(candidate)
    return form is not None and form.endpoint not in CAP_FIELDS


def refuses_stream_options(told: Told | None, call: Call) -> bool:
    """Whether a refusal is of the wish itself, and not of what else the client may have said."""
    if told is None:
        return False
    names = [told.param or "", told.message]
    options = call.checked.stream_options or {}
    if any(option in name for option in options if option != "include_usage" for name in names):
        return False  # the client's own option
    if told.param is not None and _AT.match(told.param):
        return True
    if _AT.match(told.message):
        return True
    return _NAME.search(told.message) is not None and not any(word in call.checked.encoded for word in _IN_TEXT)


class Refusing:
    """The candidates that are known to refuse it, by upstream and its name of the model."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since_s: dict[tuple[str, str], float] = {}

    def know(self, candidate: Candidate) -> bool:
        """Whether this one does."""
        if not self._since_s:
            return False
        since_s = self._since_s.get((candidate.upstream.id, candidate.model))
        return since_s is not None and self._clock() - since_s < FORGET_AFTER_S

    def note(self, candidate: Candidate) -> None:
        """This one does: it answered once the wish was left out."""
        if len(self._since_s) >= MAX_KNOWN:
            self._since_s.clear()
        self._since_s[candidate.upstream.id, candidate.model] = self._clock()
