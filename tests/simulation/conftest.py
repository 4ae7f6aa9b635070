"""The simulation counts tokens in its own thread: nothing in it may depend on a real one."""

import logging
from collections.abc import Iterator

import pytest

from functions.farebox.data_plane import doubt, measure, prompt
from functions.farebox.request.checked import Checked
from functions.farebox.tokens.counting import Counted


@pytest.fixture(autouse=True)
def tokens_are_counted_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def count_prompt(checked: Checked, model: str, **_others: object) -> Counted:
        return Counted(30, True)

    monkeypatch.setattr(prompt, "count_prompt", count_prompt)
    monkeypatch.setattr(measure, "count_prompt", count_prompt)
    monkeypatch.setattr(doubt, "count_prompt", count_prompt)


@pytest.fixture(autouse=True)
def nothing_is_logged() -> Iterator[None]:
    """A schedule logs its faults by the thousand, and pytest would write each of them out in case a test fails."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
