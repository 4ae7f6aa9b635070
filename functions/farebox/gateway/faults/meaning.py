"""What an error means: whose fault it is, what is ill, and what the client may be told.

| whose | for example | what follows |
| --- | --- | --- |
| the caller's | too long, filtered, malformed | the client is told in the vendor's words; nobody is ill |
| the operator's | a wrong key, no credit, no such model, an organisation's limits | the next candidate |
| the vendor's | overloaded, broken, too many requests | the next candidate |

A status alone seldom decides: Gemini says 400 to a wrong key, Groq 413 to a minute's tokens, Anthropic 400 to an empty
account. So words come first, the vendor's codes before its prose, and prose only where the status leaves it open. A
caller can have some vendors repeat his own words; at worst his request then goes to the next candidate, and its failure
is his alone (`health.py`).
"""

import re
from dataclasses import dataclass
from typing import Literal

from functions.farebox.gateway.faults import words
from functions.farebox.gateway.faults.told import Told

Whose = Literal["caller", "operator", "vendor"]
Reason = Literal["context", "refused", "credentials", "credit", "no_model", "pace", "other"]
_Meaning = tuple[Whose, Reason]

NOTHING_TOLD = Told("")
TELLABLE = frozenset({400, 413, 422})  # that a client is told as they are

_CALLER: _Meaning = ("caller", "other")
_VENDOR: _Meaning = ("vendor", "other")
_PACE: _Meaning = ("vendor", "pace")
_CREDIT: _Meaning = ("operator", "credit")
_CREDENTIALS: _Meaning = ("operator", "credentials")
_NO_MODEL: _Meaning = ("operator", "no_model")
_CONTEXT: _Meaning = ("caller", "context")
_REFUSED: _Meaning = ("caller", "refused")

_OF_THE_ADDRESS = frozenset({404, 405, 406, 410, 415})  # nobody is there, or not any more
_NOT_OF_THE_REQUEST = frozenset({0, 409, 424, 425})  # unless its words say so
_OPEN = frozenset({0, 400, 409, 411, 413, 414, 422, 424, 425, 431, 451})  # 0: it names none
# What is quoted are mostly the caller's own names: that of a tool may well be `get_balance`.
_QUOTED = re.compile(r"'[^']{1,200}'|`[^`]{1,200}`|\"[^\"]{1,200}\"")


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that an upstream answered. `status` is its own, or what a client is told of a fault of its own."""

    whose: Whose
    reason: Reason
    status: int
    told: Told

    @property
    def is_callers(self) -> bool:
        """The request itself is at fault: every other server would most likely say the same."""
        return self.whose == "caller"

    @property
    def is_illness(self) -> bool:
        """Whether the upstream should be left alone for a while: not for what one request is too large for."""
        return self.whose != "caller" and self.status != 413 and not words.SAYS_TOO_LARGE.search(self.told.message)

    @property
    def is_shared(self) -> bool:
        """Whether it may befall other callers as well: a request can bring about most refusals, a stranger's header a
        wrong organisation, a large cap a lack of credit."""
        return self.whose == "vendor"

    @property
    def says_no_model(self) -> bool:
        """Whether it is said in words that the model is not there; a mere status may mean a wrong address."""
        if self.reason != "no_model":
            return False
        has_code = not self.told.words.isdisjoint(words.NO_MODEL_CODES) and "unknown_url" not in self.told.words
        return has_code or words.SAYS_NO_MODEL.search(self.told.message) is not None

    @property
    def is_of_the_upstream(self) -> bool:
        """Whether no model there can be had: the key is rejected, and not its use for one model."""
        is_rejected = self.status == 401 or not self.told.words.isdisjoint(words.REJECTED_CODES)
        return self.reason == "credentials" and is_rejected


def fault_of(status: int, told: Told | None) -> Fault:
    """The meaning of an error. `status` is the answer's: of one that says that all is well, what the error says inside
    itself counts."""
    said = told or NOTHING_TOLD
    if not 400 <= status < 600:
        status = said.status or 0
    meaning = _by_code(status, said) or _by_status(status, said)
    whose, reason = meaning
    if whose == "caller" and status not in TELLABLE:
        status = 400
    return Fault(whose, reason, status, said)


def _by_code(status: int, said: Told) -> _Meaning | None:
    """By the vendor's own code, type or status word."""
    codes = said.words
    is_refusal = status in _OPEN
    if codes & words.CONTEXT_CODES:
        return _CONTEXT
    if codes & words.CREDIT_CODES:
        return _CREDIT
    if "api_key_invalid" in codes:
        return _CREDENTIALS
    if codes & words.REFUSED_CODES and status < 500:
        return _REFUSED
    if codes & words.PACE_CODES and (status != 400 or words.SAYS_PACE.search(said.message)):
        return _PACE
    if codes & words.CREDENTIAL_CODES and (not is_refusal or status == 0):
        return _CREDENTIALS
    if codes & words.NO_MODEL_CODES:
        return _NO_MODEL
    if codes & words.BROKEN_CODES and (status == 0 or status >= 500):
        return _VENDOR
    return None


def _by_status(status: int, said: Told) -> _Meaning:
    """By the status, and by prose where it leaves the meaning open."""
    prose = _QUOTED.sub("…", said.message)
    if status == 429:
        is_credit = words.SAYS_CREDIT.search(prose) and not words.SAYS_PACE.search(prose)
        return _CREDIT if is_credit else _PACE
    if status in (401, 407):
        return _CREDENTIALS
    if status == 402:
        return _CREDIT
    if status == 403:
        return _REFUSED if words.SAYS_REFUSED.search(prose) else _CREDENTIALS
    if status in _OF_THE_ADDRESS:
        return _NO_MODEL
    return _by_prose(status, prose, said) if status in _OPEN else _VENDOR


def _by_prose(status: int, prose: str, said: Told) -> _Meaning:
    """A request that was refused: by whose fault, its words say."""
    for says, meaning in (
        (words.SAYS_PACE, _PACE),
        (words.SAYS_CREDIT, _CREDIT),
        (words.SAYS_CONTEXT, _CONTEXT),
        (words.SAYS_REFUSED, _REFUSED),
        (words.SAYS_CREDENTIALS, _CREDENTIALS),
        (words.SAYS_ACCOUNT, _CREDENTIALS),
        (words.SAYS_NO_MODEL, _NO_MODEL),
    ):
        if says.search(prose):
            return meaning
    if said.words & words.CREDENTIAL_CODES:
        return _CREDENTIALS
    if status in _NOT_OF_THE_REQUEST:
        return _VENDOR
    return _CONTEXT if status == 413 else _CALLER
