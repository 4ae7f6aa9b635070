"""Prices that a name may mean although it is not theirs to the letter.

Under a pattern the client writes the name, and the upstream reads it in its own way: `pat/X`, `pat/x:nitro` and
`pat/x-latest` are served by the dear model `pat/x` as well, and must not cost what the pattern says.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from functions.farebox.kit.model_names import beginnings, fold, stem
from functions.farebox.kit.wildcards import Wildcards, is_pattern, matches
from functions.farebox.pricing.price import Price


class Kin:
    """The own prices of a list by all that names are compared by. Made once for a list; asked at the first use of a
    name."""

    def __init__(self, entries: Mapping[str, Price]) -> None:
        self._by_name: defaultdict[str, list[Price]] = defaultdict(list)
        self._by_last: defaultdict[str, list[Price]] = defaultdict(list)
        patterns: defaultdict[str, list[Price]] = defaultdict(list)
        for name, price in entries.items():
            if is_pattern(name):
                patterns[name.lower()].append(price)
                continue
            folded = fold(name)
            for each in {folded, stem(folded)}:
                self._by_name[each].append(price)
            self._by_last[_last(folded)].append(price)
        self._patterns = Wildcards(patterns)

    def of(self, name: str, pattern: str) -> Iterator[Price]:
        """The prices of what a name may mean that has the price of a `pattern`: those of the own entry that it is, or
        that it begins with up to a separator (the longest), but for casing, place and variant; of those that the
        pattern matches and that only another provider before the slash tells apart, likewise; and of the pattern that
        it matches in lower case."""
        folded = fold(name)
        yield from next((self._by_name[each] for each in beginnings(folded) if each in self._by_name), ())
        for each in beginnings(_last(folded)):
            elsewhere = [price for price in self._by_last.get(each, ()) if matches(pattern, price.model)]
            if elsewhere:
                yield from elsewhere
                break
        for each in {folded, name.lower()}:
            found = self._patterns.match(each)
            if found is not None:
                yield from found[0]


def _last(folded: str) -> str:
    """What is after the last slash, without its variant."""
    return stem(folded).rpartition("/")[2]
