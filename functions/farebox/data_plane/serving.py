"""A request between its hold and its end."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from functions.farebox.data_plane.admission import Admitted
from functions.farebox.data_plane.doubt import Answered, Doubt, doubt_of
from functions.farebox.data_plane.idempotency import Claim, Kept
from functions.farebox.data_plane.measure import Measured, measure
from functions.farebox.data_plane.reply import Settled
from functions.farebox.data_plane.request import Request
from functions.farebox.data_plane.settlement import Ending, Tab
from functions.farebox.data_plane.untold import Seen, tell_apart
from functions.farebox.gateway.answers import Source


class Serving(Struct, frozen=True):
    """A request that is under way, and what it has been given. `claim`: it came with an idempotency key. `drain_s` is
    how long its upstream may be listened to after its client has gone."""

    request: Request
    admitted: Admitted
    tab: Tab
    claim: Claim | None
    drain_s: float

    def by(self, public: str) -> "Serving":
        """The same where the model of this public name answers: it may be a fallback, with terms of its own."""
        if public == self.request.model or not public:
            return self
        checked = replace(self.request.checked, model=public)
        admitted = self.admitted.others.get(public, self.admitted)
        return replace(self, request=replace(self.request, checked=checked), admitted=admitted)

    async def measure(self, said: Seen, *, unheard: bool = False) -> Measured:
        """The tokens that it is charged for."""
        context = self.tab.longest_context
        measured = await measure(said, self.request, self.admitted, unheard=unheard, longest_context=context)
        return await tell_apart(measured, said, self.request, self.admitted, self.tab.dearest, unheard=unheard)

    async def doubt(self, answer: Answered, measured: Measured, source: Source) -> Doubt | None:
        """What there is to doubt of an answer that has reported its usage. What the cache answers costs nobody."""
        if source.cached_share_bp is not None:
            return None
        return await doubt_of(answer, measured, self.request, self.admitted, self.tab.price_of(source))

    async def close(self, ending: Ending, sent: Callable[[Settled], Kept], *, is_delivered: bool = False) -> Settled:
        """Charge it. `sent` is the answer as the client is sent it: where the request came with a key, it is kept in
        the commit that completes the record. `is_delivered`: the client has it already."""
        claim = self.claim
        keep = None if claim is None else lambda settled: claim.keep(sent(settled))
        return await self.tab.close(ending, keep, is_delivered=is_delivered)
