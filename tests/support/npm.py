"""Installs programs for Node.js that tests need, as their locks say."""

import shutil
import subprocess
from pathlib import Path

INSTALL = Path(__file__).parents[2] / "scripts" / "npm_install.sh"
TIMEOUT_S = 300


class NotInstalled(Exception):
    """There is no Node.js here, or the packages cannot be had: the message says which."""


def npm_install(folder: Path, *options: str) -> None:
    """Install what a folder's lock names into it, if that changed since. Raises `NotInstalled`."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotInstalled("node or npm is not installed")
    command = ["sh", str(INSTALL), str(folder), *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=TIMEOUT_S)
    if done.returncode != 0:
        raise NotInstalled(f"npm packages could not be installed: {done.stderr.strip()[-500:]}")
