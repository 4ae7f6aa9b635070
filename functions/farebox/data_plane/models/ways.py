"""Ways: which models may answer a request, what is held for them, and in which order they are asked.

Mostly that is the model that was asked for, alone. Where an operator has set fallbacks for it, they are held for before
anything is sent: those that the key may use, that are routed, and that have a price for all that the request asks for.
Where its prompt is too long for the model itself, those for that reason are the way from the beginning.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from functions.farebox.caching.gateway import CachedGateway
from functions.farebox.data_plane.admission import Admitted, Offer, admit
from functions.farebox.data_plane.prompt import TOO_LONG
from functions.farebox.data_plane.request import Request
from functions.farebox.errors import InvalidRequest, NotFound, OutOfMoney, RateLimited
from functions.farebox.gateway.call import Alternative, Call
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.policy.fallbacks import REASONS, FallbackReason, Fallbacks
from functions.farebox.gateway.speech.forms import Forms
from functions.farebox.leases.pool import LeasePool
from functions.farebox.pricing.bound import Bound
from functions.farebox.pricing.price_list import PriceList
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.request.checked import Checked


class Way(Struct, frozen=True):
    """A request that is paid for, by whichever model answers it. `checked` is what is sent first, or what `forms` has
    of it in the dialect of who is sent it; `tariff` has the prices of all of them."""

    checked: Checked
    admitted: Admitted
    tariff: Tariff
    fallbacks: Mapping[FallbackReason, Sequence[Alternative]] | None = None
    forms: Forms | None = None

    def call(self, request: Request) -> Call:
        """The call that it is."""
        return Call(
            self.checked,
            self.admitted.cap,
            request.caller.party,
            request.cache,
            request.request_id,
            request.headers,
            self.fallbacks,
            self.forms,
            self.admitted.fewer_calls,
        )

    def bound_of(self, model: str) -> Bound | None:
        """The most that a model may do for it; `None` for one that is not to answer it."""
        admitted = self.admitted if model == self.checked.model else self.admitted.others.get(model)
        return None if admitted is None else admitted.bound


class Ways:
    """Finds the way of each request, and holds what it may cost."""

    def __init__(
        self,
        leases: LeasePool,
        gateway: Gateway | CachedGateway,
        prices: PriceList,
        fallbacks: Mapping[str, Fallbacks],
    ) -> None:
        self._leases = leases
        self._gateway = gateway
        self._prices = prices
        self._fallbacks = fallbacks

    async def of(self, request: Request, tariff: Tariff) -> Way:
        """The way of a request, whose model is priced by `tariff`. Raises as `admit` does.

        A vendor's tool that the client does as well without is left out where the money, or the tokens of a whole
        minute, are not enough for what it may find: agents offer a search with whatever they ask.
        """
        checked, forms = self._forms(request, request.model, tariff)
        try:
            return await self._way(request, tariff, checked, forms)
        except (OutOfMoney, RateLimited) as error:
            if isinstance(error, RateLimited) and not error.would_recur:
                raise
            leaner, forms = self._forms(request, request.model, tariff, offers_more=False)
            if leaner.features == checked.features:
                raise
            return await self._way(request, tariff, leaner, forms)

    async def _way(self, request: Request, tariff: Tariff, checked: Checked, forms: Forms | None) -> Way:
        request.checked, request.forms = checked, forms
        chain = self._fallbacks.get(checked.model)
        if chain is None:
            return Way(checked, await self._admit(request, checked, tariff, forms=forms), tariff, None, forms)
        offers = await self._offers(request, chain)
        try:
            admitted = await self._admit(request, checked, tariff, list(offers.values()), forms)
        except InvalidRequest as error:
            way = await self._around(request, chain, offers) if error.code == TOO_LONG else None
            if way is None:
                raise
            return way
        fallbacks = {reason: _alternatives(chain.of(reason), offers, admitted) for reason in REASONS}
        return Way(checked, admitted, await self._together(checked.model, admitted), fallbacks, forms)

    async def _around(self, request: Request, chain: Fallbacks, offers: Mapping[str, Offer]) -> Way | None:
        """The way of a request whose prompt its own model has no room for."""
        names = [name for name in chain.context if name in offers]
        for rank, name in enumerate(names):
            offer, rest = offers[name], names[rank + 1 :]
            try:
                others = [offers[each] for each in rest]
                admitted = await self._admit(request, offer.checked, offer.tariff, others, offer.forms)
            except InvalidRequest:
                continue
            fallbacks = dict.fromkeys(REASONS, _alternatives(rest, offers, admitted))
            return Way(offer.checked, admitted, await self._together(name, admitted), fallbacks, offer.forms)
        return None

    async def _admit(
        self,
        request: Request,
        checked: Checked,
        tariff: Tariff,
        others: Sequence[Offer] = (),
        forms: Forms | None = None,
    ) -> Admitted:
        caller, routes = request.caller, self._gateway.routes
        return await admit(
            self._leases,
            caller.uid,
            caller.terms,
            tariff,
            checked,
            pass_fields=routes.pass_fields(checked.model),
            drop_fields=routes.drop_fields(checked.model),
            told_context=self._told_context(checked.model, tariff),
            served_as=routes.served_as,
            multiplier_bp=caller.multiplier_bp,
            others=others,
            forms=forms,
        )

    def _forms(
        self, request: Request, model: str, tariff: Tariff, *, offers_more: bool = True
    ) -> tuple[Checked, Forms | None]:
        """The form of a request that it is counted by for a model of these prices, and all that the model's upstreams
        may be sent, where some speak another dialect; with `offers_more`, also the tools that the client does as well
        without. Raises `InvalidRequest` where none of them can be asked."""
        forms = request.forms
        if forms is None:
            if self._gateway.routes.all_speak_chat and not request.checked.features:
                return request.checked, None
            forms = Forms(request.checked)
        forms = forms.named(model)
        if forms.own.features:
            forms = forms.priced(lambda feature: offers_more and tariff.lacks((feature,)) is None)
        return forms.settle(self._gateway.speakers(model)), forms

    async def _offers(self, request: Request, chain: Fallbacks) -> dict[str, Offer]:
        """The fallbacks that this caller may use, and that are routed and priced."""
        allowed, routes = request.caller.models, self._gateway.routes
        offers = {}
        for name in chain.models():
            if name not in routes or (allowed is not None and name not in allowed):
                continue
            try:
                tariff = await self._prices.tariff(routes[name])
                checked, forms = self._forms(request, name, tariff)
            except (NotFound, InvalidRequest):
                continue
            if forms is None:
                checked = replace(checked, model=name)
            passed, dropped = routes.pass_fields(name), routes.drop_fields(name)
            offers[name] = Offer(checked, tariff, passed, self._told_context(name, tariff), forms, dropped)
        return offers

    def _told_context(self, model: str, tariff: Tariff) -> int | None:
        return self._gateway.told_context(model) if tariff.ceiling.context_tokens is None else None

    async def _together(self, model: str, admitted: Admitted) -> Tariff:
        """The prices of all who may answer."""
        routes = self._gateway.routes
        return await self._prices.tariff(frozenset().union(*(routes[name] for name in (model, *admitted.others))))


def _alternatives(names: Iterable[str], offers: Mapping[str, Offer], admitted: Admitted) -> list[Alternative]:
    """Those that are held for, in their order."""
    held = [(offers[name], admitted.others[name]) for name in names if name in admitted.others]
    return [Alternative(offer.checked, other.cap, offer.forms, other.fewer_calls) for offer, other in held]
