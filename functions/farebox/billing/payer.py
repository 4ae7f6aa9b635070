"""The payer: what is kept of a user who pays, beside the wallet, in `billing/{uid}`.

It is a document of its own because the wallet's changes with every lease, and this one with every payment.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from functions.farebox.billing.auto_recharge import Recharge
from functions.farebox.storage import Data, Document, Store


@dataclass(frozen=True, slots=True)
class AlertTerms:
    """Where and when to tell the user something. `secret` is sealed."""

    low_balance: int | None = None  # nano-USD
    url: str | None = None
    secret: str | None = None
    is_low: bool = False  # the balance was below the mark when it was last looked at
    times_low: int = 0  # how often it has come to be: each is an occasion of its own
    may_stay_here: bool = False  # an administrator of the embedded run gave the address: it may be this machine's
    trail_from_at: datetime | None = None  # which entries of the audit trail `url` may not have been told yet


@dataclass(frozen=True, slots=True)
class Payer:
    """A user as a payer."""

    customers: Mapping[str, str] = field(default_factory=dict)  # the customer's id by provider
    disputed: tuple[str, ...] = ()  # payments with an open dispute: while there are any, the wallet is frozen
    subscriptions: Mapping[str, Data] = field(default_factory=dict)  # how each was last heard to stand, by its id
    paid: Mapping[str, Data] = field(default_factory=dict)  # the latest period that was paid for, by subscription
    plan: str | None = None  # whose terms a subscription has given
    check_at: datetime | None = None  # then time alone may change that
    surplus: Mapping[str, Data] = field(default_factory=dict)  # {cancelled, refunded, reason} of those to be ended
    checkout: Data | None = None  # {order, plan, url, expires_at} of a subscription that may be being paid
    trial_marks: tuple[str, ...] = ()  # of who was offered a trial on a page that was given up and may be paid anyway
    topups: Mapping[str, Data] = field(default_factory=dict)  # {expires_at} of the pages on which one may be being paid
    is_gone: bool = False  # erased or closed: whatever runs at the provider is to be ended there
    trials: Mapping[str, Data] = field(default_factory=dict)  # {wallet, subscription} of a person's, by plan
    codes: tuple[str, ...] = ()  # that a person has redeemed, for whatever wallet
    pending: Mapping[str, int] = field(default_factory=dict)  # credit that is on its way, by payment
    emails: Mapping[str, Data] = field(default_factory=dict)  # {account, receipts}: which addresses each provider has
    recharge: Recharge = field(default_factory=Recharge)
    charging: Data | None = None  # {attempt, customer, card} of the recharge that was asked for last
    alerts: AlertTerms = field(default_factory=AlertTerms)

    @property
    def is_watched(self) -> bool:
        """Whether somebody is to be told of their balance and budgets."""
        alerts, recharge = self.alerts, self.recharge
        wants = alerts.low_balance is not None or alerts.url is not None
        return wants or bool(self.subscriptions) or recharge.failed_attempt is not None

    @property
    def _is_doubled(self) -> bool:
        live = sum(each["status"] != "ended" for each in self.subscriptions.values())
        return live > 1 or not all(each["cancelled"] for each in self.surplus.values())

    @property
    def has_open_ends(self) -> bool:
        """Whether something at the provider may charge them yet."""
        live = any(each["status"] != "ended" for each in self.subscriptions.values())
        return live or self.checkout is not None or bool(self.topups)

    @classmethod
    def from_document(cls, document: Document | None) -> "Payer":
        """From storage; a blank one where nothing was kept yet."""
        if document is None:
            return cls()
        data: Mapping[str, Any] = document.data
        return cls(
            customers=data["customers"],
            disputed=tuple(data["disputed"]),
            subscriptions=data["subscriptions"],
            paid=data.get("paid", {}),
            plan=data["plan"] if "plan" in data else _plan_before(data["subscriptions"]),
            check_at=data.get("check_at"),
            surplus=data.get("surplus", {}),
            checkout=data.get("checkout"),
            trial_marks=tuple(data.get("trial_marks", ())),
            topups=data.get("topups", {}),
            is_gone=data.get("is_gone", False),
            trials=data.get("trials", {}),
            codes=tuple(data.get("codes", ())),
            pending=data.get("pending", {}),
            emails=data.get("emails", {}),
            recharge=Recharge(**data["recharge"]),
            charging=data.get("charging"),
            alerts=AlertTerms(**data["alerts"]),
        )

    def to_data(self) -> Data:
        """For storage. `recharges`, `watched`, `check_at`, `doubled` and `closing` are for the jobs to ask for."""
        return {
            "customers": dict(self.customers),
            "disputed": list(self.disputed),
            "subscriptions": dict(self.subscriptions),
            "paid": dict(self.paid),
            "plan": self.plan,
            "check_at": self.check_at,
            "surplus": dict(self.surplus),
            "checkout": self.checkout,
            "trial_marks": list(self.trial_marks),
            "topups": dict(self.topups),
            "is_gone": self.is_gone,
            "trials": dict(self.trials),
            "codes": list(self.codes),
            "pending": dict(self.pending),
            "emails": dict(self.emails),
            "recharge": asdict(self.recharge),
            "charging": self.charging,
            "alerts": asdict(self.alerts),
            "recharges": self.recharge.enabled or self.recharge.attempt is not None,
            "watched": self.is_watched,
            "closing": self.is_gone and self.has_open_ends,
            "doubled": self._is_doubled,
        }


def _plan_before(subscriptions: Mapping[str, Data]) -> str | None:
    """The plan that a subscription had given, where an earlier version kept the payer: the last to be begun decided."""
    live = [data for data in subscriptions.values() if data["status"] != "ended"]
    latest = max(live, key=lambda data: data["started_at"], default=None)
    return None if latest is None else latest["plan"]


def billing_path(uid: str) -> str:
    """Where a user's billing document is kept."""
    return f"billing/{uid}"


async def read_payer(store: Store, uid: str) -> Payer:
    """How a user pays, and wants to be told."""
    return Payer.from_document(await store.get(billing_path(uid)))
