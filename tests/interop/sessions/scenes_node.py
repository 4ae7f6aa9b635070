"""Where programs that npm installs are."""

import json
import os
from pathlib import Path

MODULES = Path(os.environ["NODE_MODULES"])
BIN = MODULES / ".bin"


def version_of(package: str) -> str:
    """The version that is installed."""
    return str(json.loads((MODULES / package / "package.json").read_text())["version"])
