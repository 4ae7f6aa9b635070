"""What goes out for a call."""

from typing import Any

import orjson
import pytest

from functions.farebox.gateway.call import Call, outgoing
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.transport import Outgoing
from functions.farebox.gateway.upstream import Upstream

BODY: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "wörld"}]}


def out(body: dict[str, Any], api_key: str | None = "sk-1", **fields: Any) -> Outgoing:
    upstream = Upstream("a", "https://example.com/v1", {"m": "up-m"}, api_key=api_key)
    return outgoing(Call("/chat/completions", "m", body, **fields), Candidate(upstream, "up-m", "m"))


def sent(body: dict[str, Any], **fields: Any) -> Any:
    return orjson.loads(out(body, **fields).body)


def test_everything_passes_through_but_the_models_name() -> None:
    body = {**BODY, "temperature": 0.1, "a_field_of_tomorrow": {"x": [1, None]}, "max_tokens": None}
    assert sent(body) == {**body, "model": "up-m"}


def test_the_clients_body_is_not_changed() -> None:
    body = {**BODY, "stream": True, "stream_options": {"x": 1}, "max_tokens": 9}
    before = orjson.dumps(body)
    out(body, stream=True, cap=5)
    assert orjson.dumps(body) == before


def test_a_stream_always_asks_for_usage_and_keeps_its_other_options() -> None:
    body = {**BODY, "stream": True, "stream_options": {"include_usage": False, "include_obfuscation": False}}
    assert sent(body, stream=True)["stream_options"] == {"include_usage": True, "include_obfuscation": False}
    assert sent({**BODY, "stream": True}, stream=True)["stream_options"] == {"include_usage": True}
    assert sent({**BODY, "stream": True, "stream_options": None}, stream=True)["stream_options"] == {
        "include_usage": True
    }


def test_a_plain_call_asks_for_no_stream_options() -> None:
    assert "stream_options" not in sent(BODY)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({}, {"max_tokens": 50}),
        ({"max_tokens": 100}, {"max_tokens": 50}),
        ({"max_completion_tokens": 100}, {"max_completion_tokens": 50}),
        ({"max_tokens": 7, "max_completion_tokens": 100}, {"max_tokens": 7, "max_completion_tokens": 50}),
        ({"max_tokens": None, "max_completion_tokens": 100}, {"max_tokens": None, "max_completion_tokens": 50}),
        ({"max_completion_tokens": None}, {"max_completion_tokens": None, "max_tokens": 50}),
    ],
)
def test_the_cap_goes_where_the_client_named_one_or_where_the_upstream_takes_it(
    named: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert sent({**BODY, **named}, cap=50) == {**BODY, "model": "up-m", **expected}


def test_the_upstream_sees_its_own_key_and_our_headers() -> None:
    headers = out(BODY, request_id="r1").headers
    assert headers["authorization"] == "Bearer sk-1"
    assert headers["x-request-id"] == "r1"
    assert headers["accept"] == "application/json"


def test_an_upstream_without_a_key_gets_none_of_the_clients() -> None:
    assert "authorization" not in out(BODY, api_key=None, request_id="r1").headers


def test_a_stream_is_not_to_be_compressed() -> None:
    headers = out({**BODY, "stream": True}, stream=True).headers
    assert headers["accept"] == "text/event-stream"
    assert headers["accept-encoding"] == "identity"


def test_a_field_that_the_upstream_alone_knows_is_lowered_too() -> None:
    upstream = Upstream("a", "https://example.com/v1", {"m": "up-m"}, cap_field="max_new_tokens")
    call = Call("/chat/completions", "m", {**BODY, "max_new_tokens": 100}, cap=50)
    body = orjson.loads(outgoing(call, Candidate(upstream, "up-m", "m")).body)
    assert body == {**BODY, "model": "up-m", "max_new_tokens": 50}


@pytest.mark.parametrize(("n", "choices"), [(None, 1), (1, 1), (3, 3), ("3", 1), (0, 1), (True, 1)])
def test_the_choices_asked_for_are_known(n: Any, choices: int) -> None:
    assert Call("/chat/completions", "m", {**BODY, "n": n}).choices == choices
