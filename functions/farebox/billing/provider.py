"""The port that a payment provider implements. Amounts in nano-USD; addresses are for the user's browser."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from functions.farebox.accounts.plans import Plan
from functions.farebox.billing.events import PaymentEvent, SubscriptionChanged
from functions.farebox.billing.sale import USD, SaleKind
from functions.farebox.errors import UpstreamUnavailable

# What becomes of a page that is to be closed. `closed`: nobody pays on it any more, and nobody has. `paid`: somebody
# has, be the money on its way; its events come, or have come. `open`: the provider lets no program close one.
PageEnd = Literal["closed", "paid", "open"]


class BadSignature(Exception):
    """A webhook's signature is missing, wrong, too old or from the future."""


class ProviderFailed(UpstreamUnavailable):
    """The provider did not answer, or not as it should. Safe to try again: nothing is charged twice."""

    code = "payment_provider_unavailable"


@dataclass(frozen=True, slots=True)
class ProviderCustomer:
    """Who pays. `customer` is what the provider calls them, once it does."""

    user: str
    email: str
    customer: str | None
    told_email: str | None = None  # the address that the provider has


@dataclass(frozen=True, slots=True)
class Returns:
    """Where a payer comes back to from a checkout."""

    paid: str
    cancelled: str


@dataclass(frozen=True, slots=True)
class Order:
    """A top-up to be paid at a checkout page. `id` names this order and no other: the same one is made once."""

    id: str
    payer: ProviderCustomer
    credit: int
    bonus: int
    reference: str  # the package, or empty
    returns: Returns
    credit_days: int | None = None  # how long the credit lasts; `None`: for ever
    bonus_days: int | None = None


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """A subscription to be begun at a checkout page. `id` as in `Order`."""

    id: str
    payer: ProviderCustomer
    plan: Plan
    returns: Returns
    seats: int = 1
    is_yearly: bool = False
    trial_days: int = 0


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What a subscription that runs is to be changed to. `products` are what the provider may call the item that is the
    plan's (`subscriptions.plans_own`)."""

    subscription: str
    plan: Plan
    seats: int = 1
    is_yearly: bool = False
    products: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Quote:
    """What a change of plan comes to. Amounts in nano-USD, or a thousand-millionth of the unit of `currency`.

    `today` is charged at once, tax included; `None` where nobody can tell. `begins_at` is when the plan's terms hold,
    `None` at once. From `renews_at` on each period costs `renewal`, before tax and discounts. `ends_at`: the
    subscription is cancelled, which a change does not undo, and ends then; without a `renews_at`, unrenewed."""

    today: int | None
    begins_at: datetime | None
    renewal: int
    renews_at: datetime | None
    currency: str = USD
    is_estimate: bool = False
    ends_at: datetime | None = None

    def ending(self, at: datetime | None) -> "Quote":
        """The same, where the subscription is cancelled to end at a moment; `None`: it is not."""
        if at is None:
            return self
        is_renewed = self.renews_at is not None and self.renews_at < at
        return replace(self, renews_at=self.renews_at if is_renewed else None, ends_at=at)

    @property
    def never_begins(self) -> bool:
        """Whether the subscription ends before the plan would hold."""
        return self.begins_at is not None and self.ends_at is not None and self.begins_at >= self.ends_at


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the provider's to send the user to. `customer` is what the provider calls the payer from now on."""

    url: str
    session_id: str
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that was saved at an earlier checkout, by the provider's names of it and of its customer."""

    customer: str
    id: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A saved card, to be charged while its holder is away. An attempt that is asked for again asks for the very same:
    providers know it by its id, and refuse another card under that."""

    attempt: str  # the idempotency key
    payer: ProviderCustomer
    amount: int
    card: SavedCard | None
    kind: SaleKind = "auto_recharge"


@dataclass(frozen=True, slots=True)
class ChargeOutcome:
    """What became of a charge. `pending` is told by an event later; `event` may be applied at once."""

    status: Literal["paid", "declined", "pending"]
    event: PaymentEvent | None = None


class Payments(Protocol):
    """A payment provider. Whatever it is asked to do raises `ProviderFailed` where the outcome is unclear."""

    name: str

    async def checkout(self, order: Order) -> Link:
        """A page on which an order can be paid."""

    async def subscribe(self, order: PlanOrder) -> Link:
        """A page on which a plan can be subscribed to. Raises `NotFound` where it is not sold so."""

    async def quote_change(self, change: PlanChange) -> Quote | None:
        """What a change comes to if it is made now; `None` where the provider does not say."""

    async def close_checkout(self, session_id: str) -> PageEnd:
        """Have a page be paid no more, and tell what has become of it."""

    async def standing_of(self, subscription: str, at: datetime) -> SubscriptionChanged | None:
        """How a subscription of ours stands now, as if it was told at a moment; `None` where the provider knows of none
        by this name, or of nothing that counts yet."""

    async def cancel_subscription(self, subscription: str) -> None:
        """End a subscription now. Nothing is to be done where it has ended, or is not there; any other refusal is
        `ProviderFailed`."""

    async def refund(self, payment: str) -> bool:
        """Refund a payment whole, once. `False` where the provider does not do it: an operator has to."""

    async def portal(self, payer: ProviderCustomer, return_url: str) -> Link:
        """A page on which the payer sees invoices and receipts and changes cards and subscriptions.

        Raises `Conflict` with `no_customer` for somebody who has paid nothing yet.
        """

    async def saved_card(self, payer: ProviderCustomer) -> SavedCard | None:
        """The card to charge by now, if there is one."""

    async def charge_saved_card(self, charge: Charge) -> ChargeOutcome:
        """Charge the saved card, once for an attempt, however often it is asked in a day. Without a card it is
        declined, by `auto_recharge.NO_CARD`."""

    async def outcome_of(self, charge: Charge) -> ChargeOutcome | None:
        """What became of an attempt, however long ago it was asked for; `None` where the provider has never heard of
        it. Nothing is charged."""

    async def read_event(self, body: bytes, headers: Mapping[str, str]) -> PaymentEvent:
        """A webhook's event. `headers` are in lower case. Raises `BadSignature`."""

    async def close(self) -> None:
        """Let go of connections."""
