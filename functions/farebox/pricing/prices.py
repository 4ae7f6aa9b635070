"""A list of prices by name of model, in which a pattern's price is that of every model which has none of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from functions.farebox.kit.model_names import is_plain
from functions.farebox.kit.wildcards import Wildcards, is_pattern
from functions.farebox.pricing.ceiling import dearest_of
from functions.farebox.pricing.kin import Kin
from functions.farebox.pricing.price import Price


class Prices(Mapping[str, Price]):
    """Prices by name. It has those of all models that its patterns match; it lists its entries, by name.

    A name that only a pattern prices is plain, and costs no less than an own entry that it may mean (`Kin`).
    """

    def __init__(self, entries: Mapping[str, Price]) -> None:
        self._entries = dict(sorted(entries.items()))
        self._patterns = Wildcards(entries)

    def __getitem__(self, model: str) -> Price:
        own = self._entries.get(model)
        if own is not None:
            return own
        found = self._patterns.match(model)
        if found is None or not (is_plain(model) or is_pattern(model)):
            raise KeyError(model)
        price = found[0]
        return replace(dearest_of([price, *self._kin.of(model, price.model)]), model=model)

    @cached_property
    def _kin(self) -> Kin:
        return Kin(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
