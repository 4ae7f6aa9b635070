"""A list of prices by name of model, in which a pattern's price is that of every model which has none of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from functions.farebox.kit.wildcards import Wildcards
from functions.farebox.pricing.price import Price


class Prices(Mapping[str, Price]):
    """Prices by name. It has those of all models that its patterns match; it lists its entries, by name."""

    def __init__(self, entries: Mapping[str, Price]) -> None:
        self._entries = dict(sorted(entries.items()))
        self._patterns = Wildcards(entries)

    def __getitem__(self, model: str) -> Price:
        own = self._entries.get(model)
        if own is not None:
            return own
        found = self._patterns.match(model)
        if found is None:
            raise KeyError(model)
        return replace(found[0], model=model)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
