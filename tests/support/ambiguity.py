"""How long a regular expression may search: whether there is a text that its engine goes over again and again.

An engine that backtracks tries every way in which a pattern can read a text before it gives up, and a search begins
anew at each place. So it takes longer than the text is exactly where that can be read in ever more ways: what a loop
reads in two ways is tried in twice as many with each turn, and two loops in a row that read the same share it out in
every way. Both are seen on the pattern's automaton (Weideman, van der Merwe, Berglund, Watson: Analyzing Matching Time
Behavior of Backtracking Regular Expression Matchers by Using Ambiguity of NFA, 2016):

- exponential: from a state to itself in two ways on one text;
- polynomial: from p to p, from p to q and from q to q on one text. A search is a loop over anything before the rest.

A loop at which the match may end does no harm: nothing fails after it. Nor does one that keeps what it has read (`++`),
but to the searches that begin in it. Repetitions of up to `MOST_COPIES` are written out.
"""

import importlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

MOST_COPIES = 256  # a repetition of more is taken for an endless one
_op = importlib.import_module("re._constants")
_CATEGORIES = {
    _op.CATEGORY_DIGIT: r"\d",
    _op.CATEGORY_NOT_DIGIT: r"\D",
    _op.CATEGORY_SPACE: r"\s",
    _op.CATEGORY_NOT_SPACE: r"\S",
    _op.CATEGORY_WORD: r"\w",
    _op.CATEGORY_NOT_WORD: r"\W",
}

State = tuple[int, ...]


def ambiguity(pattern: re.Pattern[Any], *, searches: bool, to_the_end: bool, is_short: bool = False) -> str:
    """What makes a pattern slow, and on which text; empty where nothing does. `searches`: it may begin anywhere
    (`search`, `sub`, ...); `to_the_end`: it has to read all (`fullmatch`); `is_short`: what it reads is too short for
    what is polynomial to count."""
    automaton = _Automaton(pattern)
    automaton.build(searches, to_the_end)
    return _exponential(automaton) or ("" if is_short else _polynomial(automaton))


def _exponential(automaton: "_Automaton") -> str:
    for node, loop in automaton.loops(again=False).items():
        if node in automaton.may_end:
            continue
        if automaton.is_doubled(node, loop):
            return f"exponential on {automaton.chars[min(automaton.steps[node])]!r}"
        text = automaton.text_between((node, node, 0), (node, node, 1), partial(automaton.parting, loop))
        if text is not None:
            return f"exponential on {text!r}"
    return ""


def _polynomial(automaton: "_Automaton") -> str:
    loops = automaton.loops(again=True)
    for (p, first), (q, last) in product(loops.items(), repeat=2):
        if q in first or q in automaton.may_end or not automaton.gives_back(p, q):
            continue
        text = automaton.text_between((p, p, q), (p, q, q), partial(automaton.sharing, first, last))
        if text is not None:
            return f"polynomial on {text!r}"
    return ""


@dataclass(frozen=True)
class _Edge:
    """A way that reads nothing. `may_fail`: it asks for something about the place; `again`: it is the way back of a
    loop that keeps what it has read."""

    to: int
    may_fail: bool = False
    again: bool = False


class _Automaton:
    """Its states are the nodes that read; `steps` says where each leads on which character, and in how many ways."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self._flags = pattern.flags
        self._is_bytes = isinstance(pattern.pattern, bytes)
        self._tree = _op_tree(pattern)
        most = 256 if self._is_bytes else 0x110000
        codes = {code + by for code in _codes(self._tree) for by in (-1, 0, 1)} | {0x3001, 0x1D7D8, *range(256)}
        self._all = frozenset(code for code in codes if 0 <= code < most)
        self._edges: dict[int, list[_Edge]] = defaultdict(list)
        self._reads: dict[int, tuple[frozenset[int], int]] = {}
        self._kept: dict[int, frozenset[int]] = {}  # about each node, the groups that keep what they have read
        self._around: frozenset[int] = frozenset()
        self._nodes = 0
        self._is_beginning = True

    def build(self, searches: bool, to_the_end: bool) -> None:
        """Build it from the pattern."""
        start, accepting = self._node(), self._node()
        beginnings = [(start, True)]
        if searches:
            anywhere = self._reading(start, self._all)
            self._edges[anywhere].append(_Edge(start))
            beginnings = [(self._node(), True), (anywhere, False)]
        for beginning, self._is_beginning in beginnings:
            self._edges[self._sequence(self._tree, beginning)].append(_Edge(accepting, may_fail=to_the_end))
        classes = self._classes()
        self.chars = [chr(min(chars)) for chars in classes]
        after = {node: self._after(to) for node, (_, to) in self._reads.items()}
        self.may_end = {node for node, edges in after.items() if (accepting, False) in edges}
        self.steps: dict[int, dict[int, Counter[int]]] = {}
        for node, (read, _) in self._reads.items():
            ways = Counter(to for to, _ in after[node].elements() if to in self._reads)
            self.steps[node] = {n: ways for n, chars in enumerate(classes) if chars <= read}

    def loops(self, *, again: bool) -> dict[int, frozenset[int]]:
        """The states that can be come back to, each with those on its ways back."""
        nexts = {
            node: {to for to, _ in self._after(after, again=again) if to in self._reads}
            for node, (_, after) in self._reads.items()
        }
        reached = {node: _reached(nexts, node) for node in nexts}
        return {
            node: frozenset(other for other in there if node in reached[other])
            for node, there in reached.items()
            if node in there
        }

    def is_doubled(self, node: int, loop: frozenset[int]) -> bool:
        """Whether a state leads to another of its loop in two ways."""
        return any(ways[to] > 1 for ways in self.steps[node].values() for to in loop)

    def gives_back(self, p: int, q: int) -> bool:
        """Whether what p has read may be read in another way when q fails."""
        return self._kept[p] <= self._kept[q]

    def parting(self, loop: frozenset[int], state: State) -> Iterator[tuple[int, State]]:
        """The steps of two ways within a loop, and whether they have parted."""
        one, other, parted = state
        for char, ones in self.steps[one].items():
            others = self.steps[other].get(char, Counter[int]())
            for a, b in product(loop & ones.keys(), loop & others.keys()):
                yield char, (a, b, int(parted or a != b))

    def sharing(self, first: frozenset[int], last: frozenset[int], state: State) -> Iterator[tuple[int, State]]:
        """The steps of three ways: within a loop, anywhere, and within another loop."""
        a, b, c = state
        for char, ways in self.steps[a].items():
            between, after = (self.steps[node].get(char, Counter[int]()) for node in (b, c))
            for to in product(first & ways.keys(), between, last & after.keys()):
                yield char, to

    def text_between(
        self, start: State, goal: State, moves: Callable[[State], Iterable[tuple[int, State]]]
    ) -> str | None:
        """The shortest text that leads from one to the other."""
        seen, waiting = {start}, [(start, "")]
        for state, text in waiting:
            for char, to in moves(state):
                if to == goal:
                    return text + self.chars[char]
                if to not in seen:
                    seen.add(to)
                    waiting.append((to, text + self.chars[char]))
        return None

    def _after(self, start: int, *, again: bool = True) -> Counter[tuple[int, bool]]:
        """The nodes that are reached without reading, each by how many ways, and whether it may fail on the way."""
        found: Counter[tuple[int, bool]] = Counter()
        waiting: list[tuple[int, bool, frozenset[int]]] = [(start, False, frozenset())]
        while waiting:
            node, may_fail, passed = waiting.pop()
            found[node, may_fail] += 1
            edges = [edge for edge in self._edges[node] if edge.to not in passed and (again or not edge.again)]
            waiting += [(edge.to, may_fail or edge.may_fail, passed | {node}) for edge in edges]
        return found

    def _classes(self) -> list[frozenset[int]]:
        """The characters, those together that every state takes or none does."""
        reads = [chars for chars, _ in self._reads.values()]
        classes = {self._all}
        for chars in set(reads):
            classes = {part for each in classes for part in (each & chars, each - chars) if part}
        return sorted(classes, key=lambda each: min(each - set(range(32)) or each))

    def _node(self) -> int:
        self._nodes += 1
        return self._nodes

    def _reading(self, at: int, chars: frozenset[int]) -> int:
        node, after = self._node(), self._node()
        self._edges[at].append(_Edge(node))
        self._reads[node] = chars, after
        self._kept[node] = self._around
        return after

    def _sequence(self, tree: Iterable[tuple[Any, Any]], at: int) -> int:
        for kind, what in tree:
            at = self._item(kind, what, at)
        return at

    def _item(self, kind: Any, what: Any, at: int) -> int:
        """Add one item behind a node; answers the node behind it."""
        if kind in (_op.LITERAL, _op.NOT_LITERAL, _op.ANY, _op.IN, _op.CATEGORY, _op.RANGE):
            return self._reading(at, self._chars(kind, what))
        if kind in (_op.MAX_REPEAT, _op.MIN_REPEAT):
            return self._repeated(what, at, keeps=False)
        if kind is _op.POSSESSIVE_REPEAT:
            return self._keeping(lambda: self._repeated(what, at, keeps=True))
        if kind is _op.ATOMIC_GROUP:
            return self._keeping(lambda: self._sequence(what, at))
        if kind is _op.SUBPATTERN:
            outside, self._flags = self._flags, (self._flags | what[1]) & ~what[2]
            after = self._sequence(what[3], at)
            self._flags = outside
            return after
        return self._choice_or_look(kind, what, at)

    def _choice_or_look(self, kind: Any, what: Any, at: int) -> int:
        after = self._node()
        if kind is _op.BRANCH:
            for way in what[1]:
                self._edges[self._sequence(way, at)].append(_Edge(after))
        elif kind in (_op.ASSERT, _op.ASSERT_NOT):
            if what[0] > 0:
                self._sequence(what[1], at)  # it reads ahead as well, and leads nowhere
            self._edges[at].append(_Edge(after, may_fail=True))
        elif kind is _op.AT:
            begins = what in (_op.AT_BEGINNING, _op.AT_BEGINNING_STRING) and not self._flags & re.MULTILINE
            if self._is_beginning or not begins:
                self._edges[at].append(_Edge(after, may_fail=True))
        else:
            raise NotImplementedError(f"{kind}: say here what it reads")
        return after

    def _repeated(self, what: tuple[int, int, Any], at: int, *, keeps: bool) -> int:
        least, most, tree = what
        least, after = min(least, MOST_COPIES), self._node()
        if most <= MOST_COPIES:
            for n in range(most):
                if n >= least:
                    self._edges[at].append(_Edge(after))
                at = self._sequence(tree, at)
        else:
            for _ in range(least - 1):
                at = self._sequence(tree, at)
            if least == 0:
                self._edges[at].append(_Edge(after))
            again = self._node()
            self._edges[at].append(_Edge(again))
            at = self._sequence(tree, again)
            self._edges[at].append(_Edge(again, again=keeps))
        self._edges[at].append(_Edge(after))
        return after

    def _keeping(self, add: Callable[[], int]) -> int:
        outside, self._around = self._around, self._around | {self._node()}
        after = add()
        self._around = outside
        return after

    def _chars(self, kind: Any, what: Any) -> frozenset[int]:
        if kind is _op.LITERAL:
            return self._in_any_case({what})
        if kind is _op.NOT_LITERAL:
            return self._all - self._in_any_case({what})
        if kind is _op.ANY:
            return self._all if self._flags & re.DOTALL else self._all - {ord("\n")}
        if kind is _op.RANGE:
            return self._in_any_case(code for code in self._all if what[0] <= code <= what[1])
        if kind is _op.CATEGORY:
            one = re.compile(_CATEGORIES[what], re.ASCII if self._is_bytes else self._flags & re.ASCII)
            return frozenset(code for code in self._all if one.match(chr(code)))
        chosen = frozenset().union(*(self._chars(*each) for each in what if each[0] is not _op.NEGATE))
        return self._all - chosen if what[0][0] is _op.NEGATE else chosen

    def _in_any_case(self, codes: Iterable[int]) -> frozenset[int]:
        if not self._flags & re.IGNORECASE:
            return frozenset(codes)
        cases = {case for code in codes for case in (chr(code).lower(), chr(code), chr(code).upper()) if len(case) == 1}
        return self._all & {ord(case) for case in cases}


def _op_tree(pattern: re.Pattern[Any]) -> Any:
    return importlib.import_module("re._parser").parse(pattern.pattern, pattern.flags)


def _codes(tree: Any) -> Iterator[int]:
    """All whole numbers in a tree, its characters among them."""
    if isinstance(tree, int):
        if 0 <= tree < 0x110000:
            yield tree
    elif hasattr(tree, "__iter__"):
        for each in tree:
            yield from _codes(each)


def _reached(nexts: dict[int, set[int]], start: int) -> set[int]:
    reached: set[int] = set()
    waiting = [start]
    while waiting:
        fresh = nexts[waiting.pop()] - reached
        reached |= fresh
        waiting += fresh
    return reached
