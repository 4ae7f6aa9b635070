"""Bodies of receipts."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from functions.edge.rest.bodies.common import Open


class ReceiptAttempt(Open):
    """One request to one upstream. Times are in milliseconds, `started_ms` from the call's opening."""

    upstream: str
    model: str = Field(description="The upstream's name for it")
    outcome: str
    status: int | None
    started_ms: int
    latency_ms: int
    error: str | None


class BillLine(Open):
    """`count` at `unit_price_usd` for each `per` of them, exactly `amount_usd`."""

    token_class: str = Field(alias="class")
    count: int
    unit_price_usd: str
    per: int
    amount_usd: str


class ReceiptBill(Open):
    """The sum of the lines times `multiplier` is `exact_usd`; with `rounding_usd`, up to a nano-USD, `total_usd`.

    `service_tier` and `above_prompt_tokens` are there where the lines have the prices of one.
    """

    model: str
    price_version: str
    lines: list[BillLine]
    multiplier: str
    exact_usd: str
    rounding_usd: str
    total_usd: str


class Receipt(Open):
    """What a request was charged and why: enough to recompute it."""

    object: Literal["receipt"]
    id: str = Field(description="What the answer bore in x-farebox-receipt; no other receipt has it")
    request_id: str = Field(description="What it bore in x-request-id, which may be a client's own")
    same_request_id: list[str] = Field(description="The receipts, up to 20, of earlier requests that bore the same one")
    model: str
    status: Literal["ok", "error", "aborted", "pending", "lost"]
    created_at: datetime
    key_id: str
    upstream: str | None
    answered_model: str | None = Field(description="That the answer named, where it is not the one that was asked for")
    service_tier: str | None = Field(description="That the answer named")
    attempts: list[ReceiptAttempt]
    tokens: dict[str, int] | None
    usage_source: Literal["provider", "counted", "estimated", "reported"] | None = Field(
        description="Who counted the tokens: the upstream, Farebox, in part nobody for sure, or another gateway."
    )
    price_version: str | None
    bill: ReceiptBill | None
    held_usd: str
    cost_usd: str
    charged_usd: str
    shortfall_usd: str
    latency_ms: int | None
    first_token_ms: int | None
    error: str | None
