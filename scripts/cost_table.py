"""Print docs/costs.md: what a month on Google Cloud costs at list prices, item by item, as `infra/` has it.

    .venv/bin/python -m scripts.cost_table > docs/costs.md

Amounts that only a month can tell, such as the reads of a job that has nothing to do, are estimates, named below.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.infra.terraform import Configuration, read_module

HOURS, MINUTES, DAYS = 730, 43_800, 30.4  # of a month
REGIONS = 6  # that an uptime check runs from, where it names none
IMAGE_GIB = 2.5  # nine functions' images, whose layers they share, ten versions of what changes

# USD, us-central1 and nam5, November 2026. The pages are below.
PRICES = {
    "forwarding rules": 0.025,  # an hour, for the first five together
    "balanced GiB": 0.008,
    "firewall policy": 5.0,
    "firewall rule": 1.0,
    "firewall million requests": 0.75,
    "uptime thousand": 0.30,  # after a million
    "alert condition": 0.10,
    "alert million points": 0.35,
    "scheduler job": 0.10,  # after three
    "vCPU second": 0.000024,  # after 180,000
    "GiB second": 0.0000025,  # after 360,000
    "idle vCPU second": 0.0000025,  # of an instance that is kept
    "million calls": 0.40,  # after two million
    "job vCPU second": 0.000018,
    "job GiB second": 0.000002,
    "100k reads": 0.06,
    "100k writes": 0.18,
    "100k deletes": 0.02,
    "stored GiB": 0.18,
    "recovery GiB": 0.18,  # of seven days
    "backup GiB": 0.05,
    "secret version": 0.06,  # after six
    "10k secret accesses": 0.03,  # after ten thousand
    "image GiB": 0.10,  # after half a GiB
    "log GiB": 0.50,  # after 50 GiB
    "GPU second": 0.0001867,
    "egress GiB": 0.12,
}

PAGES = {
    "Load balancer": "https://cloud.google.com/vpc/network-pricing#lb",
    "Firewall": "https://cloud.google.com/armor/pricing",
    "Uptime checks": "https://cloud.google.com/stackdriver/pricing",
    "Alerts": "https://cloud.google.com/stackdriver/pricing",
    "Logs": "https://cloud.google.com/stackdriver/pricing",
    "Scheduler": "https://cloud.google.com/scheduler/pricing",
    "Functions": "https://cloud.google.com/run/pricing",
    "Kept instances": "https://cloud.google.com/run/pricing",
    "Nightly audit": "https://cloud.google.com/run/pricing",
    "Firestore": "https://cloud.google.com/firestore/pricing",
    "Secrets": "https://cloud.google.com/secret-manager/pricing",
    "Images": "https://cloud.google.com/artifact-registry/pricing",
    "Traffic out": "https://cloud.google.com/vpc/network-pricing",
}


@dataclass(frozen=True)
class Month:
    """What customers do in it. A request of `chat` shares its instance with `sharing` others while it lasts."""

    name: str
    chats: int = 0
    chat_s: float = 12.0
    sharing: int = 25
    management: int = 0
    management_s: float = 0.1
    answer_kib: float = 12.0
    stored_gib: float = 0.05
    audit_s: float = 20.0


IDLE = Month("idle")
BUSY = Month("busy", chats=1_000_000, management=200_000, stored_gib=6.0, audit_s=900.0)

# Documents that a run of a job reads and writes with nothing to do, and what a request reads and writes.
JOB_READS = {
    "auto-recharge": 2,
    "check-upstreams": 4,
    "forget-usage": 1,
    "reset-budgets": 3,
    "roll-up-days": 2,
    "send-alerts": 4,
    "sweep-leases": 8,
}
# Of an alert's query, where it has more than one: those of its functions, and of each side of a comparison.
SERIES = {"error_rate": 9, "fast_burn": 2, "slow_burn": 2, "latency": 5, "spend_spike": 4, "traffic_spike": 2}
JOB_WRITES = {"check-upstreams": 2}
JOB_S = 0.25
CHAT_READS, CHAT_WRITES, MANAGEMENT_READS = 0.3, 2.4, 6
AUDIT_READS_PER_CHAT = 2  # a night, of the month's


@dataclass(frozen=True)
class Item:
    """One line of the bill: an amount in USD, and how it comes about."""

    name: str
    usd: float
    how: str


def bill(infra: Configuration, month: Month) -> list[Item]:
    """The items of a month."""
    return [make(infra, month) for make in ITEMS]


def total(items: list[Item]) -> float:
    """Their sum in USD."""
    return sum(item.usd for item in items)


def _load_balancer(infra: Configuration, month: Month) -> Item:
    rules = len(infra.of_type("google_compute_global_forwarding_rule"))
    assert rules <= 5, "from the sixth on each is charged by itself"
    gib = (month.chats + month.management) * month.answer_kib / 2**20
    usd = PRICES["forwarding rules"] * HOURS + PRICES["balanced GiB"] * gib
    return Item("Load balancer", usd, f"{rules} forwarding rules, {gib:.0f} GiB")


def _firewall(infra: Configuration, month: Month) -> Item:
    if infra.variables["firewall"]["default"] is not True and month is IDLE:
        return Item("Firewall", 0.0, "off (`firewall = true` switches it on)")
    policy = infra.resources["google_compute_security_policy.main"]
    rules = len(policy["rule"]) + len(infra.locals["preconfigured_rule"])
    millions = (month.chats + month.management) / 1e6
    usd = PRICES["firewall policy"] + rules * PRICES["firewall rule"] + millions * PRICES["firewall million requests"]
    return Item("Firewall", usd, f"a policy with {rules} rules, {millions:.1f} million requests")


def _checks(infra: Configuration) -> float:
    """Executions of uptime checks in a month."""
    [period] = [check["period"] for check in infra.of_type("google_monitoring_uptime_check_config").values()]
    often, seldom = (int(each) for each in re.findall(r'"(\d+)s"', period))
    frequent = len(re.findall(r'"\w+"', infra.locals["checked_each_minute"]))
    functions = sum(1 for function in infra.locals["function"].values() if function["paths"])
    return REGIONS * MINUTES * 60 * (frequent / often + (functions - frequent) / seldom)


def _uptime(infra: Configuration, _month: Month) -> Item:
    executions = _checks(infra)
    usd = max(0.0, executions - 1e6) / 1000 * PRICES["uptime thousand"]
    return Item("Uptime checks", usd, f"{executions / 1e6:.2f} million executions; a million is free")


def _alerts(infra: Configuration, _month: Month) -> Item:
    counted, measured = infra.locals["counted_alert"], infra.locals["measured_alert"]
    functions = sum(1 for function in infra.locals["function"].values() if function["paths"])
    # A threshold is looked at every 30 s, PromQL every minute; each series of each clause is a point.
    series = sum(SERIES.get(name, 1) for name in measured)
    points = MINUTES * (2 * (len(counted) + functions) + series) / 1e6
    conditions = len(counted) + len(measured) + 1
    usd = conditions * PRICES["alert condition"] + points * PRICES["alert million points"]
    return Item("Alerts", usd, f"{conditions} conditions, {points:.1f} million points that they return at most")


def _logs(_infra: Configuration, month: Month) -> Item:
    gib = (month.chats + month.management) * 2.5 / 2**20  # the load balancer's line and ours
    return Item("Logs", max(0.0, gib - 50) * PRICES["log GiB"], f"{gib:.1f} GiB; 50 are free")


def _runs(infra: Configuration) -> dict[str, float]:
    """How often each job runs in a month."""
    return {name: MINUTES if cron.startswith("* ") else MINUTES / 60 for name, cron in infra.locals["job"].items()}


def _scheduler(infra: Configuration, _month: Month) -> Item:
    jobs = len(infra.locals["job"]) + 1
    return Item("Scheduler", max(0, jobs - 3) * PRICES["scheduler job"], f"{jobs} jobs; three are free")


def _functions(infra: Configuration, month: Month) -> Item:
    checks, runs = _checks(infra), sum(_runs(infra).values())
    seconds = checks * 0.1 + runs * JOB_S + month.management * month.management_s
    seconds += month.chats * month.chat_s / month.sharing
    calls = checks + runs + month.chats + month.management
    gib = seconds * 0.75  # half of the functions have 512 MiB, half 1 GiB
    usd = max(0.0, seconds - 180_000) * PRICES["vCPU second"] + max(0.0, gib - 360_000) * PRICES["GiB second"]
    usd += max(0.0, calls - 2e6) / 1e6 * PRICES["million calls"]
    return Item(
        "Functions", usd, f"{seconds:,.0f} s of a CPU, {calls / 1e6:.2f} million calls; 180,000 s and 2 million free"
    )


def _kept(infra: Configuration, month: Month) -> Item:
    kept = 1 if month is BUSY else 0
    assert infra.variables["min_instances"]["default"] == {}, "what waits for requests costs money day and night"
    usd = kept * HOURS * 3600 * (PRICES["idle vCPU second"] + PRICES["GiB second"])
    return Item("Kept instances", usd, f"{kept} of `chat` (`min_instances`)")


def _audit(infra: Configuration, month: Month) -> Item:
    [container] = infra.resources["google_cloud_run_v2_job.audit"]["template"][0]["template"][0]["containers"]
    limits = container["resources"][0]["limits"]
    seconds = DAYS * month.audit_s
    gib = float(limits["memory"].removesuffix("Gi"))
    usd = seconds * (float(limits["cpu"]) * PRICES["job vCPU second"] + gib * PRICES["job GiB second"])
    return Item("Nightly audit", usd, f"{seconds:,.0f} s")


def _firestore(infra: Configuration, month: Month) -> Item:
    runs = _runs(infra)
    reads = sum(times * JOB_READS[name] for name, times in runs.items()) + month.chats * CHAT_READS
    reads += month.management * MANAGEMENT_READS + month.chats * AUDIT_READS_PER_CHAT * DAYS / 2 + _checks(infra)
    writes = sum(times * JOB_WRITES.get(name, 0) for name, times in runs.items()) + month.chats * CHAT_WRITES
    usd = reads / 1e5 * PRICES["100k reads"] + writes / 1e5 * PRICES["100k writes"]
    usd += month.stored_gib * (PRICES["stored GiB"] + PRICES["recovery GiB"] + 21 * PRICES["backup GiB"])
    return Item(
        "Firestore", usd, f"{reads / 1e6:.1f} million reads, {writes / 1e6:.1f} million writes, {month.stored_gib} GiB"
    )


def _secrets(infra: Configuration, month: Month) -> Item:
    versions = len(re.findall(r'"\w+"', infra.locals["generated_secret"])) + 3
    accesses = 20_000 if month is IDLE else 400_000
    usd = max(0, versions - 6) * PRICES["secret version"]
    usd += max(0, accesses - 10_000) / 1e4 * PRICES["10k secret accesses"]
    return Item("Secrets", usd, f"{versions} versions, {accesses:,} accesses; six and 10,000 are free")


def _images(_infra: Configuration, _month: Month) -> Item:
    return Item("Images", (IMAGE_GIB - 0.5) * PRICES["image GiB"], f"{IMAGE_GIB} GiB; half a GiB is free")


def _egress(_infra: Configuration, month: Month) -> Item:
    gib = (month.chats + month.management) * month.answer_kib / 2**20
    return Item("Traffic out", gib * PRICES["egress GiB"], f"{gib:.1f} GiB")


ITEMS: tuple[Callable[[Configuration, Month], Item], ...] = (
    _load_balancer,
    _firewall,
    _uptime,
    _alerts,
    _logs,
    _scheduler,
    _functions,
    _kept,
    _audit,
    _firestore,
    _secrets,
    _images,
    _egress,
)


HEAD = """\
# What it costs on Google Cloud

Made by `scripts/cost_table.py` from `infra/`, at list prices of November 2026 in us-central1 and nam5, without taxes
and what upstreams charge. *Idle*: deployed and watched, and nobody asks. *Busy*: a month with {chats:,} answers of
{chat_s:g} seconds and {management:,} management calls, the firewall on and an instance of `chat` kept.

| | idle, USD | busy, USD | idle | busy |
| --- | --: | --: | --- | --- |
"""
FOOT = """
Three things cost by the hour, and none is on unless you ask for it: `min_instances` (some 13 USD a month for one of
`chat`), `firewall`, and a GPU while a model of `gemma_models` runs (some 0.70 USD an hour; none while nobody asks).
Where a billing account's free allowances are used up elsewhere, it is up to 6 USD more.
"""


def document(infra: Configuration) -> str:
    """The text of docs/costs.md."""
    idle, busy = bill(infra, IDLE), bill(infra, BUSY)
    head = HEAD.format(chats=BUSY.chats, chat_s=BUSY.chat_s, management=BUSY.management)
    rows = "".join(
        f"| [{quiet.name}]({PAGES[quiet.name]}) | {quiet.usd:.2f} | {loud.usd:.2f} | {quiet.how} | {loud.how} |\n"
        for quiet, loud in zip(idle, busy, strict=True)
    )
    return f"{head}{rows}| **together** | **{total(idle):.2f}** | **{total(busy):.2f}** | | |\n{FOOT}"


if __name__ == "__main__":
    print(document(read_module()), end="")
