"""What goes out for a call."""

from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from functions.farebox.gateway.call import outgoing
from functions.farebox.gateway.entry.form import KeyHeader
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.transport import Outgoing
from functions.farebox.gateway.upstream import Upstream
from functions.farebox.observability.request_context import RequestContext, TraceContext, current_request
from tests.support.calls import call_of

BODY: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "wörld"}]}
SENT = {**BODY, "model": "up-m", "max_tokens": 50}


def out(
    body: dict[str, Any],
    api_key: str | None = "sk-1",
    request_id: str | None = None,
    given: dict[bytes, bytes] | None = None,
    **terms: Any,
) -> Outgoing:
    upstream = Upstream("a", "https://example.com/v1", {"m": "up-m"}, api_key=api_key, **terms)
    return outgoing(call_of(body, cap=50, request_id=request_id, headers=given), Candidate(upstream, "up-m", "m", "m"))


def sent(body: dict[str, Any], **terms: Any) -> Any:
    return orjson.loads(out(body, **terms).body)


def test_what_is_known_goes_out_and_nothing_else() -> None:
    body = {**BODY, "temperature": 0.1, "a_field_of_tomorrow": {"x": [1, None]}, "seed": None}
    assert sent(body) == {**SENT, "temperature": 0.1}


def test_an_upstream_lets_through_what_its_operator_says_and_goes_without_what_they_leave_out() -> None:
    body = {**BODY, "temperature": 0.1, "seed": 1, "a_field_of_tomorrow": {"x": [1, None]}, "another": 1}
    terms = {"pass_fields": ("a_field_of_tomorrow",), "drop_fields": frozenset({"temperature"})}
    assert sent(body, **terms) == {**SENT, "seed": 1, "a_field_of_tomorrow": {"x": [1, None]}}


INSTRUCTED: dict[str, Any] = {
    **BODY,
    "seed": 1,
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "developer"}], "name": "d"},
        {"role": "user", "content": '"role":"developer"'},
    ],
}


def by_system() -> list[dict[str, Any]]:
    first, second, third = INSTRUCTED["messages"]
    return [first, {**second, "role": "system"}, third]


def test_who_does_not_know_the_role_developer_is_instructed_by_system() -> None:
    assert sent(INSTRUCTED)["messages"] == by_system()
    assert sent(INSTRUCTED, drop_fields=frozenset({"seed"})) == {**SENT, "messages": by_system()}
    assert sent(INSTRUCTED, developer_role=True)["messages"] == INSTRUCTED["messages"]
    assert sent(INSTRUCTED, drop_fields=frozenset({"messages"})).keys() == {"model", "seed", "max_tokens"}


def test_who_is_asked_after_another_is_instructed_in_its_own_word() -> None:
    call = call_of(INSTRUCTED, cap=50)
    for known in (False, True, False):
        upstream = Upstream("a", "https://example.com/v1", {"m": "up-m"}, developer_role=known)
        body = orjson.loads(outgoing(call, Candidate(upstream, "up-m", "m", "m")).body)
        assert body["messages"] == (INSTRUCTED["messages"] if known else by_system())


def test_the_clients_body_is_not_changed() -> None:
    body = {**BODY, "stream": True, "stream_options": {"include_usage": False}, "max_tokens": 90}
    body["messages"] = INSTRUCTED["messages"]
    before = orjson.dumps(body)
    out(body)
    assert orjson.dumps(body) == before


def test_a_stream_always_asks_for_usage_and_keeps_its_other_options() -> None:
    body = {**BODY, "stream": True, "stream_options": {"include_usage": False, "include_obfuscation": False}}
    assert sent(body)["stream_options"] == {"include_usage": True, "include_obfuscation": False}
    assert sent({**BODY, "stream": True})["stream_options"] == {"include_usage": True}
    assert sent({**BODY, "stream": True, "stream_options": None})["stream_options"] == {"include_usage": True}


def test_a_plain_call_asks_for_no_stream_options() -> None:
    assert "stream_options" not in sent(BODY)


NAMED: list[dict[str, Any]] = [
    {},
    {"max_tokens": 100},
    {"max_completion_tokens": 100},
    {"max_tokens": 70, "max_completion_tokens": 100},
    {"max_tokens": None, "max_completion_tokens": 100},
]


@pytest.mark.parametrize("cap_field", ["max_tokens", "max_completion_tokens", "max_new_tokens"])
@pytest.mark.parametrize("named", NAMED, ids=str)
def test_the_cap_goes_where_the_upstream_reads_it_and_nowhere_else(named: dict[str, Any], cap_field: str) -> None:
    assert sent({**BODY, **named}, cap_field=cap_field) == {**BODY, "model": "up-m", cap_field: 50}


def test_a_completion_does_not_go_out_without_a_cap() -> None:
    call = replace(call_of(BODY), cap=None)
    with pytest.raises(ValueError, match="cap"):
        outgoing(call, Candidate(Upstream("a", "https://example.com/v1", {"m": "up-m"}), "up-m", "m", "m"))


def test_the_upstream_sees_its_own_key_and_our_headers() -> None:
    headers = out(BODY, request_id="r1").headers
    assert headers["authorization"] == "Bearer sk-1"
    assert headers["x-request-id"] == "r1"
    assert headers["accept"] == "application/json"


def test_an_upstream_without_a_key_gets_none_of_the_clients() -> None:
    assert "authorization" not in out(BODY, api_key=None, request_id="r1").headers


def test_a_stream_is_not_to_be_compressed() -> None:
    headers = out({**BODY, "stream": True}).headers
    assert headers["accept"] == "text/event-stream"
    assert headers["accept-encoding"] == "identity"


def test_a_key_goes_in_the_header_that_the_server_reads_as_it_is() -> None:
    headers = out(BODY, auth=KeyHeader("api-key")).headers
    assert headers["api-key"] == "sk-1"
    assert "authorization" not in headers


def test_the_operators_headers_are_sent_with_each_request() -> None:
    headers = out(BODY, headers={"x-title": "Mine", "user-agent": "mine/1"}).headers
    assert (headers["x-title"], headers["user-agent"]) == ("Mine", "mine/1")
    assert headers["authorization"] == "Bearer sk-1"


GIVEN = {
    b"anthropic-beta": b"context-1m-2025-08-07",
    b"openai-project": b"proj_1",
    b"authorization": b"Bearer fb-live-x",
    b"cookie": b"a=1",
}


def test_of_a_clients_headers_those_are_passed_that_the_upstream_is_to_have() -> None:
    headers = out(BODY, given=GIVEN, pass_headers=("anthropic-beta", "openai-organization")).headers
    assert headers["anthropic-beta"] == "context-1m-2025-08-07"
    assert headers["authorization"] == "Bearer sk-1"
    assert not {"openai-project", "cookie", "openai-organization"} & headers.keys()
    assert "anthropic-beta" not in out(BODY, given=GIVEN).headers


@pytest.mark.parametrize("value", [b"a\r\nauthorization: stolen", b"a\x00", b"\xff", b"a" * 8193])
def test_a_clients_header_that_cannot_be_sent_on_as_it_is_is_left_out(value: bytes) -> None:
    assert "anthropic-beta" not in out(BODY, given={b"anthropic-beta": value}, pass_headers=("anthropic-beta",)).headers


def test_the_trace_goes_on_upstream() -> None:
    assert "traceparent" not in out(BODY).headers
    token = current_request.set(RequestContext("r", TraceContext("ab" * 16, "cd" * 8, sampled=True)))
    try:
        assert out(BODY).headers["traceparent"] == f"00-{'ab' * 16}-{'cd' * 8}-01"
    finally:
        current_request.reset(token)
