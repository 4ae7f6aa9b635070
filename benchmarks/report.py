"""Writes results as Markdown tables: what was measured, its ratio to others, and whether that is what we want."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

OURS = "Farebox"
BARE, PORTKEY, LITELLM, DIRECT = "bare relay", "Portkey", "LiteLLM", "upstream alone"
NOTING = "bare relay, a note of each"
NOT_DOING = {
    BARE: "checks no key, prices nothing, keeps nothing",
    NOTING: "as above, but that 1 KiB of each answer is on disk before it ends",
    PORTKEY: "keeps no state, checks no key of its own, bills nothing",
    LITELLM: "no database: one master key, no budgets, no record of any request",
}
BUSY = (16, 64)
ASKED_FOR = {
    "plain": "a plain answer",
    "streamed": "a stream that comes at once",
    "paced": "a stream that comes event by event",
}


def tables(results: Mapping[str, Any]) -> str:
    """Everything that was measured."""
    parts = [_machine(results["machine"])] if "machine" in results else []
    if "throughput" in results:
        runs = results["throughput"]
        kinds = dict.fromkeys(run["kind"] for run in runs)
        parts += [_throughput(kind, [run for run in runs if run["kind"] == kind]) for kind in kinds]
        parts.append(_table(["not done by", ""], [[name, what] for name, what in NOT_DOING.items()]))
        parts.append(_targets(runs))
    if "streams" in results:
        parts.append(_streams(results["streams"]))
    if "firestore" in results:
        parts.append(_firestore(results["firestore"]))
    if "long_prompt" in results:
        parts.append(_long_prompt(results["long_prompt"]))
    if "cold_start" in results:
        parts.append(_cold_start(results["cold_start"]))
    if "storage" in results:
        parts.append(_storage("one instance", [results["storage"]]))
    if "scaling" in results:
        parts.append(_storage("more instances, one wallet, 20 requests a second in all", results["scaling"]))
    if "soak" in results:
        parts.append(_soak(results["soak"]))
    if "clients" in results:
        parts.append(_clients(results["clients"]))
    return "\n\n".join(parts)


def _machine(facts: Mapping[str, str]) -> str:
    return "Measured on " + ", ".join(f"{name} {value}" for name, value in facts.items()) + "."


def _throughput(kind: str, runs: Sequence[Mapping[str, Any]]) -> str:
    connections = sorted({run["connections"] for run in runs})
    rows = []
    for subject in dict.fromkeys(run["subject"] for run in runs):
        mine = {run["connections"]: run for run in runs if run["subject"] == subject}
        row = [subject, *(_per_second(mine.get(many)) for many in connections)]
        one = mine.get(1)
        row += ["", ""] if one is None else [f"{one['p50_ms']:.2f}", f"{one['p99_ms']:.2f}"]
        cpu = [mine[many]["cpu_ms"] for many in connections if many in mine and mine[many]["cpu_ms"] is not None]
        rows.append([*row, f"{min(cpu):.2f}" if cpu else ""])
    heads = ["server", *(f"{many} connection{'s' * (many > 1)}, requests/s" for many in connections)]
    return f"### {kind}\n\n" + _table([*heads, "p50 ms, 1 connection", "p99 ms, 1 connection", "CPU ms each"], rows)


def _per_second(run: Mapping[str, Any] | None) -> str:
    if run is None:
        return ""
    return "fails" if run["refused"] and not run["per_second"] else f"{run['per_second']:,.0f}"


def _targets(runs: Sequence[Mapping[str, Any]]) -> str:
    """What we hold ourselves to, and what was measured in the same run."""
    by_key = {(run["subject"], run["kind"], run["connections"]): run for run in runs}
    rows = []
    for other, least in ((LITELLM, 10.0), (PORTKEY, 1.0), (BARE, 0.6)):
        for kind in ("plain", "streamed"):
            for many in BUSY:
                ours, theirs = by_key.get((OURS, kind, many)), by_key.get((other, kind, many))
                if ours and theirs and theirs["per_second"]:
                    ratio = ours["per_second"] / theirs["per_second"]
                    rows.append(_target(f"requests/s to {other}'s, {kind}, {many} connections", ratio, least, up=True))
    one = {name: run for name in (OURS, NOTING, BARE, DIRECT) if (run := by_key.get((name, "plain", 1)))}
    if {OURS, BARE, DIRECT} <= one.keys():
        rows += _latency_targets(one)
    return "### Ratios\n\n" + _table(["ratio of Farebox's", "measured", "wanted", ""], rows)


def _latency_targets(one: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """What a request waits longer than at the upstream itself, over what it does at the bare relay."""
    rows = []
    for percentile, most in (("p50_ms", 1.5), ("p99_ms", 2.0)):
        added = {name: run[percentile] - one[DIRECT][percentile] for name, run in one.items()}
        relays = max(0.001, added[BARE])  # to the microsecond a relay may seem to add nothing
        what = f"added {percentile[:3]} to the bare relay's, 1 connection"
        rows.append(_target(what, added[OURS] / relays, most, up=False))
        if NOTING in added:
            rows.append([f"the same of the {NOTING}", f"{added[NOTING] / relays:.2f}", "", ""])
    return rows


def _target(what: str, measured: float, bound: float, *, up: bool) -> list[str]:
    met = measured >= bound if up else measured <= bound
    return [what, f"{measured:.2f}", f"{'at least' if up else 'at most'} {bound:g}", "yes" if met else "**no**"]


def _streams(runs: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            run["subject"],
            str(run["at_once"]),
            f"{run['cpu_ms']:.2f}" if run["cpu_ms"] else "",
            *(f"{run[name]:.1f}" for name in ("late_p50_ms", "late_p99_ms", "first_p50_ms", "first_p99_ms")),
            f"{run['memory_kib']:.0f}" if run["cpu_ms"] else "",
        ]
        for run in runs
    ]
    heads = ["server", "streams at once", "CPU ms a stream", "an event is late by, p50 ms", "p99"]
    heads += ["the first by, p50 ms", "p99", "KiB a stream"]
    return "### Streams as models send them\n\n" + _table(heads, rows)


def _firestore(runs: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            str(run["under_way"]),
            f"{run['cpu_ms']:.2f}",
            f"{run['per_second']:,.0f}",
            *(f"{run[name]:.3f}" for name in ("writes", "reads", "deletes")),
            f"{run['usd_per_million']:.2f}",
        ]
        for run in runs
    ]
    heads = ["requests under way", "CPU ms each", "requests/s", "writes each", "reads", "deletes", "USD for a million"]
    return "### On Firestore, answers after 100 ms\n\n" + _table(heads, rows)


def _long_prompt(measured: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        [f"{name}: what a prompt of 100,000 tokens waits longer before its upstream call", f"{each['added_ms']:.2f}"]
        for name, each in (("Farebox", measured["farebox"]), ("bare relay", measured["bare"]))
    ]
    for name, what in (("alone", "nothing else goes on"), ("beside_counting", "such prompts are counted")):
        each = measured[name]
        rows.append([f"small requests while {what}: p50", f"{each['p50_ms']:.2f}"])
        rows.append([f"small requests while {what}: p99", f"{each['p99_ms']:.2f}"])
        rows.append([f"small requests while {what}: longest", f"{each['most_ms']:.2f}"])
    return "### Long prompts\n\n" + _table(["", "ms"], rows)


def _cold_start(measured: Mapping[str, Any]) -> str:
    imports, answers = measured["import_ms"], measured["first_answer_ms"]
    rows = [
        [name, f"{import_ms:.0f}", f"{answers[name]:.0f}" if name in answers else ""]
        for name, import_ms in imports.items()
    ]
    ratio = f"`chat` to nothing of ours: {measured['chat_to_least']:.2f} (wanted: at most 1.3)."
    return (
        "### Cold start\n\n"
        + _table(["function", "import, CPU ms", "start to first answer, ms"], rows)
        + f"\n\n{ratio}"
    )


def _storage(title: str, measured: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        [
            str(each["instances"]),
            *(f"{each[name]:.3f}" for name in ("writes", "reads", "deletes")),
            f"{each['usd_per_million']:.2f}",
            f"{each['p99_ms']:.0f}",
        ]
        for each in measured
    ]
    heads = ["instances", "writes a request", "reads", "deletes", "USD for a million requests", "p99 ms"]
    return f"### Storage, {title}\n\n" + _table(heads, rows)


def _soak(measured: Mapping[str, Any]) -> str:
    return (
        "### Memory\n\n"
        f"{measured['requests']:,} requests in {measured['seconds'] / 60:.0f} minutes: {measured['warm_mib']:.1f} MiB "
        f"after the first fifth, {measured['last_mib']:.1f} MiB at the end, {100 * measured['growth']:+.1f} % "
        "(wanted: less than 5 %)."
    )


def _clients(measured: Mapping[str, Any]) -> str:
    runs = measured["runs"]
    tables_of = [
        f"{ASKED_FOR[kind].capitalize()}:\n\n" + _clients_at([run for run in runs if run["kind"] == kind])
        for kind in dict.fromkeys(run["kind"] for run in runs)
    ]
    imports = _table(["client", "import, CPU ms"], [[name, f"{ms:.0f}"] for name, ms in measured["import_ms"].items()])
    return "\n\n".join(["### HTTP clients", _machine(measured["facts"]), *tables_of, imports])


def _clients_at(runs: Sequence[Mapping[str, Any]]) -> str:
    """One kind of answer. Requests a second are of one core, and of little worth where that has other work."""
    at_once = sorted({run["under_way"] for run in runs})
    by_key = {(run["client"], run["under_way"]): run for run in runs}
    rows = []
    for client in dict.fromkeys(run["client"] for run in runs):
        mine = [by_key[client, many] for many in at_once]
        ratios = [run["cpu_us"] / by_key[OURS, run["under_way"]]["cpu_us"] for run in mine]
        ratio = "" if client == OURS else f"{min(ratios):.1f} to {max(ratios):.1f}"
        row = [client, *(f"{run['cpu_us']:,.0f}" for run in mine), ratio]
        rows.append([*row, *(f"{run['per_second']:,.0f}" for run in mine)])
    heads = ["client", *(f"{many} under way, CPU µs each" for many in at_once), "CPU, times Farebox's"]
    return _table([*heads, *(f"{many} under way, requests/s" for many in at_once)], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
