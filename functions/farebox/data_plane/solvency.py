"""Whether somebody could pay for anything at all: asked before a large request is read, which takes memory from others.

Who has a lease in hand is asked nothing of, so it costs a busy caller no call to the store. Anybody else's wallet and
budgets are looked at as they are now, and nothing is taken: a top-up counts at once.
"""

from collections.abc import Callable
from datetime import datetime

from functions.farebox.data_plane.idempotency import Idempotency
from functions.farebox.data_plane.models.served_models import served_models
from functions.farebox.errors import OutOfMoney
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.keys.authentication import Caller
from functions.farebox.leases.pool import LeasePool
from functions.farebox.leases.refusals import ASK_THE_GIVER
from functions.farebox.ledger.funds import Funds
from functions.farebox.ledger.gates import OF_KEYS, REFUSAL_CODES, SPANS_BY_GATE, describe_span_budget
from functions.farebox.pricing.bill import most
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.price_list import PriceList
from functions.farebox.storage import Store, Transaction

EMPTY = {
    "wallet": "Nothing of your balance is free. Top up your wallet.",
    "user_budget": "Nothing is left of this account's budget. Raise the budget, or wait for the next month.",
    "member_budget": "Nothing is left of your budget in this organisation. Ask an owner or an admin of it to raise it.",
    "project_budget": "Nothing is left of this project's budget. Raise the budget, or wait for the next month.",
    "key_budget": "Nothing is left of this API key's budget. Raise the budget, or wait for the next month.",
}
SHARED = "Nothing is left of a budget that this account shares. Ask whoever runs this service to raise it, or wait."

GIVEN = f"Nothing can be paid for with this API key at present. {ASK_THE_GIVER}"


class Solvency:
    """Looks at what callers have."""

    def __init__(
        self,
        store: Store,
        leases: LeasePool,
        prices: PriceList,
        gateway: Gateway,
        idempotency: Idempotency,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._leases = leases
        self._prices = prices
        self._gateway = gateway
        self._idempotency = idempotency
        self._now = now

    async def check(self, caller: Caller, idempotency_key: str | None = None) -> None:
        """Raises `OutOfMoney` where no request of a caller's could be paid for: nothing is free, nothing is in reserve
        that may come back, no model is free, and no answer is kept for the key that it came with."""
        if self._leases.has_money_for(caller.uid, caller.terms.id):
            return
        refusal = await self._store.transact(lambda tx: self._refusal(tx, caller))
        if refusal is None or await self._has_free_model(caller):
            return
        if idempotency_key is not None and await self._idempotency.knows(caller.party, idempotency_key):
            return
        raise refusal

    async def _refusal(self, tx: Transaction, caller: Caller) -> OutOfMoney | None:
        terms = caller.terms
        funds = await Funds.open(tx, caller.uid, self._now(), key=terms.id, belongs=terms.belongs, caps=terms.caps)
        funds.set_caps(terms)
        gate = funds.too_narrow_for(1)
        if gate is None or funds.reserved[gate]:
            return None
        if terms.is_minted and gate not in OF_KEYS:
            return OutOfMoney(GIVEN, code=REFUSAL_CODES[gate])
        if gate in SPANS_BY_GATE:
            of_span = describe_span_budget(gate, funds.days, funds.book.wallet.time_zone)
            return OutOfMoney(f"Nothing is left of {of_span}", code=REFUSAL_CODES[gate])
        return OutOfMoney(EMPTY.get(gate, SHARED), code=REFUSAL_CODES[gate])

    async def _has_free_model(self, caller: Caller) -> bool:
        def is_free(price: Price) -> bool:
            return not most(price, 1, 0, multiplier_bp=caller.multiplier_bp)

        prices = await self._prices.current()
        return any(map(is_free, prices.values())) and any(
            map(is_free, served_models(self._gateway.routes, prices, caller.models))
        )
