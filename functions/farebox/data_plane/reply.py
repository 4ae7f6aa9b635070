"""What the data plane answers, as plain values, and the port by which the edge turns them into what is sent."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from functions.farebox.errors import FareboxError
from functions.farebox.gateway.answers import PlainAnswer, RejectedAnswer, Source
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.leases.pool import Hold
from functions.farebox.tokens.usage.usage import Usage


class Settled(Struct, frozen=True):
    """What a request was charged, and what is left, in nano-USD; `None` where that is not the client's to know.
    `usage` is what was charged for."""

    charged: int
    balance: int | None
    usage: Usage


class PaidAnswer(Struct, frozen=True):
    """A whole answer, or an upstream's refusal, and what it was charged."""

    answer: PlainAnswer | RejectedAnswer
    settled: Settled
    hold: Hold


class StreamEnd(Struct, frozen=True):
    """How a stream ended, once it is charged. `error` says why it did not end well; `relayed` knows what was in it.
    `wants_usage`: the client asked to be told the usage, `wants_cost`: and, in that, what it cost."""

    settled: Settled
    relayed: StreamInspector
    wants_usage: bool
    error: FareboxError | None
    wants_cost: bool = False


class Rendering(Protocol):
    """How answers are written for clients. An answer that is kept for a replay is kept as it was written, so the data
    plane has it written before it commits, and looks into nothing of it."""

    def head(
        self, source: Source, receipt_id: str, settled: Settled | None = None, dropped: Sequence[str] = ()
    ) -> Mapping[str, str]:
        """What is said of an answer before its body. `settled` is not known before a stream begins; `dropped` are the
        fields of the request that were left out."""

    def body(self, answer: PlainAnswer, settled: Settled, *, wants_cost: bool) -> bytes:
        """A whole answer. `wants_cost`: the client asked to be told in it what it cost."""

    def tail(self, end: StreamEnd) -> bytes:
        """What follows the events of a stream that were relayed."""
