"""Each function in a process of its own, as in production: they share a store and a secret, and nothing else."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

import httpx

from functions.farebox.kit.money import parse_usd
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Store, Transaction
from functions.farebox.wiring.runtime import utc_now
from tests.support.clients.asgi import refused
from tests.support.clients.streams import told_by, wanting
from tests.support.money.wallet_books import books_of, clean_audit
from tests.support.patience import PATIENCE_S
from tests.support.product.server_fleet import Fleet
from tests.support.product.server_process import make_key, register

FUNCTIONS = ("accounts", "keys", "chat", "wallet", "usage")
CREDIT = 1_000_000_000
HELLO = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}


async def give_credit(store: Store, uid: str) -> None:
    async def work(tx: Transaction) -> None:
        book = await Book.open(tx, uid, utc_now(), "gift")
        book.post(Posting("gift", "bonus", CREDIT, "A gift", reference="gift"))
        book.save(tx)

    await store.transact(work)


async def test_functions_that_run_apart_serve_a_customer_together(tmp_path: Path, firestore_url: str) -> None:
    async with Fleet(tmp_path, firestore_url) as fleet:
        started = await asyncio.gather(*(fleet.start(target=name) for name in FUNCTIONS))
        members = {name: member for name, [member] in zip(FUNCTIONS, started, strict=True)}
        with ExitStack() as stack:
            accounts, keys, chat, wallet, usage = (
                stack.enter_context(httpx.Client(base_url=members[name].url, timeout=PATIENCE_S)) for name in FUNCTIONS
            )
            uid, signed_in = register(accounts)
            await give_credit(fleet.store, uid)
            paying = make_key(keys, signed_in)
            refused(chat.get("/api/keys", headers=signed_in), 404, "not_found")

            balance = CREDIT
            for streamed in (False, True):
                body = {**HELLO, **wanting(streamed=streamed)}
                answer = chat.post("/v1/chat/completions", json=body, headers=paying)
                assert answer.status_code == 200, answer.text
                charged, left = told_by(answer)
                assert left == balance - charged < balance
                balance = left
                receipt = chat.get(f"/v1/receipts/{answer.headers['x-request-id']}", headers=paying).json()
                assert parse_usd(receipt["charged_usd"]) == charged

            await members["chat"].terminate()
            told = wallet.get("/api/wallet", headers=signed_in).json()
            assert (parse_usd(told["balance_usd"]), parse_usd(told["reserved_usd"])) == (balance, 0)
            entries = wallet.get("/api/wallet/transactions", headers=signed_in).json()["data"]
            assert sum(parse_usd(entry["amount_usd"]) for entry in entries) == balance
            logged = usage.get("/api/usage/logs", headers=signed_in).json()["data"]
            assert sorted(record["stream"] for record in logged) == [False, True]
        books = await books_of(fleet.store, uid)
        assert books.balance == balance
        await clean_audit(fleet.store)
