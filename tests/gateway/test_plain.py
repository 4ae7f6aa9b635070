"""Whole answers through a real socket."""

import gzip
from typing import Any

import orjson
import pytest

from functions.farebox.errors import NotFound, UpstreamFailed
from functions.farebox.gateway.answers import PlainAnswer, RejectedAnswer
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.upstream import parse_upstreams
from functions.farebox.tokens.usage.reading import read_usage
from tests.support.calls import CAP, call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import (
    MODEL,
    USAGE,
    StandIn,
    completion,
    embedding,
    json_reply,
    raw,
    status,
)

BODY: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}
CALL = call_of(BODY, request_id="req-1")


async def opened(gateway: Any, call: Call = CALL) -> PlainAnswer:
    answer = await gateway.open(call)
    assert isinstance(answer, PlainAnswer)
    return answer


async def rejected(gateway: Any, call: Call = CALL) -> tuple[int, Any]:
    answer = await gateway.open(call)
    assert isinstance(answer, RejectedAnswer)
    return answer.status, orjson.loads(answer.body)["error"]


async def test_an_answer_arrives_untouched_with_its_usage(upstream: StandIn, make_gateway: MakeGateway) -> None:
    written = (
        b'{ "choices" : [ {"index":0,"message":{"content":"w\\u00f6rld"}} ],\n'
        b' "usage": {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21} }'
    )
    upstream.script(raw(written, headers={"content-type": "application/json"}))
    answer = await opened(make_gateway(upstream.entry()))
    assert answer.body == written
    assert answer.usage == read_usage({"prompt_tokens": 9, "completion_tokens": 12})
    assert answer.texts() == ["wörld"]
    await answer.aclose()


async def test_the_upstream_is_called_as_the_entry_says(upstream: StandIn, make_gateway: MakeGateway) -> None:
    await opened(make_gateway(upstream.entry(api_key="sk-up")))
    [received] = upstream.requests
    assert received.path == "/v1/chat/completions"
    assert received.json == {**BODY, "model": MODEL, "max_tokens": CAP}
    assert received.headers["authorization"] == "Bearer sk-up"
    assert received.headers["x-request-id"] == "req-1"
    assert received.headers["content-type"] == "application/json"
    assert "cookie" not in received.headers


async def test_the_answer_says_where_it_came_from(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(completion(delay_s=0.05))
    source = (await opened(make_gateway(upstream.entry("primary")))).source
    assert (source.upstream, source.model) == ("primary", MODEL)
    [attempt] = source.attempts
    assert (attempt.upstream, attempt.outcome, attempt.status, attempt.error) == ("primary", "answered", 200, None)
    assert 0 <= attempt.started_ms < 5000
    assert 50 <= attempt.latency_ms < 5000


async def test_embeddings_are_relayed(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(embedding([[1.0], "AACAPw=="]))
    call = call_of({"model": "test-model", "input": ["a", "b"]})
    answer = await opened(make_gateway(upstream.entry()), call)
    assert upstream.last.path == "/v1/embeddings"
    assert [one["embedding"] for one in answer.payload["data"]] == [[1.0], "AACAPw=="]
    assert answer.usage == read_usage({"prompt_tokens": 7, "total_tokens": 7})


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": 0, "completion_tokens": 0}])
async def test_missing_usage_and_zero_usage_are_told_apart(
    upstream: StandIn, make_gateway: MakeGateway, usage: dict[str, int] | None
) -> None:
    upstream.script(completion(usage=usage))
    answer = await opened(make_gateway(upstream.entry()))
    assert answer.usage == (None if usage is None else read_usage(usage))


async def test_a_large_request_arrives_whole(upstream: StandIn, make_gateway: MakeGateway) -> None:
    image = "data:image/png;base64," + "A" * 5_000_000
    content = [{"type": "image_url", "image_url": {"url": image}}]
    await opened(make_gateway(upstream.entry()), call_of({**BODY, "messages": [{"role": "user", "content": content}]}))
    assert upstream.last.json["messages"][0]["content"] == content


async def test_a_large_answer_in_small_pieces_arrives_whole(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(completion("ö" * 200_000, split=10_007))
    assert (await opened(make_gateway(upstream.entry()))).texts() == ["ö" * 200_000]


async def test_a_compressed_answer_is_read(upstream: StandIn, make_gateway: MakeGateway) -> None:
    body = gzip.compress(orjson.dumps({"choices": [], "usage": USAGE}))
    upstream.script(raw(body, headers={"content-type": "application/json", "content-encoding": "gzip"}))
    assert (await opened(make_gateway(upstream.entry()))).usage == read_usage(USAGE)


async def test_a_connection_serves_many_calls(upstream: StandIn, make_gateway: MakeGateway) -> None:
    gateway = make_gateway(upstream.entry())
    for _ in range(5):
        await opened(gateway)
    assert upstream.connections == 1


async def test_a_model_that_nobody_has_is_not_found(upstream: StandIn, make_gateway: MakeGateway) -> None:
    with pytest.raises(NotFound) as caught:
        await make_gateway(upstream.entry()).open(call_of({**BODY, "model": "other"}))
    assert caught.value.code == "model_not_found"
    assert upstream.requests == []


@pytest.mark.parametrize("code", [400, 413, 422])
async def test_a_fault_of_the_request_goes_to_the_client_and_not_to_the_next_upstream(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, code: int
) -> None:
    details = {"type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"}
    upstream.script(status(code, message="Too long.", error=details))
    gateway = make_gateway(upstream.entry("a"), spare.entry("b", priority=1))
    assert await rejected(gateway) == (code, {"message": "Too long.", **details})
    assert spare.requests == []


async def test_a_fault_of_the_request_is_no_illness_of_the_upstream(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(*[status(400)] * 5)
    gateway = make_gateway(upstream.entry())
    for _ in range(5):
        await rejected(gateway)
    assert (await opened(gateway)).source.attempts[0].outcome == "answered"


async def test_a_rejection_says_what_was_tried(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(status(422))
    answer = await make_gateway(upstream.entry()).open(CALL)
    assert [(one.outcome, one.status) for one in answer.source.attempts] == [("rejected", 422)]


async def test_a_rejection_shows_neither_the_upstreams_address_nor_its_key(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    address = upstream.base_url.removeprefix("http://").removesuffix("/v1")
    upstream.script(status(400, message=f"POST {upstream.base_url}/chat ({address}) with sk-up failed"))
    _, error = await rejected(make_gateway(upstream.entry(api_key="sk-up")))
    assert error["message"] == "POST [upstream]/chat ([upstream]) with [upstream] failed"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Host internal-gpu-17.corp.local refused it.", "Host [upstream] refused it."),
        ("Path /srv/models/secret/x is odd.", "Path [upstream] is odd."),
        ("resource SECRET.openai.azure.com says no", "resource [upstream] says no"),
        ("messages/0/content is too short; see /messages/0", "messages/0/content is too short; see /messages/0"),
    ],
)
async def test_a_rejection_shows_no_machine_of_the_operators(
    upstream: StandIn, make_gateway: MakeGateway, told: str, shown: str
) -> None:
    upstream.script(status(400, message=told))
    _, error = await rejected(make_gateway(upstream.entry()))
    assert error["message"] == shown


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b'{"detail":{}}', b'{"error":{"message":7}}', b"x" * 100_000],
    ids=["html", "list", "detail", "number", "long"],
)
async def test_a_rejection_that_cannot_be_quoted_is_put_into_our_words(
    upstream: StandIn, make_gateway: MakeGateway, body: bytes
) -> None:
    upstream.script(raw(body, status=422, headers={"content-type": "application/json"}))
    code, error = await rejected(make_gateway(upstream.entry()))
    assert code == 422
    assert error == {
        "message": "The model's server refused the request as invalid.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


async def test_odd_fields_of_a_rejection_are_left_out_and_a_long_message_is_cut(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    odd = {"type": ["x"], "param": {"a": 1}, "code": 400, "stack": "secret"}
    upstream.script(status(400, message="m" * 5000, error=odd))
    _, error = await rejected(make_gateway(upstream.entry()))
    assert error == {"message": "m" * 2000, "type": "invalid_request_error", "param": None, "code": None}


async def test_a_404_that_is_no_error_of_the_api_means_a_wrong_address(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(raw(b"<html>nothing here</html>", status=404, headers={"content-type": "text/html"}))
    answer = await opened(make_gateway(upstream.entry("a"), spare.entry("b", priority=1)))
    assert [one.outcome for one in answer.source.attempts] == ["failed", "answered"]


NOT_ANSWERS = {
    "not JSON": raw(b"<html>", headers={"content-type": "application/json"}),
    "a list": json_reply([]),
    "no choices": json_reply({"id": "x"}),
    "choices of another kind": json_reply({"choices": {}}),
    "an error": json_reply({"error": {"message": "overloaded"}}),
    "empty": raw(headers={"content-type": "application/json"}),
    "a redirect": raw(status=307, headers={"location": "http://127.0.0.1:9/"}),
}


@pytest.mark.parametrize("reply", NOT_ANSWERS.values(), ids=NOT_ANSWERS.keys())
async def test_what_is_no_answer_gives_way_to_the_next_upstream(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, reply: Any
) -> None:
    upstream.script(reply)
    gateway = make_gateway(upstream.entry("a"), spare.entry("b", priority=1), max_body_bytes=1000)
    answer = await opened(gateway)
    assert answer.source.upstream == "b"
    assert answer.source.attempts[0].outcome in ("invalid", "failed")


async def test_an_answer_that_is_too_long_does_not_take_the_upstream_from_others(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(*[completion("x" * 2000)] * 5)
    gateway = make_gateway(upstream.entry(), max_body_bytes=1000)
    for _ in range(5):
        with pytest.raises(UpstreamFailed):
            await gateway.open(CALL)
    await opened(gateway)


async def test_a_new_configuration_counts_from_the_next_call(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway
) -> None:
    gateway = make_gateway(upstream.entry("a"))
    gateway.configure(parse_upstreams([spare.entry("b", "test-model", "other")]))
    assert gateway.routes.keys() == {"test-model", "other"}
    assert (await opened(gateway)).source.upstream == "b"
