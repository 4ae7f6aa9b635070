"""An answer that streams: relayed as it comes, charged when it ends, however it ends."""

from collections.abc import AsyncIterator, Callable
from typing import Literal

from functions.farebox.data_plane.disconnect import HungUp
from functions.farebox.data_plane.doubt import Doubt
from functions.farebox.data_plane.drain import Drain
from functions.farebox.data_plane.idempotency import MOST_BYTES, Kept
from functions.farebox.data_plane.measure import Measured, measure_unheard
from functions.farebox.data_plane.reply import Settled, StreamEnd
from functions.farebox.data_plane.serving import Serving
from functions.farebox.data_plane.settlement import NOTHING, Ending
from functions.farebox.errors import FareboxError, StoreUnavailable, UpstreamFailed, UpstreamUnavailable
from functions.farebox.gateway.answers import StreamAnswer

UNBOOKED = (
    "The database does not answer, so what this answer costs could not be written down yet. What came of it is charged "
    "as soon as it can be."
)

Forward = Callable[[bytes], bool]  # takes a block at once, and answers whether it takes the next one so
Outcome = Literal["complete", "broken", "cut"]

_STATUS: dict[Outcome, Literal["ok", "error", "aborted"]] = {"complete": "ok", "broken": "error", "cut": "aborted"}


class PaidStream:
    """Iterate its blocks to their end: the last of them come after the books are closed. `ended` is called then."""

    def __init__(self, serving: Serving, answer: StreamAnswer, ended: Callable[[], None]) -> None:
        self.source = answer.source
        self.hold = serving.admitted.hold
        self._serving = serving
        self._request = serving.request
        self._answer = answer
        self._ended = ended
        self._relayed: list[bytes] | None = None if serving.claim is None else []  # what is kept for a replay
        self._kept_bytes = 0
        self._settled: bytes | None = None  # all of it, where it was charged before it is sent
        self._is_cut = False  # the client went before its end
        self._is_delivered = False  # what came of it was sent to the client
        self._is_unheard = False  # and its upstream was not heard to its count

    async def settle_whole(self) -> None:
        """Charge a stream that has come whole before anything of it is sent, as a plain answer: one record says it all,
        and there is nothing left to be cut."""
        hang_up = self._request.hang_up
        self._is_cut = hang_up.happened and not hang_up.by_server
        blocks = [block async for block in self._answer]
        await self._answer.aclose()
        if self._relayed is not None:
            self._relayed += blocks
        try:
            self._settled = b"".join([*blocks, await self._end()])
        finally:
            self._ended()

    async def blocks(self, forward: Forward | None = None) -> AsyncIterator[bytes]:
        """What to send, as it comes, but for what `forward` has taken; an empty block says that it takes no more, so
        that whoever iterates may wait until it does. When the client hangs up, the upstream is cancelled, once it is
        known what it has done, and that is charged; the iteration then ends. So is what came before anything fails
        here."""
        if self._settled is not None:
            yield self._settled
            return
        failure: Exception | None = None
        self._is_delivered = True
        try:
            while True:
                block = await self._request.hang_up.guard(lambda: anext(self._answer, None))
                if block is None:
                    break
                self._keep(block)
                yield block
                if forward is not None:
                    await self._request.hang_up.guard(lambda: self._answer.pass_on(self._forwarding(forward)))
                    yield b""
        except HungUp:
            await self._hear_out()
        except Exception as error:
            failure, self._is_cut = error, True
        finally:
            await self._answer.aclose()
        try:
            end = await self._end()
        except StoreUnavailable:
            end = self._tail(Settled(0, None, NOTHING), StoreUnavailable(f"{UNBOOKED} {self._unbooked_advice()}"))
        finally:
            self._ended()
        if failure is not None:
            raise failure
        yield end

    def _forwarding(self, forward: Forward) -> Forward:
        if self._relayed is None:
            return forward

        def keep_and_forward(block: bytes) -> bool:
            self._keep(block)
            return forward(block)

        return keep_and_forward

    def _keep(self, block: bytes) -> None:
        if self._relayed is not None and self._kept_bytes <= MOST_BYTES:  # else it is too much to be kept
            self._kept_bytes += len(block)
            self._relayed.append(block)

    async def _hear_out(self) -> None:
        """The client is gone: listen to what only the upstream knows."""
        serving, answer = self._serving, self._answer
        self._is_cut = True
        is_heard = await self._drain().listen(answer, self._request.hang_up, serving.drain_s)
        self._is_unheard = not is_heard and not self._request.hang_up.by_server

    def _drain(self) -> Drain:
        return Drain(self._request, self.source, self._serving.tab.price_of(self.source))

    async def _end(self) -> bytes:
        """Close the books; answers what follows the relayed events."""
        relayed = self._answer.inspector
        outcome = relayed.outcome
        if self._is_cut or (self._request.hang_up.happened and outcome != "complete"):
            outcome = "cut"
        error = relayed.failure if outcome == "broken" else None
        measured = await self._serving.measure(relayed, unheard=self._is_unheard)
        ending = Ending(_STATUS[outcome], measured, self.source, error=error)
        if relayed.usage is not None and relayed.usage_is_final:
            ending.doubt = await self._serving.doubt(relayed, measured, self.source)
        elif self.source.cached_share_bp is None:
            self._doubt_uncounted(ending, measured, outcome)
        settled = await self._serving.close(
            ending, lambda settled: self._sent(outcome, settled), is_delivered=self._is_delivered
        )
        return self._tail(settled, self._error_of(outcome))

    def _doubt_uncounted(self, ending: Ending, measured: Measured, outcome: Outcome) -> None:
        """What its upstream did not count may be more than what was relayed."""
        relayed = self._answer.inspector
        hides = self._drain().hides(relayed)
        if hides and outcome != "complete":
            ending.at_most = measure_unheard(measured, self._serving.admitted)
        if hides or not relayed.said_something:
            ending.doubt = Doubt("what was done unseen was never told")
        elif outcome == "broken" and relayed.reported_error is None:
            ending.doubt = Doubt("it broke off, and may have gone on")

    def _tail(self, settled: Settled, error: FareboxError | None) -> bytes:
        request, relayed = self._request, self._answer.inspector
        end = StreamEnd(settled, relayed, request.wants_usage, error, request.own.wants_cost)
        return request.rendering.tail(end)

    def _sent(self, outcome: Outcome, settled: Settled) -> Kept:
        assert self._relayed is not None, "what a key was sent for is remembered"
        body = b"".join([*self._relayed, self._tail(settled, self._error_of(outcome))])
        request = self._request
        head = request.rendering.head(self.source, request.receipt_id, dropped=request.dropped)
        return Kept(head, body, stream=True)

    def _error_of(self, outcome: Outcome) -> FareboxError | None:
        """What a client is told about a stream that did not end well. It was charged for what came of it, and one key
        is one charge: where it came with one it is kept as it is, and only another key asks again."""
        again = self._advice()
        if outcome == "broken":
            return UpstreamFailed(f"The model's server broke off in the middle of its answer. {again}")
        if outcome == "cut":
            return UpstreamUnavailable(f"This server is shutting down. {again}")
        return None

    def _unbooked_advice(self) -> str:
        """What a client does about a stream whose books could not be closed. It may have all of it, and who asks again
        pays again."""
        if self._is_cut or self._answer.inspector.outcome != "complete":
            return self._advice()
        if self._relayed is not None:
            return "The answer is whole, and its Idempotency-Key gives it again."
        return "The answer is whole: to ask for it again costs as much again."

    def _advice(self) -> str:
        if self._relayed is None:
            return "Try again."
        return "To ask again, use a new Idempotency-Key: this one keeps the answer as it is."
