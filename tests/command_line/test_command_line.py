"""The command line, as a process of its own, over the configured store."""

import json
import pty
import subprocess
import sys
from os import read
from pathlib import Path
from typing import Any

import pytest

from functions.farebox.accounts.account import Accounts
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.secrets.reseal import reseal
from functions.farebox.secrets.root_key import SecretKey, load_or_create
from functions.farebox.secrets.seal import Seal
from functions.farebox.secrets.store_mark import check_mark
from functions.farebox.storage import Create, Increment, Query, Store, Transaction, Update
from tests.support.patience import PATIENCE_S
from tests.support.processes import ROOT, clean_environment
from tests.support.product.forked import run_forked
from tests.support.product.runtime import Clock

COMMAND = ("-m", "functions.farebox")
HEAVY = {"typer", "rich"}


class Terminal:
    def __init__(self, folder: Path, store_url: str, **variables: str) -> None:
        self.folder = folder
        self.store_url = store_url
        self._environment = clean_environment(folder, FAREBOX_STORE=store_url, **variables)

    def run(self, *arguments: str, status: int = 0) -> Any:
        """The JSON that a command writes into a file; of a refusal, its words."""
        done = run_forked([*COMMAND, *arguments], ROOT, self._environment, PATIENCE_S)
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if status == 0 else done.stderr

    def show(self, *arguments: str) -> str:
        """What a command shows at a terminal."""
        ours, theirs = pty.openpty()
        command = [sys.executable, *COMMAND, *arguments]
        subprocess.run(
            command, cwd=ROOT, env=self._environment, stdout=theirs, stderr=theirs, check=True, timeout=PATIENCE_S
        )
        return read(ours, 100_000).decode()


@pytest.fixture
async def terminal(sqlite_store: Store, sqlite_url: str, tmp_path: Path) -> Terminal:
    accounts = Accounts(sqlite_store, signup_credit=1_000_000_000, now=Clock())

    async def begin(tx: Transaction) -> None:
        await accounts.open(tx, "u1", "ada@example.com", "Ada")

    await sqlite_store.transact(begin)
    return Terminal(tmp_path, sqlite_url)


async def test_an_operator_finds_credits_and_suspends(terminal: Terminal, sqlite_store: Store) -> None:
    [user] = terminal.run("users", "ada")
    assert (user["id"], user["balance_usd"], user["status"]) == ("u1", "1.00", "active")
    for _ in range(2):
        command = ("credit", "u1", "2.50", "--reason", "thanks", "--idempotency-key", "k")
        assert terminal.run(*command)[0]["balance_usd"] == "3.50"
    assert terminal.run("set-balance", "u1", "0.75", "--reason", "agreed")[0]["balance_usd"] == "0.75"
    assert terminal.run("suspend", "u1")[0]["status"] == "suspended"
    assert terminal.run("restore", "u1")[0]["status"] == "active"
    assert await sqlite_store.count("audit") == 4
    assert "no such user" in terminal.run("credit", "nobody", "1", "--reason", "x", status=2)
    assert "decimal string" in terminal.run("credit", "u1", "1e3", "--reason", "x", status=2)


async def test_an_organisation_is_known_by_its_name_and_has_no_address(terminal: Terminal, sqlite_store: Store) -> None:
    organisation = {"kind": "organisation", "email": "", "full_name": "Acme"}
    await sqlite_store.write(Update("users/u1", organisation))
    [user] = terminal.run("users")
    assert (user["name"], user["email"]) == ("Acme", None)


async def test_an_operator_brings_documents_to_their_newest_form(terminal: Terminal, sqlite_store: Store) -> None:
    await sqlite_store.write(Increment("upstreams/old", {"used": 1}))  # which says no version, as of old
    assert terminal.run("upgrade") == [{"documents": 1, "upgraded": 1}]
    assert terminal.run("upgrade") == [{"documents": 1, "upgraded": 0}]


async def test_an_operator_makes_an_administrator_and_erases_a_person(terminal: Terminal, sqlite_store: Store) -> None:
    assert "8 to 200 characters" in terminal.run("admin", "add", "root@example.com", "--password", "short", status=2)
    [root] = terminal.run("admin", "add", "root@example.com", "--password", "a long password")
    credentials = await sqlite_store.get(f"credentials/{root['id']}")
    assert credentials is not None
    assert credentials.data["admin_at"] is not None
    assert "a long password" not in str([each.data for each in await sqlite_store.query(Query("audit"))])
    terminal.run("admin", "remove", "root@example.com")
    credentials = await sqlite_store.get(f"credentials/{root['id']}")
    assert credentials is not None
    assert credentials.data["admin_at"] is None
    assert terminal.run("erase", "u1", "--yes") == [{"id": "u1", "status": "erased"}]
    user = await sqlite_store.get("users/u1")
    assert user is not None
    assert (user.data["status"], user.data["full_name"]) == ("erased", None)


async def test_an_operator_caps_a_tenant_from_a_terminal(terminal: Terminal) -> None:
    [tenant] = terminal.run("tenant-budget", "acme", "12.50", "--time-zone", "Europe/Berlin")
    assert (tenant["limit_usd"], tenant["spent_usd"]) == ("12.50", "0.00")
    assert terminal.run("tenant-budget", "acme", "none")[0]["limit_usd"] is None
    assert terminal.run("users", "--tenant", "acme") == []
    assert terminal.run("set-tenant", "u1", "acme")[0]["tenant"] == "acme"
    assert [user["id"] for user in terminal.run("users", "--tenant", "acme")] == ["u1"]
    assert terminal.run("set-tenant", "u1", "none")[0]["tenant"] is None
    assert "time zone" in terminal.run("tenant-budget", "acme", "1", "--time-zone", "Mars", status=2)


def test_a_command_refuses_what_the_api_would_refuse(terminal: Terminal) -> None:
    for name in ("", "bad/x", "bad tenant", "t" * 65):
        assert "Name a tenant" in terminal.run("set-tenant", "u1", name, status=2)
    assert "Name a tenant" in terminal.run("tenant-budget", "bad/x", "5", status=2)
    assert "Give a reason" in terminal.run("credit", "u1", "1", "--reason", " ", status=2)
    assert "Give a reason" in terminal.run("set-balance", "u1", "1", "--reason", "x" * 501, status=2)
    assert "no e-mail address" in terminal.run("invite", "nobody", status=2)
    named = Terminal(terminal.folder, terminal.store_url, FAREBOX_ADMIN_EMAILS="root@example.com")
    assert "FAREBOX_ADMIN_EMAILS" in named.run("admin", "remove", "Root@example.com", status=2)


def test_a_command_makes_no_database_of_a_typing_error(tmp_path: Path) -> None:
    elsewhere, nowhere = tmp_path / "elsewhere", tmp_path / "nowhere" / "farebox.db"
    elsewhere.mkdir()
    mistyped = Terminal(elsewhere, f"sqlite:///{nowhere}")
    for command in (("audit",), ("users",), ("copy", f"sqlite:///{nowhere}", f"sqlite:///{tmp_path}/new.db")):
        assert f"there is no database at {nowhere}" in mistyped.run(*command, status=2)
    assert not nowhere.parent.exists()
    assert not (tmp_path / "new.db").exists()


async def test_the_books_are_audited_swept_and_reset(terminal: Terminal, sqlite_store: Store) -> None:
    assert terminal.run("audit")[0]["wallets"] == 1
    assert terminal.run("sweep")[0]["leases"] == 0
    assert terminal.run("reset")[0] == {"users": 1, "granted": 0, "granted_usd": "0.00", "expired": 0, "complete": True}
    [trail] = await sqlite_store.query(Query("audit", limit=5))
    assert (trail.data["action"], trail.data["actor"].partition(":")[0]) == ("budgets.reset", "terminal")
    assert terminal.run("prices") == []
    shown = terminal.show("users")
    assert "ada@example.com" in shown
    assert "┃" in shown
    assert "tenant" not in shown, "a column without a value takes no room"
    long = f"{'long' * 12}@example.com"
    await sqlite_store.write(Update("users/u1", {"email": long, "tenant": "acme"}))
    assert long in terminal.show("users"), "what an operator may want to copy is neither cut off nor folded"
    await sqlite_store.write(Update(wallet_path("u1"), {"balance": 7}))
    assert "wallets/u1" in terminal.run("audit", status=1)


def test_no_deployed_function_loads_the_terminals_libraries() -> None:
    code = "import sys, main\nfrom functions.edge.asgi.deployables import EDGES\nimport importlib\n"
    code += "[importlib.import_module('functions.' + name) for name in EDGES]\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert HEAVY.isdisjoint(loaded.split())


async def test_another_root_key_is_in_its_file_before_and_after_anything_is_sealed_with_it(
    sqlite_store: Store, sqlite_url: str
) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    terminal = Terminal(folder, sqlite_url, FAREBOX_SECRET_KEY="")
    old = SecretKey(load_or_create(folder / "secret.key"))
    await check_mark(sqlite_store, old)
    await sqlite_store.write(Create("factors/ada", {"totp": Seal(old.derive("second-factors")).close("hush")}))
    await sqlite_store.write(Create("factors/tom", {"totp": "of another key"}))
    new = SecretKey(load_or_create(folder / "secret.key.next"))  # as a run leaves it that was cut off
    async for _ in reseal(sqlite_store, old, new):
        pass
    said = terminal.run("change-secret-key", status=1)
    assert "factors/tom: totp opens with neither key" in said
    await check_mark(sqlite_store, SecretKey(load_or_create(folder / "secret.key")))
    assert not (folder / "secret.key.next").exists()
    kept = [SecretKey(load_or_create(file)).derive("mark") for file in folder.glob("secret.key.*")]
    assert kept == [old.derive("mark")]
    document = await sqlite_store.get("factors/ada")
    assert document is not None
    assert Seal(new.derive("second-factors")).open(document.data["totp"]) == "hush"
    assert "factors/tom: its totp does not open" in terminal.run("audit", status=1)


def test_a_command_that_reaches_peoples_accounts_says_all_that_it_lacks(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "firestore://p/d", FAREBOX_SECRET_KEY="0123456789abcdef" * 2)
    said = terminal.run("erase", "u1", "--yes", status=2)
    for name in ("FAREBOX_IDENTITY=local, or firebase with FIREBASE_API_KEY", "FAREBOX_PAYMENTS=sandbox, or stripe"):
        assert name in said
