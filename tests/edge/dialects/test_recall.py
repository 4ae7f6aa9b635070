"""A client that sends back ids of what it was answered lately is understood, and nobody else can see what they are."""

import re
from typing import Any

import orjson
import pytest

from functions.farebox.dialects.responses.recall import FOR_S, MOST_ITEM_BYTES, Recall
from functions.farebox.keys.api_key import key_path
from functions.farebox.kit.party import Party
from functions.farebox.storage import Store, Update
from tests.support.clients.vendor_sdks import openai_of
from tests.support.money.customers import Customer, keys_of, open_customer
from tests.support.product.in_process import Instance
from tests.support.stand_ins.upstream import StandIn, completion
from tests.support.stand_ins.upstream_replies import calling, calling_in_a_stream

TOOL: Any = {"type": "function", "name": "weather", "parameters": {}, "strict": False}
HELLO: dict[str, Any] = {"model": "test-model", "input": "Hello", "tools": [TOOL]}


async def answered(instance: Instance, customer: Customer, *, streamed: bool, **fields: Any) -> list[dict[str, Any]]:
    responses = openai_of(instance, customer).responses
    response: Any
    if streamed:
        async with responses.stream(**HELLO, **fields) as events:
            response = await events.get_final_response()
    else:
        response = await responses.create(**HELLO, **fields)
    return [item.to_dict() for item in response.output]


def references(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    outputs = [
        {"type": "function_call_output", "call_id": item["call_id"], "output": "rain"}
        for item in items
        if item["type"] == "function_call"
    ]
    return [
        {"role": "user", "content": "Hello"},
        *({"type": "item_reference", "id": item["id"]} for item in items),
        *outputs,
    ]


@pytest.mark.parametrize("streamed", [False, True])
async def test_ids_stand_for_what_was_answered(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    upstream.default = calling_in_a_stream() if streamed else calling()
    items = await answered(instance, customer, streamed=streamed)
    body = {**HELLO, "input": references(items), "stream": streamed}
    answer = await instance.client.post("/v1/responses", headers=customer.bearer, json=body)
    assert answer.status_code == 200, answer.text
    said, called, *results = upstream.last.json["messages"]
    assert said == {"role": "user", "content": "Hello"}
    assert called["content"] == "Let me see."
    assert [call["id"] for call in called["tool_calls"]] == [result["tool_call_id"] for result in results]


async def test_they_say_nothing_to_others_and_nothing_is_kept_where_the_client_says_so(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    upstream.default = calling()
    other = await open_customer(sqlite_store, "1")
    kept = await answered(instance, customer, streamed=False)
    untold = await answered(instance, other, streamed=False, store=False)
    for items in (kept, untold):
        body = {**HELLO, "input": references(items)}
        answer = await instance.client.post("/v1/responses", headers=other.bearer, json=body)
        assert answer.status_code == 400, answer.text
        assert "'store': false" in answer.json()["error"]["message"]
        assert answer.json()["error"]["param"] == "input.1.type"


async def test_they_say_nothing_to_another_key_that_a_key_has_made_though_one_wallet_pays_for_both(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    minted = []
    for name in ("A", "B"):
        key, text = await keys_of(sqlite_store).create(customer.uid, {"name": name})
        await sqlite_store.write(Update(key_path(key.id), {"made_by": customer.key_id}))
        minted.append(Customer(customer.uid, key.id, text))
    ours, theirs = minted
    upstream.default = calling()
    items = await answered(instance, ours, streamed=False)
    for asking, status in ((theirs, 400), (customer, 400), (ours, 200)):
        body = {**HELLO, "input": references(items)}
        answer = await instance.client.post("/v1/responses", headers=asking.bearer, json=body)
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("streamed", [False, True])
async def test_nobody_guesses_an_id_from_how_an_upstream_counts_its_answers(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    upstream.default = calling_in_a_stream() if streamed else calling()
    ids = [item["id"] for item in await answered(instance, customer, streamed=streamed)]
    assert ids == [item["id"] for item in await answered(instance, customer, streamed=streamed)], "the key is kept"
    assert all(re.fullmatch(r"(?:msg|fc)_[0-9a-f]{24}_[0-2]", id) for id in ids), ids


def response(*items: dict[str, Any]) -> bytes:
    return orjson.dumps({"object": "response", "output": items})


def known(recall: Recall, party: Party, *ids: str) -> list[bool]:
    given = [{"type": "item_reference", "id": id} for id in ids]
    return [item.get("type") != "item_reference" for item in recall.filled(party, {"input": given})["input"]]


async def test_a_short_reference_to_much_counts_as_what_it_stands_for(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    upstream.default = completion("x" * 900_000)
    [item] = await answered(instance, customer, streamed=False)
    asked = len(upstream.requests)
    bomb = {**HELLO, "input": [{"type": "item_reference", "id": item["id"]}] * 1000}
    answer = await instance.client.post("/v1/responses", headers=customer.bearer, json=bomb)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
    assert len(upstream.requests) == asked


def test_it_is_bounded_by_age_and_size() -> None:
    now = [0.0]
    recall = Recall(lambda: now[0], most_bytes=400)
    items = [{"id": f"msg_{n}", "type": "message", "content": "x" * 70} for n in range(5)]
    for item in items:
        recall.keep(Party("a"), response(item))
    assert known(recall, Party("a"), "msg_0", "msg_1", "msg_2", "msg_3", "msg_4") == [False, False, True, True, True]
    assert known(recall, Party("b"), "msg_4") == [False]
    recall.keep(Party("a"), response({"id": "big", "type": "message", "content": "x" * MOST_ITEM_BYTES}))
    assert known(recall, Party("a"), "big", "msg_4") == [False, True]
    now[0] = FOR_S + 1
    assert known(recall, Party("a"), "msg_4") == [False]
    recall.keep(Party("a"), response(items[0]))
    assert known(recall, Party("a"), "msg_0") == [True]


def test_an_id_that_stood_for_two_things_stands_for_none() -> None:
    recall = Recall()
    first, second = [{"id": "msg_417_0", "type": "message", "content": text} for text in ("A's PIN", "B's hello")]
    recall.keep(Party("a"), response(first))
    recall.keep(Party("b"), response(second))
    recall.keep(Party("a"), response(first))
    assert known(recall, Party("a"), "msg_417_0") == known(recall, Party("b"), "msg_417_0") == [True]
    recall.keep(Party("a"), response(second))
    recall.keep(Party("a"), response(second))
    assert known(recall, Party("a"), "msg_417_0") == [False]
    assert known(recall, Party("b"), "msg_417_0") == [True]


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"output":3}', b'{"output":[3,{"id":4}]}', b"data: x\n\n"])
def test_what_is_no_answer_is_not_kept(answer: bytes) -> None:
    recall = Recall()
    recall.keep(Party("a"), answer)
    assert known(recall, Party("a"), "4") == [False]
