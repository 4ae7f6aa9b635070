"""What is asked for, shared out and held is a whole number that is not below zero, wherever it comes from."""

from typing import Any, cast

import pytest

from functions.farebox.leases.allocation import Ask, Share
from functions.farebox.leases.pool import Hold

NO_AMOUNTS: list[Any] = [-1, 1.0, 0.5, float("nan"), "3", True, None, [1]]


@pytest.mark.parametrize("amount", NO_AMOUNTS)
def test_what_is_no_amount_is_neither_asked_for_nor_shared_out(amount: Any) -> None:
    for name in ("ideal", "minimum", "tokens", "tokens_minimum"):
        with pytest.raises(ValueError, match="asked for"):
            Ask(**{"ideal": 1, "minimum": 1, name: amount})
    for name in ("amount", "tokens"):
        with pytest.raises(ValueError, match="a share"):
            Share(**{"amount": 1, "tokens": 1, name: amount})


def test_nothing_is_an_amount() -> None:
    assert Ask(0, 0).tokens == Share(0, 0).amount == 0


def test_only_a_share_can_be_held() -> None:
    nobody = cast("Any", None)
    with pytest.raises(ValueError, match="share"):
        Hold("ada", nobody, nobody, nobody, cast("Share", -5), "")
