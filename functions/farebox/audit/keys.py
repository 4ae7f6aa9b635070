"""The audit of keys' monthly budgets, which lie beside the wallets: they are looked at for many wallets at a time."""

from functools import partial

from functions.farebox.audit.door import read
from functions.farebox.audit.fault import Fault
from functions.farebox.audit.months import MonthSums
from functions.farebox.audit.wallet_books import WalletBooks
from functions.farebox.limits.key_counters import KeyWindow, key_window_path
from functions.farebox.storage import Document, Store

MANY = 500  # keys, which are asked for together


class KeyBudgets:
    """The budgets of the keys of some wallets, whose books were read to their end."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[str, str, MonthSums]] = []  # wallet, key, and the sums of both

    def add(self, books: WalletBooks) -> None:
        """Have the budgets of a wallet's keys compared with its books."""
        self._waiting += [(books.uid, key, books.months) for key in sorted(books.months.keys)]

    @property
    def are_many(self) -> bool:
        """Whether it is time to compare them."""
        return len(self._waiting) >= MANY

    async def compare(self) -> dict[str, list[Fault]]:
        """What does not add up, by wallet. Begins anew after that."""
        waiting, self._waiting = self._waiting, []
        found: dict[str, list[Fault]] = {}
        for start in range(0, len(waiting), MANY):
            part = waiting[start : start + MANY]
            windows = await self._store.get_many(*(key_window_path(key) for _, key, _ in part))
            for (uid, key, sums), window in zip(part, windows, strict=True):
                if window is None:
                    faults = sums.faults(key_window_path(key), None)
                else:
                    faults = read("key_windows", window, partial(_compare, sums))
                if faults:
                    found.setdefault(uid, []).extend(faults)
        return found


def _compare(sums: MonthSums, window: Document) -> list[Fault]:
    budget = KeyWindow.read(window.id, window, period="").budget
    return sums.faults(window.path, budget, window.id)
