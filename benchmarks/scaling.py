"""Benchmark of more instances: the same steady load on one wallet and one key, shared by one, two and four of them.

Two cores cannot show more throughput from more instances. What they can show is that instances which share a wallet
do not wait for each other, and how many more documents they write for it.
"""

from typing import Any

from benchmarks import storage

INSTANCES = (1, 2, 4)


def measure() -> list[dict[str, Any]]:
    """As `storage.measure`, for each number of instances."""
    return [storage.measure(instances=number) for number in INSTANCES]
