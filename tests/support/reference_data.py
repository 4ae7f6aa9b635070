"""What vendors publish of their APIs, which is not part of the project: `FAREBOX_REFERENCE_DATA` names its folder."""

import os
from pathlib import Path

import pytest


def reference_data() -> Path:
    """That folder. Without it the test that needs it is skipped, and says so, in a CI too: whoever deploys this has
    none. The project's own names it."""
    folder = os.environ.get("FAREBOX_REFERENCE_DATA")
    if folder is None:
        pytest.skip("FAREBOX_REFERENCE_DATA is not set")
    return Path(folder)
