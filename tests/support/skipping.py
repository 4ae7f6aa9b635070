"""Skips a test for want of something on this machine, and says why; in CI it fails."""

import os
from typing import NoReturn

import pytest


def absent(reason: str) -> NoReturn:
    """Give up on a test for want of something that it needs."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
