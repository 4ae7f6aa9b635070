"""What vendors and proxies report, in one piece or over a stream, comes to what their own words say is billed.

`data/vendor_reports.json` has by name the `reports` of one answer in their order, and what is `billed`: tokens of the
prompt that no cache read or wrote, that one read, that one wrote, and what was generated.
"""

from functools import reduce
from typing import Any

import orjson
import pytest

from functions.farebox.tokens.usage.places import completion_usage, read_report, usage_in
from functions.farebox.tokens.usage.report import Report, merge
from functions.farebox.tokens.usage.usage import Usage
from tests.support.processes import ROOT

CASES: dict[str, dict[str, Any]] = orjson.loads((ROOT / "tests/tokens/usage/data/vendor_reports.json").read_bytes())
NOTHING = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def told(report: object) -> Report | None:
    """What a chunk with this report tells."""
    return read_report({"choices": [], "usage": report})


def billed(usage: Usage | None) -> list[int] | None:
    """The tokens by what is billed apart, but for media and thoughts."""
    if usage is None:
        return None
    caches = [usage.cached_tokens, usage.cache_writes]
    return [usage.prompt_tokens - sum(caches), *caches, usage.completion_tokens]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_report_comes_to_what_is_billed(case: dict[str, Any]) -> None:
    reports = case["reports"]
    if len(reports) == 1:
        assert billed(usage_in({"choices": [], "usage": reports[0]})) == case["billed"]
    assert billed(completion_usage_of([told(each) for each in reports])) == case["billed"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_nothing_and_repetition_change_no_report(case: dict[str, Any]) -> None:
    reports = [told(each) for each in case["reports"]]
    for around in ([told(NOTHING), *reports], [*reports, told(NOTHING)], [*reports, told(None), told({}), reports[-1]]):
        assert billed(completion_usage_of(around)) == case["billed"]


def completion_usage_of(reports: list[Report | None]) -> Usage | None:
    """What all of them come to."""
    report = reduce(merge, reports)
    return None if report is None else completion_usage(report)
