"""Whatever body is sent, in whichever dialect, by whoever hangs up on it: what it cost is charged or in the books as a
loss, no amount is a fraction or negative, and no answer is a fault of ours."""

import os
from typing import Any
from unittest.mock import patch

import pytest

from functions.farebox.data_plane import settlement
from functions.farebox.dialects.messages.request import chat_of
from functions.farebox.errors import InvalidRequest
from functions.farebox.pricing.bill import charge
from functions.farebox.request.chat import check_chat
from functions.farebox.request.responses import check_response
from tests.support.money_fuzz.run import fuzz, report
from tests.support.money_fuzz.verdict import Verdict

EXAMPLES = int(os.environ.get("FAREBOX_EXAMPLES", "6"))  # worlds, over all batches
FIRST = int(os.environ.get("FAREBOX_FIRST_SEED", "1"))
BATCHES = 2
REQUESTS = 300  # in each world


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_is_sent_is_charged_or_a_recorded_loss(batch: int) -> None:
    """To replay a failing seed: python -m tests.support.money_fuzz.run <seed> 1 300"""
    total = Verdict()
    for seed in range(FIRST + batch, FIRST + EXAMPLES, BATCHES):
        total.add(fuzz(seed, REQUESTS))
    assert not total.breaches, report(total)
    assert total.cost <= total.charged + sum(total.losses.values())
    served, refused = total.statuses[200], total.statuses[400]
    assert min(served, refused) > total.requests // 5, "the fuzz has gone blunt"
    assert total.losses, "the liar was never caught"


def test_a_charge_that_is_too_small_is_found() -> None:
    def halved(*args: Any, **terms: Any) -> Any:
        return charge(*args, **{**terms, "multiplier_bp": 5_000})

    with patch.object(settlement, "charge", halved):
        kinds = {breach.kind for breach in fuzz(0, 60).breaches}
    assert "in no book" in kinds


@pytest.mark.parametrize("kind", [[], {"ttl": "1h"}, 3])
def test_what_should_be_a_word_and_is_none_is_refused(kind: Any) -> None:
    """A list or an object has no hash, and is no reason to fail."""
    tool = {"type": kind, "name": "look"}
    with pytest.raises(InvalidRequest):
        check_response({"model": "m", "input": "Hello", "tools": [tool]})
    with pytest.raises(InvalidRequest):
        check_chat({"model": "m", "messages": [{"role": "user", "content": "Hello"}], "tools": [tool]})
    with pytest.raises(InvalidRequest):
        chat_of(
            {
                "model": "m",
                "max_tokens": 1,
                "messages": [{"role": "user", "content": "Hello"}],
                "tool_choice": {"type": kind},
            }
        )
