"""What was turned away at the door is free, and what may have reached a model is not."""

from collections.abc import Mapping

import pytest

from functions.farebox.gateway.faults.vendor_bill import may_bill_error, may_bill_status

FREE = [300, 302, 400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 425, 429, 451, 501, 503, 505, 520, 521, 522, 529]
PERHAPS = [408, 499, 500, 502, 504, 507, 524, 527, 599]


@pytest.mark.parametrize("status", FREE)
def test_a_status_that_turns_a_request_away_is_on_no_bill(status: int) -> None:
    assert not may_bill_status(status)


@pytest.mark.parametrize("status", PERHAPS)
def test_a_status_that_may_come_after_the_work_may_be_on_the_bill(status: int) -> None:
    assert may_bill_status(status)


@pytest.mark.parametrize(
    ("payload", "may_bill"),
    [
        ({"error": {"message": "Slow down.", "code": 429}}, False),
        ({"error": {"message": "Slow down.", "code": "429"}}, False),
        ({"error": {"message": "Full.", "type": "overloaded_error"}}, False),
        ({"type": "error", "error": {"type": "rate_limit_error"}}, False),
        ({"error": {"code": 503, "status": "UNAVAILABLE"}}, False),
        ({"error": {"status": "RESOURCE_EXHAUSTED"}}, False),
        ({"object": "error", "code": 400, "message": "No."}, False),
        ({"error": "No.", "status": 401}, False),
        ({"error": {"message": "It failed.", "code": 502}}, True),
        ({"error": {"message": "It failed.", "type": "server_error", "code": None}}, True),
        ({"error": {"code": 10**30, "type": ["x"]}}, True),
        ({"error": {"code": 20, "status": True}}, True),
        ({"error": "It failed."}, True),
    ],
)
def test_an_error_in_place_of_an_answer_counts_as_the_status_that_it_names(
    payload: Mapping[str, object], may_bill: bool
) -> None:
    assert may_bill_error(payload) == may_bill
