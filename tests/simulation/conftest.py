"""The simulation counts tokens in its own thread: nothing in it may depend on a real one."""

from collections.abc import Mapping
from typing import Any

import pytest

from functions.farebox.data_plane import admission, measure
from functions.farebox.tokens.counting import Counted


@pytest.fixture(autouse=True)
def tokens_are_counted_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def count_prompt(body: Mapping[str, Any], model: str, *, context_tokens: int | None = None) -> Counted:
        return Counted(30, True)

    monkeypatch.setattr(admission, "count_prompt", count_prompt)
    monkeypatch.setattr(measure, "count_prompt", count_prompt)
