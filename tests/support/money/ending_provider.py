"""A payment provider's part in ends, which may be down."""

from functions.farebox.billing.provider import PageEnd, ProviderFailed


class EndingProvider:
    """`ended` is what it was told to close or cancel, in that order; `refused` is what it does not do, and why."""

    def __init__(self, name: str = "sandbox") -> None:
        self.name = name
        self.is_down = False
        self.ended: list[str] = []
        self.refused: dict[str, Exception] = {}

    async def close_checkout(self, session_id: str) -> PageEnd:
        """Note it. Raises `ProviderFailed` while it is down."""
        self._end(session_id)
        return "closed"

    async def cancel_subscription(self, subscription: str) -> None:
        """The same."""
        self._end(subscription)

    def _end(self, what: str) -> None:
        if what in self.refused:
            raise self.refused[what]
        if self.is_down:
            raise ProviderFailed("It is down.")
        self.ended.append(what)
