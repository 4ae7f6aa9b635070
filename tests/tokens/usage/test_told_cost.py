"""A vendor that says what an answer cost is heard, and one that says nonsense is not."""

from typing import Any

import pytest

from functions.farebox.tokens.usage.told_cost import told_cost

TOLD: list[tuple[Any, int]] = [
    ({"cost": 0.00014}, 140_000),
    ({"cost": 1}, 1_000_000_000),
    ({"cost": 1e-10}, 1),
    ({"cost": {"total_cost": 0.006, "request_cost": 0.005}}, 6_000_000),
    ({"cost_in_usd_ticks": 37_756_000}, 3_775_600),
    ({"cost": 0.001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.02}}, 21_000_000),
    ({"cost": 0.001, "cost_details": {"upstream_inference_cost": 0.02}}, 1_000_000),
    ({"cost": 0}, 0),
    ({"cost": -1}, 0),
    ({"cost": True}, 0),
    ({"cost": "0.1"}, 0),
    ({"cost": 1e300}, 0),
    ({"cost": float("nan")}, 0),
    ({"cost": 10**40}, 0),
    ({"cost": 20_000}, 0),
    ({"cost": {"total_cost": []}}, 0),
    ({}, 0),
    (None, 0),
    (5, 0),
]


@pytest.mark.parametrize(("usage", "nanos"), TOLD)
def test_a_cost_that_is_told_is_read_in_nano_usd(usage: Any, nanos: int) -> None:
    assert told_cost({"usage": usage}) == nanos


def test_an_answer_without_usage_tells_no_cost() -> None:
    assert told_cost({}) == 0
