"""What has a price of its own is a feature, by name; what runs elsewhere without one is refused."""

from base64 import b64encode
from typing import Any

import pytest

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.tools.hosted import feature_of
from tests.support.request_dialects import ANTHROPICS, CHATS, RESPONSE, TEXT, VECTORS, Spoken, said

DESCRIBED = {"name": "look", "parameters": {"type": "object"}}
FUNCTION = {"type": "function", "function": DESCRIBED}


def asked(dialect: Spoken, **fields: Any) -> dict[str, int | None]:
    """The features that a request asks for, each with how often."""
    return {feature.name: feature.most for feature in dialect.check({**dialect.least, **fields}).features}


@pytest.mark.parametrize("dialect", [CHATS, RESPONSE, ANTHROPICS], ids=str)
@pytest.mark.parametrize(
    ("tier", "features"),
    [
        ("auto", {}),
        ("default", {}),
        ("standard_only", {}),
        ("flex", {"flex": 1}),
        ("batch", {"batch": 1}),
        ("priority", {"priority": 1}),
        ("ultrafast", {"ultrafast": 1}),
    ],
)
def test_a_tier_beside_the_list_price_is_a_feature(dialect: Spoken, tier: str, features: dict[str, int]) -> None:
    assert asked(dialect, service_tier=tier) == features


@pytest.mark.parametrize(
    ("dialect", "fields", "features"),
    [
        (CHATS, {"tools": [FUNCTION]}, {}),
        (CHATS, {"tools": [{"function": {"name": "look"}}]}, {}),
        (CHATS, {"tools": [{"type": "custom", "custom": {"name": "look"}}]}, {}),
        (CHATS, {"web_search_options": {}}, {"search": None}),
        (CHATS, {"tools": [{"type": "web_search"}]}, {"search": None}),
        (CHATS, {"tools": [{"type": "web_search_preview_2025_03_11"}]}, {"search": None}),
        (CHATS, {"tools": [{"type": "openrouter:web_search"}]}, {"search": None}),
        (CHATS, {"tools": [{"googleSearch": {}}]}, {"search": None}),
        (CHATS, {"tools": [{"type": "builtin_function", "function": {"name": "$web_search"}}]}, {"search": None}),
        (CHATS, {"tools": [FUNCTION, {"type": "code_interpreter"}]}, {"code_interpreter": None}),
        (CHATS, {"modalities": ["text"]}, {}),
        (CHATS, {"modalities": ["text", "audio"], "audio": {"voice": "a", "format": "wav"}}, {"audio_output": 1}),
        (CHATS, {"modalities": ["IMAGE"]}, {"image_output": 1}),
        (ANTHROPICS, {"speed": "standard"}, {}),
        (ANTHROPICS, {"speed": "fast"}, {"speed.fast": 1}),
        (ANTHROPICS, {"tools": [{"name": "look", "input_schema": {}}]}, {}),
        (ANTHROPICS, {"tools": [{"type": "bash_20250124", "name": "bash"}]}, {}),
        (ANTHROPICS, {"tools": [{"type": "text_editor_20250728", "name": "edit"}]}, {}),
        (ANTHROPICS, {"tools": [{"type": "web_search_20250305", "name": "w", "max_uses": 3}]}, {"search": 3}),
        (ANTHROPICS, {"tools": [{"type": "code_execution_20250825", "name": "c"}]}, {"code_execution": None}),
        (ANTHROPICS, {"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}}, {}),
        (ANTHROPICS, {"context_management": {"edits": [{"type": "compact_20260112"}]}}, {"compaction": None}),
        (RESPONSE, {"tools": [{"type": "web_search"}], "max_tool_calls": 4}, {"search": 4}),
        (RESPONSE, {"tools": [{"type": "image_generation"}]}, {"image_generation": None}),
        (RESPONSE, {"tools": [{"type": "computer_use_preview"}]}, {"computer_use": None}),
        (RESPONSE, {"tools": [{"type": "file_search", "vector_store_ids": []}]}, {"file_search": None}),
        (RESPONSE, {"tools": [{"type": "local_shell"}, {"type": "apply_patch"}]}, {}),
        (RESPONSE, {"input": [{"type": "additional_tools", "tools": [{"type": "web_search"}]}]}, {"search": None}),
        (RESPONSE, {"input": [{"type": "compaction_trigger"}]}, {"compaction": None}),
        (RESPONSE, {"context_management": [{"type": "compaction"}]}, {"compaction": None}),
        (RESPONSE, {"reasoning": {"mode": "pro"}}, {"reasoning_mode.pro": 1}),
    ],
)
def test_what_has_a_price_of_its_own_is_asked_for_by_name(
    dialect: Spoken, fields: dict[str, Any], features: dict[str, int | None]
) -> None:
    assert asked(dialect, **fields) == features


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        (CHATS, {"cache_control": {"type": "ephemeral", "ttl": "1h"}}),
        (CHATS, {"messages": said(cache_control={"type": "ephemeral", "ttl": "1h"})}),
        (CHATS, {"messages": said({"type": "text", "text": "a", "cache_control": {"ttl": "1h"}})}),
        (CHATS, {"tools": [{**FUNCTION, "cache_control": {"ttl": "1h"}}]}),
        (CHATS, {"tools": [{"type": "function", "function": {"name": "f", "cache_control": {"ttl": "1h"}}}]}),
        (CHATS, {"messages": [{"role": "assistant", "tool_calls": [{"cache_control": {"ttl": "1h"}}]}]}),
        (ANTHROPICS, {"system": [{"type": "text", "text": "a", "cache_control": {"ttl": "1h"}}]}),
        (
            ANTHROPICS,
            {"messages": said({"type": "tool_result", "content": [{**TEXT, "cache_control": {"ttl": "1h"}}]})},
        ),
    ],
)  # fmt: skip
def test_an_hour_in_a_cache_is_noticed_wherever_it_is_asked_for(dialect: Spoken, fields: dict[str, Any]) -> None:
    assert asked(dialect, **fields) == {"cache_write_1h": 1}


SOUND = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        (CHATS, {"messages": said(SOUND)}),
        (CHATS, {"messages": said({"type": "audio_url", "audio_url": {"url": "https://x/y"}})}),
        (CHATS, {"messages": said({"type": "video_url", "video_url": {"url": "https://x/y"}})}),
        (CHATS, {"messages": said({"type": "file", "file": {"file_data": "data:audio/mp3;base64,AAAA"}})}),
        (CHATS, {"messages": said({"type": "file", "file": {"file_url": "https://x/y", "format": "Audio/wav"}})}),
        (CHATS, {"messages": said({"type": "file", "file": {"file_data": "AAAA", "filename": "a.MP3"}})}),
        (CHATS, {"messages": said({"type": "image_url", "image_url": {"url": "https://x/y.ogg?z=1.png"}})}),
        (CHATS, {"messages": said({"type": "image_url", "image_url": "data:video/mp4;base64,AAAA"})}),
        (CHATS, {"messages": [{"role": "assistant", "audio": {"transcript": "Hm"}}]}),
        (ANTHROPICS, {"messages": said({"type": "document", "source": {"type": "base64", "media_type": "audio/wav"}})}),
        (ANTHROPICS, {"messages": said({"type": "tool_result", "content": [SOUND]})}),
        (ANTHROPICS, {"system": [SOUND]}),
        (RESPONSE, {"input": said(SOUND)}),
        (RESPONSE, {"input": said({"type": "input_file", "file_url": "https://x/y.wav"})}),
        (RESPONSE, {"input": [{"type": "function_call_output", "output": [SOUND]}]}),
    ],
)  # fmt: skip
def test_sound_in_a_prompt_is_noticed_wherever_it_is(dialect: Spoken, fields: dict[str, Any]) -> None:
    assert asked(dialect, **fields) == {"audio_input": 1}


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "https://x/mp3.png?of=a.mp3"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,audio/mp3"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "wav.pdf"}},
        {"type": "text", "text": "https://x/a.mp3"},
    ],
)
def test_what_is_no_sound_asks_for_none(part: dict[str, Any]) -> None:
    assert asked(CHATS, messages=said(part)) == {}


@pytest.mark.parametrize("where", ["tools", "message", "part"])
def test_an_hour_in_a_cache_is_noticed_in_a_long_conversation(where: str) -> None:
    hour = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    long = [{"role": "user", "content": "word " * 1_000}, {"role": "user", "content": [{"type": "text", "text": "a"}]}]
    last: dict[str, Any] = {"role": "user", "content": "a"}
    if where == "message":
        last |= hour
    elif where == "part":
        last = {"role": "user", "content": [{"type": "text", "text": "a", **hour}]}
    fields = {"messages": [*long, last], "tools": [{**FUNCTION, **hour}] if where == "tools" else [FUNCTION]}
    assert asked(CHATS, **fields) == {"cache_write_1h": 1}
    assert asked(CHATS, messages=[*long, {"role": "user", "content": '"cache_control"'}]) == {}


@pytest.mark.parametrize("ttl", ["2h", "", 3600, ["1h"], {}])
def test_another_time_in_a_cache_is_refused(ttl: Any) -> None:
    messages = said({"type": "text", "text": "a", "cache_control": {"ttl": ttl}})
    for fields in ({"messages": messages}, {"cache_control": {"ttl": ttl}}):
        with pytest.raises(InvalidRequest):
            CHATS.check({**CHATS.least, **fields})


@pytest.mark.parametrize(
    ("dialect", "fields", "param"),
    [
        (CHATS, {"tools": [{"type": "mcp", "server_url": "https://x"}]}, "tools.0.type"),
        (CHATS, {"tools": [{"type": "web_fetch"}]}, "tools.0.type"),
        (CHATS, {"tools": [{"urlContext": {}}]}, "tools.0.urlContext"),
        (CHATS, {"tools": [{**FUNCTION, "googleSearch": {}}]}, "tools.0.googleSearch"),
        (CHATS, {"reasoning": {"models": ["x"]}}, "reasoning.models"),
        (CHATS, {"stream_options": {"extra_body": {"n": 5}}}, "stream_options.extra_body"),
        (CHATS, {"messages": said({"type": "image_embeds"})}, "messages.0.content.0.type"),
        (CHATS, {"messages": [{"role": "user", "content": "a", "Content": "b"}]}, "messages.0.Content"),
        (ANTHROPICS, {"tools": [{"type": "web_fetch_20250910", "name": "f"}]}, "tools.0.type"),
        (ANTHROPICS, {"tools": [{"type": "mcp_toolset", "name": "f"}]}, "tools.0.type"),
        (ANTHROPICS, {"mcp_servers": [{"url": "https://x"}]}, "mcp_servers"),
        (ANTHROPICS, {"messages": said({"type": "container_upload", "file_id": "f"})}, "messages.0.content.0.type"),
        (RESPONSE, {"tools": [{"type": "mcp", "server_label": "x"}]}, "tools.0.type"),
        (RESPONSE, {"tools": [{"type": "shell", "environment": {"type": "container_auto"}}]}, "tools.0"),
        (RESPONSE, {"tools": [{"type": "namespace", "name": "n", "tools": [{"type": "mcp"}]}]}, "tools.0.tools.0.type"),
        (RESPONSE, {"input": [{"type": "item_reference", "id": "x"}]}, "input.0.type"),
        (RESPONSE, {"input": [{"type": "mcp_approval_response", "approve": True}]}, "input.0.type"),
        (RESPONSE, {"previous_response_id": "resp_1"}, "previous_response_id"),
        (RESPONSE, {"conversation": "conv_1"}, "conversation"),
        (RESPONSE, {"prompt": {"id": "pmpt_1"}}, "prompt"),
        (RESPONSE, {"background": True}, "background"),
    ],
)
def test_what_runs_elsewhere_or_steers_is_refused_by_its_path(
    dialect: Spoken, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        dialect.check({**dialect.least, **fields})
    assert (refused.value.code, refused.value.param) == ("unsupported_parameter", param)


def test_a_function_keeps_what_is_a_functions_and_loses_the_rest_by_name() -> None:
    checked = CHATS.check({**CHATS.least, "tools": [{**FUNCTION, "x_note": 1}], "reasoning": {"effort": "low", "x": 1}})
    assert checked.fields["tools"] == [FUNCTION]
    assert checked.fields["reasoning"] == {"effort": "low"}
    assert checked.dropped == ("tools.0.x_note", "reasoning.x")


@pytest.mark.parametrize(
    ("dialect", "fields", "media"),
    [
        (CHATS, {"messages": said({"type": "image_url", "image_url": {"url": "https://x/y"}})}, 1),
        (CHATS, {"messages": said({"type": "text", "text": "a"}, {"type": "file", "file": {"file_data": "AA"}})}, 1),
        (CHATS, {"messages": [{"role": "assistant", "audio": {"transcript": "Hm"}}]}, 1),
        (CHATS, {"chat_template": "{% for n in range(10**6) %}x{% endfor %}"}, 1),
        (ANTHROPICS, {"messages": said({"type": "image", "source": {"type": "base64", "data": "AA"}})}, 1),
        (ANTHROPICS, {"messages": said({"type": "document", "source": {"type": "text", "data": "a"}})}, 0),
        (
            ANTHROPICS,
            {"messages": said({"type": "tool_result", "content": [{"type": "image", "source": {"type": "url"}}]})},
            1,
        ),
        (RESPONSE, {"input": said({"type": "input_image", "image_url": "https://x/y"})}, 1),
        (
            RESPONSE,
            {"input": [{"type": "function_call_output", "output": [{"type": "input_file", "file_data": "AA"}]}]},
            1,
        ),
    ],
)  # fmt: skip
def test_media_are_found_wherever_they_may_be(dialect: Spoken, fields: dict[str, Any], media: int) -> None:
    assert len(dialect.check({**dialect.least, **fields}).media) == media


@pytest.mark.parametrize(
    "part",
    [
        {"type": "text", "text": "a", "image_url": {"url": "https://x/y"}},
        {"type": "text", "text": "a", "file": {}},
        {"type": "image_url", "image_url": {"url": "https://x/y"}, "video_url": {"url": "https://x/z"}},
        {"type": "image_url", "image_url": {"url": ["https://x/y"]}},
        {"type": "image_url", "image_url": 5},
        {"type": "text"},
        {"type": "text", "text": 5},
        {"text": "a"},
        {},
        "a",
        None,
    ],
)
def test_a_part_is_what_its_type_says(part: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        CHATS.check({**CHATS.least, "messages": said(part)})
    assert (refused.value.param or "").startswith("messages.0.content.0")


@pytest.mark.parametrize(
    "given", [[], {}, 5, [1, "a"], [[1], "a"], [[1, "a"]], [{"image": "x"}], [None], [1.5], [True]]
)
def test_an_embeddings_input_is_text_or_tokens(given: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        VECTORS.check({**VECTORS.least, "input": given})
    assert refused.value.param == "input"


def test_thinking_fits_into_the_cap() -> None:
    thinking = {"type": "enabled", "budget_tokens": 51}
    with pytest.raises(InvalidRequest) as refused:
        ANTHROPICS.check({**ANTHROPICS.least, "thinking": thinking})
    assert refused.value.param == "thinking.budget_tokens"
    ANTHROPICS.check({**ANTHROPICS.least, "thinking": {**thinking, "budget_tokens": 50}})


SEARCH = {"type": "web_search"}
NAMED = {"type": "function", "function": {"name": "look"}}


@pytest.mark.parametrize(
    ("dialect", "choice", "param"),
    [
        (CHATS, SEARCH, "tool_choice"),
        (CHATS, "web_search", "tool_choice"),
        (CHATS, {"type": "web_search_preview_2025_03_11"}, "tool_choice"),
        (CHATS, {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [NAMED, SEARCH]}}, ".1"),
        (RESPONSE, {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "file_search"}]}, ".0"),
        (RESPONSE, {"type": "code_interpreter"}, "tool_choice"),
        (RESPONSE, {"type": "image_generation"}, "tool_choice"),
        (ANTHROPICS, {"type": "web_search_20250305"}, "tool_choice"),
    ],
)
def test_a_vendors_tool_is_chosen_only_where_it_was_declared(dialect: Spoken, choice: Any, param: str) -> None:
    function = {"type": "function", "name": "look"} if dialect is RESPONSE else {"name": "look"}
    tools: list[dict[str, Any]] = [FUNCTION] if dialect is CHATS else [function]
    with pytest.raises(InvalidRequest) as refused:
        dialect.check({**dialect.least, "tool_choice": choice, "tools": tools})
    assert refused.value.code == "unsupported_parameter"
    assert (refused.value.param or "").endswith(param)


LONG = "_20240101" * 400 + "x"  # read by a pattern with a loop in a loop, this would take until the end of time


@pytest.mark.parametrize("dialect", [CHATS, RESPONSE, ANTHROPICS], ids=str)
@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"type": LONG, "name": "x"}]},
        {"tools": [{"type": "builtin_function", "function": {"name": LONG}}]},
        {"tools": [{LONG: {}}]},
        {"tool_choice": LONG},
        {"tool_choice": {"type": LONG}},
        {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"tools": [{"type": LONG}]}}},
        {"input": [{"type": "additional_tools", "tools": [{"type": LONG}]}]},
    ],
)
def test_the_name_of_a_tool_is_refused_at_once_however_long(dialect: Spoken, fields: dict[str, Any]) -> None:
    if "input" in fields and dialect is not RESPONSE:
        return
    with pytest.raises(InvalidRequest) as refused:
        dialect.check({**dialect.least, **fields})
    assert len(str(refused.value)) < 500


def test_a_name_is_known_with_a_preview_and_a_date_up_to_the_length_of_a_name() -> None:
    for dated in ("web_search_preview_2025_03_11", "WEB_SEARCH_20250305", "acme:web_search_20250305_preview"):
        assert feature_of(dated) == "search"
    assert feature_of("web_search" + "_20250305" * 7) is None


def test_a_vendors_tool_that_was_declared_may_be_chosen() -> None:
    for choice in (SEARCH, {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [SEARCH]}}):
        fields = {"tool_choice": choice, "tools": [FUNCTION, {**SEARCH, "max_uses": 2}]}
        assert asked(CHATS, **fields) == {"search": 2}


@pytest.mark.parametrize("choice", ["auto", "none", "required", "any", NAMED, {"function": {"name": "look"}}])
def test_a_function_may_be_chosen(choice: Any) -> None:
    assert CHATS.check({**CHATS.least, "tool_choice": choice}).fields["tool_choice"] == choice


@pytest.mark.parametrize("choice", ["x", "", 5, [], {}, {"type": "mcp"}, {"type": 5}, {"type": "allowed_tools"}])
def test_a_choice_is_a_word_or_a_tool(choice: Any) -> None:
    for dialect in (CHATS, RESPONSE, ANTHROPICS):
        with pytest.raises(InvalidRequest) as refused:
            dialect.check({**dialect.least, "tool_choice": choice})
        assert (refused.value.param or "").startswith("tool_choice")


def test_a_function_is_described_in_words_that_are_known() -> None:
    noted = {"type": "function", "function": {**DESCRIBED, "cacheControl": {"ttl": "1h"}}}
    checked = CHATS.check({**CHATS.least, "tools": [noted]})
    assert checked.fields["tools"] == [FUNCTION]
    assert checked.dropped == ("tools.0.function.cacheControl",)


@pytest.mark.parametrize(
    "head", [b"\0\0\0\x18ftypmp42", b"RIFF\0\0\0\0WAVE", b"ID3\4", b"\xff\xfb\x90", b"OggS", b"fLaC", b"\x1aE\xdf\xa3"]
)
def test_sound_is_noticed_by_its_first_bytes_whatever_it_is_called(head: bytes) -> None:
    data = b64encode(head + bytes(60)).decode()
    source = {"type": "base64", "media_type": "image/png", "data": data}
    address = f"data:image/png;base64,{data}"
    assert asked(CHATS, messages=said({"type": "image_url", "image_url": {"url": address}})) == {"audio_input": 1}
    assert asked(CHATS, messages=said({"type": "file", "file": {"file_data": data}})) == {"audio_input": 1}
    assert asked(ANTHROPICS, messages=said({"type": "image", "source": source})) == {"audio_input": 1}
    assert asked(RESPONSE, input=said({"type": "input_image", "image_url": address})) == {"audio_input": 1}


@pytest.mark.parametrize(
    "head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"\0\0\0\x18ftypheic", b"%PDF-1.7", b"RIFF\0\0\0\0WEBP"]
)
def test_an_image_or_a_paper_has_no_sound(head: bytes) -> None:
    address = f"data:image/png;base64,{b64encode(head + bytes(60)).decode()}"
    assert asked(CHATS, messages=said({"type": "image_url", "image_url": {"url": address}})) == {}
