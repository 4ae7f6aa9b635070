"""Reading `FAREBOX_UPSTREAMS`."""

from typing import Any

import pytest

from functions.farebox.gateway.upstream import Routes, Timeouts, Upstream, parse_upstream, parse_upstreams

ENTRY: dict[str, Any] = {"id": "a", "base_url": "https://api.example.com/v1/", "models": {"m": "up-m"}}


def test_an_entry_with_everything_is_read() -> None:
    entry = {
        **ENTRY,
        "api_key": "sk-secret",
        "priority": 2,
        "weight": 5,
        "timeout_s": 30,
        "connect_timeout_s": 1.5,
        "idle_timeout_s": 20,
        "cap_field": "max_new_tokens",
        "pass_fields": ["x_let", "x_let"],
        "drop_fields": ["seed"],
    }
    assert parse_upstream(entry) == Upstream(
        id="a",
        base_url="https://api.example.com/v1",
        models={"m": "up-m"},
        api_key="sk-secret",
        priority=2,
        weight=5,
        timeouts=Timeouts(connect_s=1.5, first_byte_s=30.0, idle_s=20.0),
        cap_field="max_new_tokens",
        pass_fields=("x_let",),
        drop_fields=frozenset({"seed"}),
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
        ("https://api.openai.com.example.com/v1", "max_tokens"),
        ("http://localhost:4000", "max_tokens"),
        ("echo:", "max_tokens"),
    ],
)
def test_the_cap_goes_into_the_field_that_the_upstream_knows(base_url: str, field: str) -> None:
    assert parse_upstream({**ENTRY, "base_url": base_url}).cap_field == field


def test_a_key_is_never_printed() -> None:
    assert "sk-secret" not in repr(parse_upstream({**ENTRY, "api_key": "sk-secret"}))


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
    ("api_key", "sk-secret\r\nx-evil: 1"),
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
    ("tiemout_s", 5),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_field_is_named_with_its_upstream_and_no_secret_is(field: str, value: Any) -> None:
    entry = {**ENTRY, "id": "primary", "api_key": "sk-secret", field: value}
    with pytest.raises(ValueError, match=rf"^upstream (primary|number 2): {field}: ") as caught:
        parse_upstreams([ENTRY, entry])
    assert "secret" not in str(caught.value)
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
