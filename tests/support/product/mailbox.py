"""The mails that the embedded run writes into its outbox."""

import re

from functions.farebox.wiring.runtime import Runtime


def latest_mail(runtime: Runtime) -> str:
    """The text of the latest one."""
    outbox = runtime.config.state_dir / "outbox"
    return max(outbox.iterdir(), key=lambda path: path.stat().st_mtime_ns).read_text(encoding="utf-8")


def mailed_token(runtime: Runtime) -> str:
    """The token of the latest one."""
    found = re.search(r"token=(\S+)", latest_mail(runtime))
    assert found is not None
    return found[1]
