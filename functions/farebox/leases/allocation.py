"""Allocation of a lease: first come, first served, and nobody waits behind one who cannot be served."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from functions.farebox.ledger.gates import BudgetGate, MoneyGate
from functions.farebox.limits.rate_windows import UNLIMITED, Slice

WHOLE_MINUTE = Slice(UNLIMITED, UNLIMITED)

RateGate = Literal["requests_minute", "tokens_minute", "requests_day"]
Gate = MoneyGate | RateGate
NO_BUDGETS: Mapping[BudgetGate, int] = {}


class Ask(Struct, frozen=True):
    """What one request wants: `ideal` nano-USD, or less down to `minimum`; tokens of the minute likewise."""

    ideal: int
    minimum: int
    tokens: int = 0
    tokens_minimum: int = 0

    def __post_init__(self) -> None:
        ideal, minimum, tokens, tokens_minimum = self.ideal, self.minimum, self.tokens, self.tokens_minimum
        # `type` and not `isinstance`: a bool is an `int`, and no amount.
        if not (type(ideal) is type(minimum) is type(tokens) is type(tokens_minimum) is int):
            raise ValueError(f"what is asked for is a whole number: {self}")
        if ideal < 0 or minimum < 0 or tokens < 0 or tokens_minimum < 0:
            raise ValueError(f"nothing is asked for below zero: {self}")


class Share(Struct, frozen=True):
    """What one request got: nano-USD and tokens of the minute."""

    amount: int
    tokens: int

    def __post_init__(self) -> None:
        if not (type(self.amount) is type(self.tokens) is int) or self.amount < 0 or self.tokens < 0:
            raise ValueError(f"a share is a whole number, and not below zero: {self}")


class Room(Struct, frozen=True):
    """What can be handed out: nano-USD by the wallet and by each budget that has a cap, and by the rate windows."""

    wallet: int
    budgets: Mapping[BudgetGate, int]
    minute: Slice = WHOLE_MINUTE
    day_requests: int = UNLIMITED

    @property
    def money(self) -> int:
        """The narrowest of the money gates."""
        return min(self.wallet, *self.budgets.values()) if self.budgets else self.wallet

    def without(self, share: Share) -> "Room":
        """What is left after a share."""
        return replace(
            self.without_money(share.amount),
            minute=self.minute - Slice(1, share.tokens),
            day_requests=self.day_requests - 1,
        )

    def without_money(self, amount: int) -> "Room":
        """What is left after an amount of money."""
        budgets = {name: free - amount for name, free in self.budgets.items()}
        return replace(self, wallet=self.wallet - amount, budgets=budgets)

    def gate(self, ask: Ask) -> Gate | None:
        """The first gate that is too narrow for a request's least wish, or `None`."""
        if self.wallet < ask.minimum:
            return "wallet"
        for name, free in self.budgets.items():
            if free < ask.minimum:
                return name
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
