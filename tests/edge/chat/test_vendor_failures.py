"""Failures of vendors as they answer them, through the whole product: who is told, who is asked, how a stream ends."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.edge.chat.test_vendor_usage import MODEL, PRICE, reply_of
from tests.support.money.customers import open_customer
from tests.support.processes import ROOT
from tests.support.product.in_process import running
from tests.support.stand_ins.upstream import StandIn, completion, stream

ABOUT_FAILURES = {"fails_over", "client_status", "client_sees", "ends"}
CASES: dict[str, Any] = {
    name: case
    for name, case in orjson.loads((ROOT / "tests/gateway/data/upstream_answers.json").read_bytes()).items()
    if ABOUT_FAILURES & case["want"].keys()
}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def spare() -> AsyncIterator[StandIn]:
    async with StandIn() as spare:
        yield spare


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_a_case_ends_as_it_should(
    sqlite_store: Store, upstream: StandIn, spare: StandIn, case: dict[str, Any]
) -> None:
    want, request = case["want"], case["request"]
    upstream.script(reply_of(case))
    spare.default = stream(["spare"]) if request.get("stream") else completion("spare")
    entries = [upstream.entry("up", MODEL), spare.entry("spare", MODEL, priority=1)]
    async with running(
        sqlite_store, pricing={MODEL: PRICE}, FAREBOX_UPSTREAMS=orjson.dumps(entries).decode()
    ) as instance:
        customer = await open_customer(sqlite_store, "10")
        answer = await instance.client.post("/v1/chat/completions", headers=customer.bearer, json=request)
    assert answer.status_code == want.get("client_status", 200), answer.text
    assert want.get("client_sees", "") in answer.text
    assert bool(spare.requests) is want.get("fails_over", False)
    assert ("spare" in answer.text) is want.get("fails_over", False)
    if want.get("ends") == "error":
        assert '"error"' in answer.text
        assert "[DONE]" not in answer.text
