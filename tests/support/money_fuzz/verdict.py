"""What must hold of a fuzzed world: statuses, whole amounts, and each request's cost against its charge."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.farebox.audit import audit_all
from functions.farebox.storage import Query
from tests.support.money_fuzz.work import Work, summary
from tests.support.money_fuzz.world import Sent, World

_RUNS = (b"a" * 100, b" " * 100, b"0x" * 50, b"\\u" * 2)  # text that some vocabularies hold for much less than others
_PLAIN = {
    "old",
    "new",
    "claude",
    "responder",
    "mixed-a",
    "mixed-b",
    "mixed-c",
}  # upstreams whose tokens are no shorter than usual
FREE = {"no connection", "429", "400", "401", "404", "413", "503", "529"}
_OF_UPSTREAMS = {502, 503, 504}


@dataclass(slots=True)
class Breach:
    """Something that must not be. `lost` nano-USD that are in no book."""

    kind: str
    what: str
    lost: int = 0


@dataclass(slots=True)
class Verdict:
    """What came of a world, or of several: sums in nano-USD."""

    requests: int = 0
    cost: int = 0
    charged: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)  # shortfalls by what the record says went wrong
    breaches: list[Breach] = field(default_factory=list)

    def add(self, other: "Verdict") -> None:
        """Add another world's."""
        self.requests += other.requests
        self.cost += other.cost
        self.charged += other.charged
        self.statuses += other.statuses
        self.losses += other.losses
        self.breaches += other.breaches


async def judge(world: World) -> Verdict:
    """Hold a world that is over to what must be."""
    verdict = Verdict(requests=len(world.sent))
    breaches = verdict.breaches
    breaches += [Breach("logged as an error", line) for line in world.logged]
    breaches += [Breach("wallet API", f"{status}") for status in world.wallets if status != 200]
    records: dict[str, Mapping[str, Any]] = {}
    for record in await world.store.query(Query("usage", limit=100_000)):
        if record.data["request_id"] in records:
            breaches.append(Breach("two records", record.data["request_id"]))
        records[record.data["request_id"]] = record.data
    for sent in world.sent:
        verdict.statuses[sent.answer.status] += 1
        _judge_answer(sent, world, breaches)
    asked = {sent.id: sent for sent in world.sent}
    for id, works in world.meter.works.items():
        _judge_work(asked[id], works, records.get(id), verdict)
    for id, data in records.items():
        if data["status"] == "pending":
            breaches.append(Breach("still pending", id))
        elif id not in world.meter.works and data.get("charged"):
            breaches.append(Breach("charged for nothing", f"{_told(asked[id])} {data}", 0))
    await _judge_books(world, breaches)
    return verdict


def _judge_answer(sent: Sent, world: World, breaches: list[Breach]) -> None:
    answer = sent.answer
    if answer.raised is not None and not isinstance(answer.raised, OSError):  # which `send` raised
        breaches.append(Breach("raised", f"{answer.raised!r} {_told(sent)}"))
    if answer.status in _OF_UPSTREAMS:
        # Others' failures may have shut all of its upstreams.
        is_theirs = world.meter.works.get(sent.id) or answer.status == 503
        if not is_theirs or not any(word in answer.body for word in (b"upstream", b"api_error", b"overloaded")):
            breaches.append(Breach("own 5xx", f"{answer.status} {answer.body[:300]!r} {_told(sent)}"))
    elif answer.status >= 500:
        breaches.append(Breach("own 5xx", f"{answer.status} {answer.body[:300]!r} {_told(sent)}"))
    elif answer.status == 0 and answer.left_s is None and answer.raised is None:
        breaches.append(Breach("no answer", _told(sent)))
    if answer.status >= 400 and answer.left_s is None:
        try:
            error = json.loads(answer.body)["error"]
            assert error["message"] and error["type"]
        except (ValueError, KeyError, TypeError, AssertionError):
            breaches.append(Breach("no error body", f"{answer.status} {answer.body[:300]!r} {_told(sent)}"))


def _judge_work(sent: Sent, works: list[Work], record: Mapping[str, Any] | None, verdict: Verdict) -> None:
    cost = sum(work.cost for work in works if _counts(work))
    amounts = {name: (record or {}).get(name, 0) for name in ("held", "charged", "shortfall", "lost", "extended")}
    charged, shortfall = amounts["charged"], amounts["shortfall"]
    booked = charged + shortfall + amounts["lost"]
    verdict.cost += cost
    verdict.charged += charged
    about = f"cost {cost} {amounts} {_brief(record)} {[summary(work) for work in works]} {_told(sent)}"
    if record is not None:
        _explain(record, works, verdict)
    if cost > booked:
        verdict.breaches.append(Breach("in no book", about, cost - booked))
    last = works[-1]
    if last.upstream not in _PLAIN or any(run in sent.drawn.raw for run in _RUNS):
        return  # it lies, or has more tokens than any estimate
    if shortfall > 0 and last.told and record is not None and record["status"] == "ok":
        verdict.breaches.append(Breach("an honest answer over its hold", about, shortfall))
    if charged > amounts["held"] + amounts["extended"]:
        verdict.breaches.append(Breach("charged over its hold", about))


def _explain(record: Mapping[str, Any], works: list[Work], verdict: Verdict) -> None:
    """Add up what each loss is for: what the record says, or what the upstream did."""
    lies = [work.lies for work in works if work.lies]
    lost = record.get("lost", 0)
    for attempt in record.get("attempts") or ():
        if "lost" in attempt:
            verdict.losses[str(attempt["error"])] += attempt["lost"]
            lost -= attempt["lost"]
    if lost:
        verdict.losses[str(record.get("lost_why") or record["status"])] += lost
    if record.get("shortfall"):
        reason = record.get("error") or (lies or ["its tokens were estimated as fewer"])[0]
        verdict.losses[str(reason)] += record["shortfall"]


def _counts(work: Work) -> bool:
    """Whether its vendor asks for money: not for what it turned away, nor for what never reached it."""
    return work.failed not in FREE


async def _judge_books(world: World, breaches: list[Breach]) -> None:
    audited = await audit_all(world.store, most_faults=20)
    breaches += [Breach("audit", f"{fault.path}: {fault.problem}") for fault in audited.faults]
    for client in world.clients:
        wallet = await world.store.get(f"wallets/{client.uid}")
        assert wallet is not None
        if wallet.data["reserved"] or wallet.data["balance"] < 0:
            breaches.append(Breach("wallet", f"{client.name}: {wallet.data}"))
        for path, value in _numbers(wallet.data, "wallet"):
            if type(value) is float or value < 0:
                breaches.append(Breach("amount", f"{path} = {value}"))
    for name in ("usage", "usage_days"):
        for document in await world.store.query(Query(name, limit=100_000)):
            for path, value in _numbers(document.data, document.path):
                if type(value) is float or (value < 0 and "ms" not in path):
                    breaches.append(Breach("amount", f"{path} = {value}"))


def _numbers(value: Any, path: str) -> Iterator[tuple[str, int | float]]:
    if type(value) in (int, float):
        yield path, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _numbers(each, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for n, each in enumerate(value):
            yield from _numbers(each, f"{path}.{n}")


def _brief(record: Mapping[str, Any] | None) -> str:
    if record is None:
        return "NO RECORD"
    return str(
        {name: record.get(name) for name in ("status", "cost", "usage_source", "tokens", "error", "late", "upstream")}
    )


def _told(sent: Sent) -> str:
    raw = sent.drawn.raw
    text = raw if len(raw) < 1500 else raw[:1000] + b" ... " + raw[-300:]
    return f"[{sent.id} {sent.drawn.path} {sent.leaving} -> {sent.answer.status}] {text.decode(errors='replace')}"
