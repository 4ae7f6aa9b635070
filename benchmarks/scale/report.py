"""The figures of docs/scale.md, as tables."""

from collections.abc import Iterable, Sequence

from benchmarks.scale import contention, lease_use
from benchmarks.scale.layouts import Layout, for_requests
from benchmarks.scale.limits import ramp_minutes

BEGIN, END = "<!-- figures: written by python -m benchmarks.scale -->", "<!-- end of figures -->"

RATES_S = (0.001, 0.02, 0.1, 0.5, 2.0, 20.0)  # of one key's requests at one instance
SIZES_S = (1_000, 10_000, 100_000)
MANY, ONE = 10_000, 1  # wallets
INSTANCES = 500
CROWDS = (5, 25, 50, 100, 150, 200, 500)
INTERVALS_S = (5, 30)


def figures() -> str:
    """All of them."""
    return "\n\n".join((_requests(), _crowds(), _five_hundred(), _first()))


def replaced(page: str, figures: str) -> str:
    """The page with other figures."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{rest.partition(END)[2]}"


def _requests() -> str:
    rows = []
    for rate_s in RATES_S:
        use = lease_use.play(rate_s)
        documents = use.documents
        rows.append(
            [
                f"{rate_s:g}",
                f"{use.steps:.2f}",
                f"{documents.writes:.2f}",
                f"{documents.reads:.2f}",
                f"{1e6 * documents.usd:.2f}",
            ]
        )
    heads = ["a key's requests/s at an instance", "lease steps", "writes", "reads", "USD for a million"]
    return "### What one request takes\n\n" + _table(heads, rows)


def _crowds() -> str:
    rows = []
    for instances in CROWDS:
        for interval_s in INTERVALS_S:
            played = contention.play(instances, interval_s)
            rows.append(
                [
                    str(instances),
                    str(interval_s),
                    f"{played.asked_s:.1f}",
                    f"{played.done_s:.1f}",
                    f"{played.attempts:.1f}",
                    _time(played.p50_s),
                    _time(played.p99_s),
                    str(played.given_up),
                ]
            )
    heads = ["instances on one wallet", "settled every, s", "steps/s", "done/s", "attempts", "p50", "p99", "given up"]
    return "### What one wallet carries\n\n" + _table(heads, rows)


def _five_hundred() -> str:
    rows = []
    for wallets in (ONE, MANY):
        for requests_s in SIZES_S:
            layout = Layout(requests_s, INSTANCES, wallets)
            played = layout.contend()
            rows.append(
                [
                    f"{wallets:,}",
                    f"{requests_s:,}",
                    f"{layout.steps_s:,.0f}",
                    f"{layout.steps_s / wallets:,.2f}",
                    _time(played.p50_s),
                    _time(played.p99_s),
                    f"{layout.documents.writes:.1f}",
                    f"{layout.usd_a_day:,.0f}",
                ]
            )
    heads = ["wallets", "requests/s", "lease steps/s", "of one wallet", "a step's p50", "p99"]
    heads += ["writes a request", "USD a day"]
    return f"### {INSTANCES} instances\n\n" + _table(heads, rows)


def _first() -> str:
    layouts = [for_requests(requests_s, MANY) for requests_s in SIZES_S]
    layouts.append(Layout(10_000, 1_000, MANY))
    rows = []
    for layout in layouts:
        over = [f"{load.place}: {_times(load.times)}" for load in layout.loads if load.times > 1]
        writes_s = layout.requests_s * layout.documents.writes
        rows.append(
            [
                f"{layout.requests_s:,.0f}",
                f"{layout.instances:,}",
                "; ".join(over) or "nothing",
                f"{writes_s:,.0f}",
                f"{ramp_minutes(writes_s):.0f}",
                f"{layout.usd_a_day:,.0f}",
            ]
        )
    heads = ["requests/s", "instances", "over what Firestore asks for", "writes/s", "minutes of ramp", "USD a day"]
    return f"### What breaks first, with {MANY:,} wallets\n\n" + _table(heads, rows)


def _times(times: float) -> str:
    return f"{times:,.0f} times" if times >= 10 else f"{times:.1f} times"


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---:"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
