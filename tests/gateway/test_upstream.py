"""Reading `FAREBOX_UPSTREAMS`."""

from typing import Any

import pytest

from functions.farebox.gateway.credentials.tokens import NoCredential
from functions.farebox.gateway.entry.form import KeyHeader
from functions.farebox.gateway.upstream import Routes, Timeouts, Upstream, parse_upstream, parse_upstreams

ENTRY: dict[str, Any] = {"id": "a", "base_url": "https://api.example.com/v1/", "models": {"m": "up-m"}}


def test_an_entry_with_everything_is_read() -> None:
    entry = {
        **ENTRY,
        "api_key": "sk-hush",
        "priority": 2,
        "weight": 5,
        "timeout_s": 30,
        "connect_timeout_s": 1.5,
        "idle_timeout_s": 20,
        "cap_field": "max_new_tokens",
        "pass_fields": ["x_let", "x_let"],
        "drop_fields": ["seed"],
        "auth": {"header": "API-Key"},
        "headers": {"X-Title": "Farebox", "http-referer": "https://example.com"},
        "query": {"api-version": "2024-10-21", "a&b": "x&y = z"},
        "pass_headers": ["OpenAI-Project", "anthropic-beta", "openai-project"],
    }
    assert parse_upstream(entry) == Upstream(
        id="a",
        base_url="https://api.example.com/v1",
        models={"m": "up-m"},
        api_key="sk-hush",
        priority=2,
        weight=5,
        timeouts=Timeouts(connect_s=1.5, first_byte_s=30.0, idle_s=20.0),
        cap_field="max_new_tokens",
        pass_fields=("x_let",),
        drop_fields=frozenset({"seed"}),
        auth=KeyHeader("api-key"),
        headers={"x-title": "Farebox", "http-referer": "https://example.com"},
        query="?api-version=2024-10-21&a%26b=x%26y%20%3D%20z",
        pass_headers=("openai-project", "anthropic-beta"),
    )


def test_what_is_left_out_has_its_default() -> None:
    upstream = parse_upstream({**ENTRY, "api_key": None})
    assert upstream.api_key is None
    assert (upstream.priority, upstream.weight, upstream.timeouts) == (0, 1, Timeouts(5.0, 120.0, 60.0))
    assert not upstream.is_echo


def test_the_built_in_echo_needs_no_server() -> None:
    assert parse_upstream({**ENTRY, "base_url": "echo:"}).is_echo


@pytest.mark.parametrize(
    ("base_url", "field"),
    [
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://acme.openai.azure.com/openai/v1", "max_completion_tokens"),
        ("https://eu.api.openai.com/v1", "max_completion_tokens"),
        ("https://us.api.openai.com/v1", "max_completion_tokens"),
        ("https://acme.openai.azure.com/openai/deployments/gpt-5", "max_completion_tokens"),
        ("https://acme.services.ai.azure.com/openai/v1", "max_completion_tokens"),
        ("https://acme.cognitiveservices.azure.com/openai/deployments/gpt-5", "max_completion_tokens"),
        ("https://acme.services.ai.azure.com/models", "max_tokens"),
        ("https://api.openai.com.example.com/v1", "max_tokens"),
        ("https://notapi.openai.com/v1", "max_tokens"),
        ("http://localhost:4000", "max_tokens"),
        ("echo:", "max_tokens"),
    ],
)
def test_the_cap_goes_into_the_field_that_the_upstream_knows(base_url: str, field: str) -> None:
    assert parse_upstream({**ENTRY, "base_url": base_url}).cap_field == field


def test_a_key_is_never_printed() -> None:
    assert "sk-hush" not in repr(parse_upstream({**ENTRY, "api_key": "sk-hush"}))


WRONG: list[tuple[str, Any]] = [
    ("id", ""),
    ("id", "a/b"),
    ("id", "x" * 65),
    ("id", None),
    ("id", "a\n"),
    ("base_url", None),
    ("base_url", "ftp://example.com"),
    ("base_url", "api.example.com"),
    ("base_url", "https://"),
    ("base_url", "https://example.com:99999"),
    ("base_url", "https://example.com/?key=1"),
    ("base_url", "https://user:pw@example.com"),
    ("base_url", "https://exa mple.com"),
    ("base_url", "https://[::1"),
    ("base_url", "echo:x"),
    ("models", None),
    ("models", {}),
    ("models", ["m"]),
    ("models", {"m": ""}),
    ("models", {"m": 1}),
    ("models", {"a b": "m"}),
    ("models", {str(n): "m" for n in range(1001)}),
    ("api_key", ""),
    ("api_key", 7),
    ("api_key", {"secret": "hush"}),
    ("api_key", {"secret": "projects/p/secrets/s", "more": 1}),
    ("api_key", "sk-hush\r\nx-evil: 1"),
    ("priority", -1),
    ("priority", True),
    ("priority", 1.0),
    ("weight", 0),
    ("weight", 1001),
    ("timeout_s", 0),
    ("timeout_s", "5"),
    ("timeout_s", True),
    ("timeout_s", float("nan")),
    ("timeout_s", 3601),
    ("connect_timeout_s", -1),
    ("idle_timeout_s", float("inf")),
    ("cap_field", "Max-Tokens"),
    ("priced_as", []),
    ("priced_as", {"nobody": "m"}),
    ("priced_as", {"m": 7}),
    ("pass_fields", "x_let"),
    ("pass_fields", [7]),
    ("pass_fields", ["x let"]),
    ("pass_fields", ["api_base"]),
    ("pass_fields", ["Fallbacks"]),
    ("pass_fields", ["n"]),
    ("pass_fields", [f"x{n}" for n in range(101)]),
    ("drop_fields", {"seed": True}),
    ("auth", "basic"),
    ("auth", {"header": "x y"}),
    ("auth", {"header": "content-type"}),
    ("auth", {"header": "x-key", "prefix": "Key"}),
    ("auth", ["bearer"]),
    ("headers", {"x y": "1"}),
    ("headers", {"x-a": "sk-hush\r\nx-evil: 1"}),
    ("headers", {"x-a": "sk-hush\u00e9"}),
    ("headers", {"x-a": ""}),
    ("headers", {"x-a": "a" * 4097}),
    ("headers", {"x-a": 1}),
    ("headers", {"x-a": {"secret": "sk-hush"}}),
    ("headers", {"x-a": {"env": "sk-hush"}}),
    ("headers", {"Host": "sk-hush"}),
    ("headers", {"content-length": "5"}),
    ("headers", {"Transfer-Encoding": "chunked"}),
    ("headers", {"authorization": "sk-hush"}),
    ("headers", {"X-A": "1", "x-a": "2"}),
    ("headers", {f"x-{n}": "1" for n in range(51)}),
    ("query", {"a b": "1"}),
    ("query", {"a": "sk-hush\n"}),
    ("query", {"a": 1}),
    ("query", "a=sk-hush"),
    ("pass_headers", ["Authorization"]),
    ("pass_headers", ["Cookie"]),
    ("pass_headers", ["connection"]),
    ("pass_headers", ["x-request-id"]),
    ("pass_headers", "anthropic-beta"),
    ("speaks", []),
    ("speaks", ["gemini"]),
    ("speaks", "messages"),
    ("tiemout_s", 5),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_field_is_named_with_its_upstream_and_no_secret_is(field: str, value: Any) -> None:
    entry = {**ENTRY, "id": "primary", "api_key": "sk-hush", field: value}
    with pytest.raises(ValueError, match=rf"^upstream (primary|number 2): {field}: ") as caught:
        parse_upstreams([ENTRY, entry])
    assert "hush" not in str(caught.value)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "entries", [None, {}, "x", [7], [ENTRY, ENTRY], [{**ENTRY, "id": f"u{n}"} for n in range(201)]]
)
def test_a_list_that_is_none_is_refused(entries: object) -> None:
    with pytest.raises(ValueError, match="upstream"):
        parse_upstreams(entries)


def test_the_models_are_those_of_all_upstreams() -> None:
    upstreams = parse_upstreams([ENTRY, {**ENTRY, "id": "b", "models": {"m": "x", "n": "y"}}])
    assert Routes(upstreams).keys() == {"m", "n"}


KEY, TITLE, CODE = "projects/p/secrets/key", "projects/p/secrets/title/versions/3", "projects/p/secrets/code"
NAMED: dict[str, Any] = {
    **ENTRY,
    "api_key": {"secret": KEY},
    "headers": {"x-title": {"secret": TITLE}, "x-plain": "1"},
    "query": {"code": {"secret": CODE}},
}


async def test_a_secret_may_be_named_and_its_value_is_put_where_it_is_named() -> None:
    upstream = parse_upstream(NAMED, secrets={KEY: "sk-hush", TITLE: "Mine", CODE: "a/b"})
    assert (upstream.head["authorization"], upstream.head["x-title"]) == ("Bearer sk-hush", "Mine")
    assert (upstream.query, upstream.lacks) == ("?code=a%2Fb", ())
    assert await upstream.credential() == {}


@pytest.mark.parametrize("value", [None, "sk\nhush", "", "h\u00fcsh"])
async def test_an_upstream_whose_secret_has_no_value_that_would_do_is_not_called_and_no_other_is_kept(
    value: str | None,
) -> None:
    known = {TITLE: "Mine", CODE: "a"} | ({} if value is None else {KEY: value})
    upstream = parse_upstream(NAMED, secrets=known)
    assert upstream.lacks == (KEY,)
    with pytest.raises(NoCredential, match=KEY):
        await upstream.credential()
    assert parse_upstream(ENTRY, secrets={}).lacks == ()


def test_a_google_upstream_takes_no_key() -> None:
    at_google = {**ENTRY, "base_url": "https://us-central1-aiplatform.googleapis.com/v1", "auth": "google"}
    assert parse_upstream(at_google).auth == "google"
    with pytest.raises(ValueError, match="api_key: leave it out"):
        parse_upstream({**at_google, "api_key": "sk-hush"})


@pytest.mark.parametrize(
    "base_url",
    ["https://example.com/v1", "http://aiplatform.googleapis.com/v1", "https://googleapis.com.example.com", "echo:"],
)
def test_tokens_of_the_service_account_go_to_google_alone(base_url: str) -> None:
    with pytest.raises(ValueError, match=r"^upstream a: auth: "):
        parse_upstream({**ENTRY, "base_url": base_url, "auth": "google"})
    assert parse_upstream({**ENTRY, "base_url": "http://127.0.0.1:8080/v1", "auth": "google"}).auth == "google"


@pytest.mark.parametrize(
    "id", ["farebox-farebox-secret-key", "FAREBOX_SECRET_KEY", "farebox-admin-secret-key", "prod-stripe-api-key"]
)
def test_no_upstream_is_sent_a_secret_of_fareboxs_own(id: str) -> None:
    name = f"projects/p/secrets/{id}"
    for field, value in (("api_key", {"secret": name}), ("query", {"k": {"secret": f"{name}/versions/1"}})):
        with pytest.raises(ValueError, match=rf"^upstream a: {field}: .* Farebox's own secret"):
            parse_upstream({**ENTRY, field: value})


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"auth": "google", "base_url": "http://localhost/v1", "headers": {"authorization": "x"}}, "headers"),
        ({"api_key": "k", "auth": {"header": "api-key"}, "headers": {"Api-Key": "x"}}, "headers"),
        ({"headers": {"openai-project": "x"}, "pass_headers": ["openai-project"]}, "pass_headers"),
        ({"api_key": "k", "auth": {"header": "x-mine"}, "pass_headers": ["x-mine"]}, "pass_headers"),
    ],
)
def test_one_header_has_one_source(terms: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^upstream a: {field}: "):
        parse_upstream({**ENTRY, **terms})


def test_what_may_be_secret_is_never_printed() -> None:
    terms = {"headers": {"x-a": "hush"}, "query": {"key": "hush"}, "api_key": "hush"}
    assert "hush" not in repr(parse_upstream({**ENTRY, **terms}))


def test_a_model_is_let_through_what_some_upstream_of_it_wants() -> None:
    upstreams = [
        parse_upstream({**ENTRY, "pass_headers": ["anthropic-beta"]}),
        parse_upstream({**ENTRY, "id": "b", "pass_headers": ["openai-project"]}),
        parse_upstream({**ENTRY, "id": "c", "models": {"n": "n", "o/*": "*"}}),
        parse_upstream({**ENTRY, "id": "d", "models": {"p/*": "*"}, "pass_headers": ["x-d"]}),
    ]
    routes = Routes(upstreams)
    assert routes.pass_headers("m") == {"anthropic-beta", "openai-project"}
    assert routes.pass_headers("n") == routes.pass_headers("o/1") == routes.pass_headers("nobody") == frozenset()
    assert routes.pass_headers("p/1") == {"x-d"}


@pytest.mark.parametrize("path", ["chat/completions", "completions", "embeddings", "messages", "responses", "Messages"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_an_address_ends_before_what_requests_add(path: str, slash: str) -> None:
    with pytest.raises(ValueError, match=r"^upstream a: base_url: leave .* out"):
        parse_upstream({**ENTRY, "base_url": f"https://api.example.com/v1/{path}{slash}"})
    assert parse_upstream({**ENTRY, "base_url": f"https://api.example.com/{path}/v1"}).base_url.endswith("/v1")


def test_a_header_for_a_key_needs_the_key() -> None:
    with pytest.raises(ValueError, match=r"^upstream a: auth: there is no api_key"):
        parse_upstream({**ENTRY, "auth": {"header": "x-api-key"}})
    assert parse_upstream({**ENTRY, "auth": {"header": "x-api-key"}, "api_key": {"secret": "projects/p/secrets/s"}})


def test_what_was_stored_before_that_was_a_mistake_is_served_as_it_was() -> None:
    for mistake in ({"base_url": "https://x.example/v1/messages"}, {"auth": {"header": "x-api-key"}}):
        assert parse_upstream({**ENTRY, **mistake}, is_stored=True).id == "a"
