"""What a machine may lack: a test that needs it is skipped, and says why, but fails in CI."""

import os
from typing import NoReturn

import pytest


def absent(reason: str) -> NoReturn:
    """Give up on a test for want of something that it needs."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
