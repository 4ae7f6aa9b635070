"""The product that the browser visits, and what only its operator can do for a test."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import free_port, serving
from tests.support.server import product_command, product_environment

ADMIN = "root@example.com"
_TOKEN = re.compile(r"#token=(\S+)")


@dataclass(frozen=True)
class Product:
    """A running product. `folder` holds its mails."""

    url: str
    folder: Path

    def mailed_token(self, address: str) -> str:
        """The token in the newest mail to an address."""
        mails = sorted((self.folder / "outbox").glob("*.txt"), key=lambda mail: mail.stat().st_mtime_ns)
        texts = [text for text in (mail.read_text() for mail in mails) if address in text]
        found = _TOKEN.search(texts[-1])
        assert found is not None, texts[-1]
        return found[1]


@contextmanager
def running_here(folder: Path) -> Iterator[Product]:
    """The product on a free port of this machine, over a store in `folder`."""
    port = free_port()
    environment = product_environment(
        folder,
        f"sqlite:///{folder}/farebox.db",
        PORT=str(port),
        FAREBOX_ADMIN_EMAILS=ADMIN,
        FAREBOX_SIGNUP_CREDIT_USD="1.00",
    )
    with serving(product_command(None, port), folder, port, environment):
        yield Product(f"http://localhost:{port}", folder)
