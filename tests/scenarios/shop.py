"""A shop: the product in a process of its own, stand-in upstreams behind it, customers in front of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from functions.farebox.storage import Data, Store
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import records_of
from tests.support.patience import PATIENCE_S
from tests.support.stand_ins.upstream import StandIn

MESSAGES = [{"role": "user", "content": "Hello"}]


@dataclass(frozen=True)
class Lane:
    """A model and the two upstreams that serve it: `spare` is asked when `upstream` fails."""

    model: str
    upstream: StandIn
    spare: StandIn

    @property
    def ids(self) -> tuple[str, str]:
        """What the two are called."""
        return f"{self.model}.first", f"{self.model}.spare"

    def entries(self, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """For `FAREBOX_UPSTREAMS`."""
        return [
            self.upstream.entry(self.ids[0], self.model, priority=0, **options),
            self.spare.entry(self.ids[1], self.model, priority=1, **options),
        ]


@dataclass(frozen=True)
class Shop:
    """The product and everything around it."""

    url: str
    store: Store
    client: httpx.AsyncClient
    lanes: Mapping[str, Lane]

    async def customer(self, credit_usd: str = "1", **key_terms: Any) -> Customer:
        """Somebody new, with a key."""
        return await open_customer(self.store, credit_usd, **key_terms)

    async def ask(self, customer: Customer, model: str, **fields: Any) -> httpx.Response:
        """The answer to a chat completion request; a stream is read to its end."""
        body = {"model": model, "messages": MESSAGES, **fields}
        return await self.client.post("/v1/chat/completions", json=body, headers=customer.bearer)

    @asynccontextmanager
    async def stream(self, customer: Customer, model: str, **fields: Any) -> AsyncIterator[httpx.Response]:
        """A stream over a connection of its own: whoever leaves before its end hangs up."""
        body = {"model": model, "messages": MESSAGES, "stream": True, **fields}
        async with (
            httpx.AsyncClient(base_url=self.url, timeout=PATIENCE_S) as client,
            client.stream("POST", "/v1/chat/completions", json=body, headers=customer.bearer) as response,
        ):
            yield response

    async def receipt(self, customer: Customer, answer: httpx.Response) -> dict[str, Any]:
        """The receipt of an answer."""
        path = f"/v1/receipts/{answer.headers['x-request-id']}"
        found = await self.client.get(path, headers=customer.bearer)
        assert found.status_code == 200, found.text
        receipt: dict[str, Any] = found.json()
        return receipt

    async def only_record(self, customer: Customer) -> Data:
        """The usage record of a customer's one request."""
        [record] = await records_of(self.store, customer.uid)
        return record


def usage(prompt: int, completion: int, *, total: int | None = None, **classes: int) -> dict[str, Any]:
    """A usage report as OpenAI writes it. `classes` are of the prompt, or of the completion with `out_` before them."""
    out = {name.removeprefix("out_"): count for name, count in classes.items() if name.startswith("out_")}
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion if total is None else total,
        "prompt_tokens_details": {name: count for name, count in classes.items() if not name.startswith("out_")},
        "completion_tokens_details": out,
    }
