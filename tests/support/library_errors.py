"""Expects an error of the library: its class, code and message."""

from collections.abc import Awaitable

import pytest

from functions.farebox.errors import FareboxError


async def refusal(call: Awaitable[object]) -> tuple[type[FareboxError], str, str]:
    """The class, code and message of the error that a call must raise."""
    with pytest.raises(FareboxError) as caught:
        await call
    return type(caught.value), caught.value.code, caught.value.message
