"""The product that the browser visits, and the mails that it sends."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.clients.management import AS_ADMIN
from tests.support.emulators.emulator import PROJECT
from tests.support.patience import PATIENCE_S
from tests.support.processes import free_port, serving
from tests.support.product.production_stack import Stack
from tests.support.product.server_process import product_command, product_environment, program_of

ADMIN = "root@example.com"
SUPPORT = "help@example.com"
SIGNUP_CREDIT = "1.00"
_TOKEN = re.compile(r"#token=(\S+)")


@dataclass(frozen=True)
class Product:
    """A running product. `mailed_token` answers the token in the newest mail to an address. `give_credit` does so to
    whoever has just made an account with an address, where it does not come by itself."""

    url: str
    mailed_token: Callable[[str], str]
    give_credit: Callable[[str], None] | None = None

    def welcome(self, address: str) -> bool:
        """See to it that a new account has the credit of one; answers whether that took doing."""
        if self.give_credit is not None:
            self.give_credit(address)
        return self.give_credit is not None


@contextmanager
def running_here(folder: Path, **variables: str) -> Iterator[Product]:
    """The product on a free port of this machine, over a store in `folder`."""
    port = free_port()
    own = product_environment(
        folder,
        f"sqlite:///{folder}/farebox.db",
        PORT=str(port),
        FAREBOX_ADMIN_EMAILS=ADMIN,
        FAREBOX_SUPPORT_EMAIL=SUPPORT,
        FAREBOX_SIGNUP_CREDIT_USD=SIGNUP_CREDIT,
    )
    environment = {**own, **variables}

    def mailed_token(address: str) -> str:
        mails = sorted((folder / "outbox").glob("*.txt"), key=lambda mail: mail.stat().st_mtime_ns)
        texts = [text for text in (mail.read_text() for mail in mails) if address in text]
        found = _TOKEN.search(texts[-1])
        assert found is not None, texts[-1]
        return found[1]

    with serving(product_command(None, port), folder, port, environment, program=program_of(None)):
        yield Product(f"http://localhost:{port}", mailed_token)


def running_apart(stack: Stack) -> Product:
    """The product as production has it, whose mails Firebase sends."""

    def mailed_token(address: str) -> str:
        mails = httpx.get(f"http://{stack.auth_emulator}/emulator/v1/projects/{PROJECT}/oobCodes", timeout=PATIENCE_S)
        return str([mail["oobCode"] for mail in mails.json()["oobCodes"] if mail["email"] == address][-1])

    def give_credit(address: str) -> None:  # which others than this machine are given once their address is confirmed
        with httpx.Client(base_url=stack.url, headers=AS_ADMIN, timeout=PATIENCE_S) as client:
            [user] = client.get("/api/admin/users", params={"email": address}).json()["data"]
            gift = {"user_id": user["id"], "amount_usd": SIGNUP_CREDIT, "reason": "Welcome"}
            client.post("/api/admin/credits/bonus", json=gift).raise_for_status()

    return Product(stack.url, mailed_token, give_credit)
