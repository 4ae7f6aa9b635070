"""What an error means, in the shapes and words of many vendors."""

import json
from pathlib import Path

import pytest

from functions.farebox.gateway.faults.meaning import fault_of
from functions.farebox.gateway.faults.told import Told, error_in, read_error

CASES = json.loads((Path(__file__).parent / "errors.json").read_bytes())


def told_in(case: dict[str, object]) -> Told | None:
    text = str(case["body"]).encode()
    return read_error(text) if case["status"] != 200 else error_in(json.loads(text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['status']} {case['body'][:60]}")
def test_whose_fault_it_is_by_the_vendors_words(case: dict[str, object]) -> None:
    fault = fault_of(int(str(case["status"])), told_in(case))
    assert (fault.whose, fault.reason) == (case["whose"], case["reason"])
    if fault.is_callers:
        assert fault.status in (400, 413, 422)


@pytest.mark.parametrize(
    "answer",
    [
        {"choices": [], "error": None},
        {"choices": [{"delta": {"content": "error"}}]},
        {"message": {"role": "assistant", "content": "x"}},
        {"id": "1", "object": "chat.completion.chunk"},
        {"data": [], "message": "ok"},
        {"error": {}, "choices": [{}]},
        {"choices": [{"message": {}}], "base_resp": {"status_code": 0, "status_msg": ""}},
        {"choices": [{"message": {"content": "x"}}], "base_resp": {"status_code": 1027, "status_msg": "sensitive"}},
        {"choices": [], "base_resp": {"status_code": 0, "status_msg": ""}},
        {"errors": [], "result": 1},
        [],
        "error",
        None,
    ],
)
def test_what_is_no_error(answer: object) -> None:
    assert error_in(answer) is None


def test_a_tool_named_like_an_account_is_no_matter_of_accounts() -> None:
    told = Told("Invalid schema for function 'project_billing_quota': it must be an object")
    assert fault_of(400, told).whose == "caller"


def test_one_request_too_large_for_a_minute_makes_nobody_ill() -> None:
    told = Told("tokens per minute", frozenset({"rate_limit_exceeded"}))
    assert not fault_of(413, told).is_illness
    assert fault_of(429, told).is_illness
    too_large = Told("Request too large for gpt-4o on tokens per minute (TPM): Limit 30000, Requested 45000")
    assert not fault_of(429, too_large).is_illness


@pytest.mark.parametrize(
    ("status", "words", "of_the_upstream"),
    [(401, "", True), (403, "permission_denied", False), (400, "api_key_invalid", True), (402, "", False)],
)
def test_only_a_rejected_key_is_a_whole_upstreams_illness(status: int, words: str, of_the_upstream: bool) -> None:
    assert fault_of(status, Told("x", frozenset(words.split()))).is_of_the_upstream is of_the_upstream


def test_an_error_of_hostile_depth_and_size_is_read_in_bounds() -> None:
    deep: object = {"message": "x"}
    for _ in range(500):
        deep = {"error": deep}
    told = error_in({"error": deep})
    assert told is not None
    wide = error_in({"errors": [{"message": "y" * 100_000}] * 100_000})
    assert wide is not None
    assert len(wide.message) == 2000
