"""Fuzzes worlds one after the other: `python -m tests.support.money_fuzz.run FIRST_SEED WORLDS [REQUESTS]`."""

import sys
from collections import defaultdict

from tests.support.money_fuzz.verdict import Breach, Verdict, judge
from tests.support.money_fuzz.world import World, run_inline


def fuzz(seed: int, requests: int) -> Verdict:
    """One world, from its seed."""
    total = Verdict()

    async def work() -> None:
        world = World(seed, requests)
        await world.run()
        total.add(await judge(world))

    run_inline(work())
    return total


def report(total: Verdict) -> str:
    """The sums, and of each kind of breach how many, what they lose, and the one that loses most."""
    lines = [
        f"requests {total.requests}, cost {total.cost}, charged {total.charged}",
        f"statuses {dict(sorted(total.statuses.items()))}",
        f"losses {dict(total.losses)}",
    ]
    kinds: dict[str, list[Breach]] = defaultdict(list)
    for breach in total.breaches:
        kinds[breach.kind].append(breach)
    for kind, found in sorted(kinds.items(), key=lambda each: -sum(breach.lost for breach in each[1])):
        worst = sorted(found, key=lambda breach: (-breach.lost, len(breach.what)))
        lines += [f"== {kind}: {len(found)}, {sum(breach.lost for breach in found)} nano-USD"]
        lines += [f"   {each.lost} {each.what}" for each in worst[:6]]
    return "\n".join(lines)


if __name__ == "__main__":
    first, worlds = int(sys.argv[1]), int(sys.argv[2])
    whole = Verdict()
    for seed in range(first, first + worlds):
        whole.add(fuzz(seed, int(sys.argv[3]) if len(sys.argv) > 3 else 300))
    print(report(whole))
