"""A small world around the real protocol: instances that die, a shared database with faults, upstreams, clients.

Everything below the HTTP edge is the real code: leases, journal, completions, sweep. Only the database, the upstream
and time are simulated. One seed decides everything; a failing seed replays.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from functions.edge.chat.rendering import RENDERING
from functions.farebox.audit import audit
from functions.farebox.data_plane.disconnect import HungUp
from functions.farebox.data_plane.idempotency import Idempotency
from functions.farebox.data_plane.inference import Inference
from functions.farebox.data_plane.reply import PaidAnswer
from functions.farebox.data_plane.request import Request
from functions.farebox.errors import OutOfMoney, RateLimited, StoreUnavailable, UpstreamFailed
from functions.farebox.gateway.answers import PlainAnswer, Source
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.transport import Outgoing
from functions.farebox.gateway.upstream import Routes, Upstream
from functions.farebox.keys.authentication import Caller
from functions.farebox.kit.ids import Ids
from functions.farebox.kit.periods import period_of
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.pool import Hold, LeasePool
from functions.farebox.leases.sweep import sweep
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, Wallet, wallet_path
from functions.farebox.limits.belongs import Belongs
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.group_budget import group_budget_paths, read_group_budget
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.rate_windows import Limits
from functions.farebox.limits.span_budgets import OWN, PARTIES, SpanCaps, read_span_budgets
from functions.farebox.limits.tenant_budget import Tenant, tenant_path
from functions.farebox.pricing.bill import charge
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.price_list import PriceList
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked
from functions.farebox.request.completions import check_completion
from functions.farebox.request.messages import check_message
from functions.farebox.request.responses import check_response
from functions.farebox.storage import Contended, Create, Query, Store, Transaction, Unreachable
from functions.farebox.tokens.usage.usage import Usage
from functions.farebox.usage.journal import Journal
from functions.farebox.usage.record import LOST, PENDING
from tests.simulation.faults import FaultyEngine, Life, Weather
from tests.simulation.memory_engine import MemoryEngine

EPOCH = datetime(2026, 11, 30, 23, 58, tzinfo=UTC)  # a month ends two minutes in
TTL_S = 12.0
INTERVAL_S = 2.0
SETTLED_AFTER_S = 300.0  # longer than an outage, and than what waited for its end takes to be tried again
UIDS = ("u", "v")  # both of one tenant
TENANT = "t"
TENANT_ZONE = "UTC"

PRICE = Price.from_config("m", {"input_usd_per_1m": "1", "output_usd_per_1m": "3", "request_usd": "0.000001"})
SAID = [{"role": "user", "content": "Hello"}]
DIALECTS: list[tuple[Callable[[dict[str, object]], Checked], dict[str, object], str]] = [
    (check_chat, {"messages": SAID}, "max_tokens"),
    (check_message, {"messages": SAID}, "max_tokens"),
    (check_response, {"input": "Hello"}, "max_output_tokens"),
    (check_completion, {"prompt": "Hello"}, "max_tokens"),
]
DEAR = Price.from_config("dear", {"input_usd_per_1m": "50", "output_usd_per_1m": "90"})
TARIFF = Tariff.of([PRICE], {"m": PRICE, "dear": DEAR})
UPSTREAM = Upstream("up", "https://up", {"m": "m"})
CANDIDATE = Candidate(UPSTREAM, "m", "m", "m")
COUNTED = Usage(prompt_tokens=30)  # what is known of an answer that nobody saw or that told nothing


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule is made of; drawn from its seed."""

    balance: int
    instances: int
    clients: int
    requests: int
    weather: Weather
    death: float  # chance that an instance dies during the schedule
    skew_s: float  # the most that a clock is off
    key_budget: int | None
    user_budget: int | None
    tenant_budget: int | None
    is_moved: bool  # whether one user leaves for another tenant in the middle
    limits: Limits
    pause_s: float  # the longest that a client waits between requests
    overrun: float  # chance that an upstream reports more than its cap
    refund: int  # taken back in the middle
    lies: float  # chance that an upstream reports nothing that can be read, or that a dearer model answered
    leaving: float  # chance that a client hangs up

    @classmethod
    def draw(cls, rng: random.Random) -> "Plan":
        rough = rng.random() < 0.7
        return cls(
            balance=rng.choice([30_000, 150_000, 1_000_000, 5_000_000, 10**9]),
            instances=rng.randint(1, 3),
            clients=rng.randint(1, 6),
            requests=rng.randint(2, 12),
            weather=Weather(
                abort=rng.choice([0, 0.05, 0.2]) if rough else 0,
                lost_request=rng.choice([0, 0.03]) if rough else 0,
                lost_acknowledgement=rng.choice([0, 0.05, 0.2]) if rough else 0,
                late_delivery=rng.choice([0, 0.02]) if rough else 0,
                outage_s=rng.choice([0, 0, 40]) if rough else 0,
                slowest_s=rng.choice([0.005, 0.05, 0.4]),
            ),
            death=rng.choice([0, 0.5, 1.0]),
            skew_s=rng.choice([0, 5, 60]),
            key_budget=rng.choice([None, None, 90_000, 400_000]),
            user_budget=rng.choice([None, None, 1_000_000]),
            tenant_budget=rng.choice([None, 500_000, 1_500_000, 10**9]),
            is_moved=rng.random() < 0.2,
            limits=rng.choice([Limits(), Limits(), Limits(rpm=5), Limits(rpm=30, tpm=400, rpd=40)]),
            pause_s=rng.choice([0.05, 1.0, 8.0, 30.0]),
            overrun=rng.choice([0, 0, 0.1]),
            refund=rng.choice([0, 0, 10_000, 10**9]),
            lies=rng.choice([0, 0, 0.3]),
            leaving=rng.choice([0, 0.2, 0.6]),
        )


@dataclass(frozen=True)
class Groups:
    """What the keys belong to, and the caps of these. Drawn apart, so that a seed's schedule stays what it is."""

    belongs: tuple[Belongs, ...]  # of the keys, in turn
    member_budget: int | None
    project_budget: int | None

    @classmethod
    def draw(cls, seed: int) -> "Groups":
        rng = random.Random(f"groups of {seed}")
        kinds = [Belongs(), Belongs("mia"), Belongs("mia", "site"), Belongs(None, "site")]
        caps = [None, 60_000, 300_000]
        return cls(tuple(rng.choice(kinds) for _ in range(4)), rng.choice(caps), rng.choice(caps))


@dataclass(frozen=True)
class Spans:
    """The caps of a day, a week and in total, of the keys and of their users. Drawn apart, as those of groups."""

    user: SpanCaps
    key: SpanCaps

    @classmethod
    def draw(cls, seed: int) -> "Spans":
        rng = random.Random(f"spans of {seed}")
        caps = [None, None, None, 60_000, 300_000]
        user, key = (SpanCaps(rng.choice(caps), rng.choice(caps), rng.choice(caps)) for _ in PARTIES)
        return cls(user, key)


def _asked(request_id: str, cap: int) -> Checked:
    """What is asked, in one dialect after the other."""
    check, said, cap_field = DIALECTS[int(request_id.rpartition("-")[2]) % len(DIALECTS)]
    return check({"model": "m", **said, cap_field: cap})


class SimulatedUpstream:
    """Counts what it did for whom: the truth that charges are held against."""

    def __init__(self, rng: random.Random, plan: Plan) -> None:
        self._rng = rng
        self._overrun = plan.overrun
        self._lies = plan.lies
        self.bills: dict[str, int] = {}  # request id -> what its answer is worth, once it is complete or given up

    async def open(self, call: Call) -> PlainAnswer:
        assert call.cap is not None and call.request_id is not None
        rng = self._rng
        try:
            await asyncio.sleep(rng.choice([0.01, 0.2, 3.0, 20.0, 30.0]))
        except asyncio.CancelledError:
            self.bills[call.request_id] = charge(PRICE, COUNTED).total
            raise
        if rng.random() < 0.1:
            raise UpstreamFailed("failed")
        source = Source("up", "m", (), 0.0, "m")
        lie = rng.choice(["nothing told", "dearer"]) if rng.random() < self._lies else None
        if lie == "nothing told":
            self.bills[call.request_id] = charge(PRICE, COUNTED).total
            return PlainAnswer(source, b"{}", {}, None)
        completion = call.cap + 1_000 if rng.random() < self._overrun else rng.randint(0, call.cap)
        usage = Usage(prompt_tokens=rng.randint(1, 40), completion_tokens=completion)
        self.bills[call.request_id] = charge(DEAR if lie else PRICE, usage).total
        return PlainAnswer(source, b"{}", {"model": "dear"} if lie else {}, usage)


class _Prices:
    async def tariff(self, models: frozenset[str]) -> Tariff:
        return TARIFF


class LivingGateway:
    """The upstream as a mortal instance reaches it."""

    routes = Routes([UPSTREAM])

    def __init__(self, upstream: SimulatedUpstream, life: Life) -> None:
        self._upstream = upstream
        self._life = life

    def told_context(self, model: str) -> int | None:
        """It tells none."""
        return None

    async def open(self, call: Call) -> PlainAnswer:
        await self._life.breathe()
        call.progress.begin(CANDIDATE, Outgoing(UPSTREAM, "/chat/completions", b"", {}, was_sent=True))
        try:
            answer = await self._upstream.open(call)
            await self._life.breathe()
        except UpstreamFailed:
            call.progress.end()
            raise
        call.progress.end()
        return answer


class CountedLeases(LeasePool):
    """Notes how many requests each window of a key has admitted, over all instances."""

    def __init__(self, admitted: Counter[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._admitted = admitted

    async def take(self, uid: str, terms: KeyTerms, ask: Ask, *, patient: bool = True) -> Hold:
        hold = await super().take(uid, terms, ask, patient=patient)
        if terms.limits:
            self._admitted[terms.id, hold.lease.window.minute] += 1
            self._admitted[terms.id, hold.lease.window.day] += 1
        return hold


class Instance:
    """One running instance, with a clock of its own."""

    def __init__(self, world: "World", number: int) -> None:
        rng = random.Random(world.rng.random())
        self.life = Life()
        skew = timedelta(seconds=world.rng.uniform(-world.plan.skew_s, world.plan.skew_s))
        self.now: Callable[[], datetime] = lambda: world.now() + skew
        ids = Ids(random.Random(world.rng.random()), clock=lambda: self.now().timestamp())
        engine = FaultyEngine(world.shared, self.life, world.plan.weather, rng)
        self.store = Store(engine, rng=rng)
        self.leases = CountedLeases(
            world.admitted,
            self.store,
            instance=f"i{number}",
            now=self.now,
            new_id=ids.new,
            ttl_s=TTL_S,
            interval_s=INTERVAL_S,
        )
        self.inference = Inference(
            store=self.store,
            leases=self.leases,
            journal=Journal(self.store, rng=rng),
            prices=cast("PriceList", _Prices()),
            gateway=cast("Gateway", LivingGateway(world.upstream, self.life)),
            idempotency=Idempotency(self.store, self.now),
            now=self.now,
            clock=asyncio.get_running_loop().time,
            new_id=ids.next,
        )


@dataclass
class World:
    """One schedule."""

    seed: int
    plan: Plan
    rng: random.Random
    groups: Groups
    spans: Spans
    shared: MemoryEngine = field(default_factory=MemoryEngine)
    outcomes: Counter[str] = field(default_factory=Counter)
    answered: dict[str, int] = field(default_factory=dict)  # request id -> what the client was told it was charged
    admitted: Counter[tuple[str, str]] = field(default_factory=Counter)  # by key and window
    instances: list[Instance] = field(default_factory=list)
    unsettled: int = 0  # requests that held money on living instances long after the last had ended

    @classmethod
    def of(cls, seed: int) -> "World":
        rng = random.Random(seed)
        return cls(seed, Plan.draw(rng), rng, Groups.draw(seed), Spans.draw(seed))

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=asyncio.get_running_loop().time())

    async def run(self) -> None:
        plan = self.plan
        self.upstream = SimulatedUpstream(self.rng, plan)
        self.store = Store(self.shared, rng=self.rng)
        for uid in UIDS:
            await self._open_wallet(uid)
        await self._open_tenants()
        self.instances = [Instance(self, number) for number in range(plan.instances)]
        clients = [asyncio.create_task(self._client(number)) for number in range(plan.clients)]
        others = [asyncio.create_task(work()) for work in (self._reaper, self._sweeper, self._sweeper)]
        if plan.refund:
            others.append(asyncio.create_task(self._refund()))
        if plan.is_moved:
            others.append(asyncio.create_task(self._move()))
        try:
            await asyncio.gather(*clients)
            await self._wind_down()
            for task in others:
                if task.done():
                    task.result()
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _open_wallet(self, uid: str) -> None:
        async def work(tx: Transaction) -> None:
            await tx.get(wallet_path(uid))
            book = Book.blank(uid, self.now())
            book.set_terms(budget_limit=self.plan.user_budget, tenant=TENANT)
            book.post(Posting("topup", "topup", self.plan.balance, "Top-up"))
            book.save(tx)

        await self.store.transact(work)

    async def _open_tenants(self) -> None:
        """One tenant with a budget, if the plan has one; another without."""
        if self.plan.tenant_budget is not None:
            budget = Budget(period_of(self.now(), TENANT_ZONE), self.plan.tenant_budget)
            await self.store.write(Create(tenant_path(TENANT), Tenant(TENANT, budget, TENANT_ZONE).to_data()))

    async def _client(self, number: int) -> None:
        rng = random.Random(self.rng.random())
        for count in range(self.plan.requests):
            await asyncio.sleep(rng.uniform(0, self.plan.pause_s))
            living = [instance for instance in self.instances if instance.life.alive]
            if not living:
                return
            await self._ask(rng.choice(living), f"r{number}-{count}", number, rng)

    async def _ask(self, instance: Instance, request_id: str, number: int, rng: random.Random) -> None:
        uid = UIDS[number // 2 % 2]
        plan, groups = self.plan, self.groups
        terms = KeyTerms(
            f"{uid}-k{number % 2}",
            plan.key_budget,
            plan.limits,
            groups.belongs[number % 4],
            groups.member_budget,
            groups.project_budget,
            {"user": self.spans.user, "key": self.spans.key},
        )
        request = Request(Caller(uid, terms, None), _asked(request_id, rng.choice([20, 100])), request_id, RENDERING)
        if rng.random() < self.plan.leaving:  # while it waits for whatever it waits for then
            longest_s = rng.choice([0.05, 3.0, 45.0])
            asyncio.get_running_loop().call_later(rng.uniform(0, longest_s), request.hang_up.set)
        serving = asyncio.create_task(instance.inference.serve(request))
        done, _ = await asyncio.wait([serving], timeout=120)
        if not done:
            assert not instance.life.alive, f"request {request_id} never ended on a living instance"
            self.outcomes["died"] += 1
            return
        try:
            answer = serving.result()
        except (OutOfMoney, RateLimited, StoreUnavailable, UpstreamFailed, HungUp) as error:
            self.outcomes[type(error).__name__] += 1
        else:
            assert isinstance(answer, PaidAnswer)
            self.outcomes["ok"] += 1
            self.answered[request_id] = answer.settled.charged

    async def _reaper(self) -> None:
        for instance in list(self.instances):
            if self.rng.random() < self.plan.death:
                asyncio.get_running_loop().call_later(self.rng.uniform(0, 60), self._kill, instance)
        await asyncio.sleep(0)

    def _kill(self, instance: Instance) -> None:
        instance.life.alive = False
        self.instances.append(Instance(self, len(self.instances)))

    async def _sweeper(self) -> None:
        """The scheduled job, on a clock that is off as well, and delivered twice now and then."""
        weather = self.plan.weather
        life = Life()
        while True:
            await asyncio.sleep(self.rng.uniform(1, 20))
            store = Store(FaultyEngine(self.shared, life, weather, self.rng), rng=self.rng)
            now = self.now() + timedelta(seconds=self.rng.uniform(-self.plan.skew_s, self.plan.skew_s))
            for _ in range(self.rng.choice([1, 1, 2])):
                try:
                    await sweep(store, now)
                except (StoreUnavailable, Unreachable, Contended):
                    self.outcomes["sweep failed"] += 1

    async def _refund(self) -> None:
        await asyncio.sleep(self.rng.uniform(0, 30))

        async def work(tx: Transaction) -> None:
            book = await Book.open(tx, UIDS[0], self.now(), "refund")
            if book.posted("refund") is None:
                book.take_back(Posting("refund", "refund", -self.plan.refund, "Refund"))
                book.save(tx)

        await self.store.transact(work)

    async def _move(self) -> None:
        await asyncio.sleep(self.rng.uniform(0, 60))

        async def work(tx: Transaction) -> None:
            book = await Book.open(tx, UIDS[1], self.now())
            book.set_terms(tenant="other")
            book.save(tx)

        await self.store.transact(work)

    async def _wind_down(self) -> None:
        """The living have closed all books a while after the last outage, and shut down cleanly; then every lease
        expires, and the sweep comes by, with no faults any more."""
        await asyncio.sleep(SETTLED_AFTER_S)
        for instance in self.instances:
            if instance.life.alive:
                held = sum(lease.in_flight for _, _, lease in instance.leases._all())
                self.unsettled += held
        for instance in self.instances:
            if instance.life.alive:
                closing = asyncio.create_task(instance.leases.close(60))
                await asyncio.wait([closing], timeout=300)
        await asyncio.sleep(TTL_S + 2 * self.plan.skew_s + self.plan.weather.slowest_delivery_s + 1)
        later = self.now() + timedelta(seconds=self.plan.skew_s)
        await sweep(self.store, later)
        await sweep(self.store, later + timedelta(minutes=10))

    async def faults(self) -> list[str]:
        """Every invariant of the design that does not hold at the end."""
        faults = [f"{fault.path}: {fault.problem}" async for done in audit(self.store) for fault in done.faults]
        records = [record.data for record in await self.store.query(Query("usage", limit=1000))]
        for uid, document in zip(UIDS, await self.store.get_many(*map(wallet_path, UIDS)), strict=True):
            assert document is not None
            wallet = Wallet.from_data(document.data)
            if wallet.reserved:
                faults.append(f"{wallet.reserved} is still reserved")
            if wallet.balance < 0:
                faults.append(f"the balance is {wallet.balance}")
            faults += self._budget_faults(wallet.budget)
            spent = sum(each.get("charged") or 0 for each in self._of_period(records, uid, wallet.budget.period))
            if wallet.budget.spent != spent:
                faults.append(f"the budget says {wallet.budget.spent} spent, its records {spent}")
            faults += await self._group_faults(records, uid)
            faults += await self._span_faults(uid)
        faults += self._record_faults(records)
        if self.unsettled:
            faults.append(f"{self.unsettled} requests still held money on instances that lived")
        faults += self._limit_faults()
        return faults + await self._aggregate_faults()

    def _booked(self, record: dict[str, Any]) -> int:
        """What a record says of its cost: charge and shortfall. Where it only knows the most that it can have been,
        that covers what it was."""
        booked: int = record["charged"] + record.get("shortfall", 0)
        return min(booked, self.upstream.bills.get(record["request_id"], 0)) if _is_bound(record) else booked

    def _record_faults(self, records: list[dict[str, Any]]) -> list[str]:
        faults = []
        by_request = {record["request_id"]: record for record in records}
        if len(by_request) != len(records):
            faults.append("a request has two records")
        for request_id, charged in self.answered.items():
            record = by_request.get(request_id)
            if record is None or record["status"] not in ("ok", "aborted"):  # who has left is not told any more
                faults.append(f"{request_id} was answered, but its record says {record and record['status']}")
            elif record["cost"] != self.upstream.bills[request_id] and not _is_bound(record):
                faults.append(f"{request_id} cost {self.upstream.bills[request_id]}, its record says {record['cost']}")
            elif record["charged"] != charged and not record["late"]:
                faults.append(f"{request_id} was told {charged}, its record says {record['charged']}")
        faults += [f"{each['request_id']} is still pending" for each in records if each["status"] == PENDING]
        # Upstream cost = charges + shortfalls + what the lost requests cost, which are the operator's reported losses.
        upstream = sum(bill for name, bill in self.upstream.bills.items() if name in by_request)
        charges = sum(self._booked(record) for record in records if record["status"] != LOST)
        losses = sum(
            bill
            for name, bill in self.upstream.bills.items()
            if name in by_request and by_request[name]["status"] == LOST
        )
        if upstream != charges + losses:
            faults.append(f"upstream cost {upstream} is not charges {charges} + losses {losses}")
        return faults

    def _limit_faults(self) -> list[str]:
        limits = self.plan.limits
        return [
            f"{key} admitted {count} requests in {window}"
            for (key, window), count in self.admitted.items()
            if (limit := limits.rpm if "T" in window else limits.rpd) is not None and count > limit
        ]

    def _budget_faults(self, budget: Budget) -> list[str]:
        faults = []
        if budget.limit is not None and budget.spent + budget.reserved > budget.limit:
            faults.append(f"the budget of {budget.limit} has {budget.spent} spent and {budget.reserved} reserved")
        if budget.reserved:
            faults.append(f"{budget.reserved} of the budget is still reserved")
        return faults

    async def _group_faults(self, records: list[dict[str, Any]], uid: str) -> list[str]:
        """What does not hold of the member's and the project's budget: none is passed, and each counts its records."""
        faults = []
        for kind, path in group_budget_paths(uid, Belongs("mia", "site")).items():
            document = await self.store.get(path)
            if document is None:
                continue
            budget = read_group_budget(document)
            faults += self._budget_faults(budget)
            own = [each for each in self._of_period(records, uid, budget.period) if each.get(kind) is not None]
            spent = sum(each.get("charged") or 0 for each in own)
            if budget.spent != spent:
                faults.append(f"the {kind}'s budget says {budget.spent} spent, its records {spent}")
        return faults

    async def _span_faults(self, uid: str) -> list[str]:
        """What does not hold of the budgets of a day, a week and in total: none is passed, and each has the cap that is
        meant. The audit holds them against the ledger."""
        faults = []
        for document in await self.store.query(Query(f"wallets/{uid}/span_budgets", limit=100)):
            caps = self.spans.user if document.id == OWN else self.spans.key
            for span, budget in read_span_budgets(document.data).items():
                faults += self._budget_faults(budget)
                if budget.limit != caps.of(span):
                    faults.append(f"{document.id} has a cap of {budget.limit} in its {span}")
        return faults

    def _of_period(self, records: list[dict[str, Any]], uid: str, period: str) -> list[dict[str, Any]]:
        return [record for record in records if (record["user"], record["period"]) == (uid, period)]

    async def _aggregate_faults(self) -> list[str]:
        """The tenant's budget was never passed; the audit holds it against the ledgers."""
        tenant = await self.store.get(tenant_path(TENANT))
        return [] if tenant is None else self._budget_faults(Budget.from_data(tenant.data["budget"]))


def _is_bound(record: dict[str, Any]) -> bool:
    """Whether a record's cost is the most that an answer can have come to which nobody heard to its end."""
    return bool(record["status"] == "aborted" and record.get("usage_source") == "estimated")
