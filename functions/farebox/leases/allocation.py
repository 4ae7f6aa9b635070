"""Allocation of a lease: first come, first served, and nobody waits behind one who cannot be served."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from functions.farebox.limits.rate_windows import UNLIMITED, Slice

WHOLE_MINUTE = Slice(UNLIMITED, UNLIMITED)

Gate = Literal[
    "wallet", "user_budget", "tenant_budget", "key_budget", "requests_minute", "tokens_minute", "requests_day"
]


@dataclass(slots=True)
class Ask:
    """What one request wants: `ideal` nano-USD, or less down to `minimum`; tokens of the minute likewise."""

    ideal: int
    minimum: int
    tokens: int = 0
    tokens_minimum: int = 0


@dataclass(slots=True)
class Share:
    """What one request got: nano-USD and tokens of the minute."""

    amount: int
    tokens: int


@dataclass(slots=True)
class Room:
    """What can be handed out: by wallet and budgets in nano-USD, and by the rate windows."""

    wallet: int
    user_budget: int = UNLIMITED * UNLIMITED
    tenant_budget: int = UNLIMITED * UNLIMITED
    key_budget: int = UNLIMITED * UNLIMITED
    minute: Slice = WHOLE_MINUTE
    day_requests: int = UNLIMITED

    @property
    def money(self) -> int:
        """The narrowest of the money gates."""
        return min(self.wallet, self.user_budget, self.tenant_budget, self.key_budget)

    def without(self, share: Share) -> "Room":
        """What is left after a share."""
        return replace(
            self.without_money(share.amount),
            minute=self.minute - Slice(1, share.tokens),
            day_requests=self.day_requests - 1,
        )

    def without_money(self, amount: int) -> "Room":
        """What is left after an amount of money."""
        return replace(
            self,
            wallet=self.wallet - amount,
            user_budget=self.user_budget - amount,
            tenant_budget=self.tenant_budget - amount,
            key_budget=self.key_budget - amount,
        )

    def gate(self, ask: Ask) -> Gate | None:
        """The first gate that is too narrow for a request's least wish, or `None`."""
        if self.wallet < ask.minimum:
            return "wallet"
        if self.user_budget < ask.minimum:
            return "user_budget"
        if self.tenant_budget < ask.minimum:
            return "tenant_budget"
        if self.key_budget < ask.minimum:
            return "key_budget"
        if self.day_requests < 1:
            return "requests_day"
        if self.minute.requests < 1:
            return "requests_minute"
        if self.minute.tokens < ask.tokens_minimum:
            return "tokens_minute"
        return None


def share_of(room: Room, ask: Ask) -> Share | None:
    """What a request gets of a room: its ideal, or what is there if that is enough, or nothing."""
    if room.gate(ask) is not None:
        return None
    return Share(min(ask.ideal, room.money), min(ask.tokens, room.minute.tokens))


def allocate(room: Room, asks: Sequence[Ask]) -> tuple[list[Share | None], Room]:
    """Serve requests in their order; answers each one's share and the room that is left."""
    shares: list[Share | None] = []
    for ask in asks:
        share = share_of(room, ask)
        if share is not None:
            room = room.without(share)
        shares.append(share)
    return shares, room
