"""The books hold under anything: hundreds of seeded schedules here, thousands in `make soak`."""

import os

import pytest

from tests.simulation.virtual_loop import run_virtually
from tests.simulation.world import World

SCHEDULES = int(os.environ.get("FAREBOX_SCHEDULES", "240"))
FIRST = int(os.environ.get("FAREBOX_FIRST_SEED", "0"))
BATCHES = 8


async def simulate(seed: int) -> list[str]:
    world = World.of(seed)
    await world.run()
    return await world.faults()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_books_hold_under_every_schedule(batch: int) -> None:
    """To replay a failing seed: FAREBOX_FIRST_SEED=<seed> FAREBOX_SCHEDULES=1 pytest tests/simulation"""
    for seed in range(FIRST + batch, FIRST + SCHEDULES, BATCHES):
        faults = run_virtually(simulate(seed))
        assert not faults, f"seed {seed}: {faults}"
