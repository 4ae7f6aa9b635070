"""What has a price of its own is a feature, by name; what runs elsewhere without one is refused."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.content import SYSTEM_ROLES
from tests.support.request_dialects import ANTHROPICS, CHATS, RESPONSE, VECTORS, Spoken

TEXT = {"type": "text", "text": "a"}
DESCRIBED = {"name": "look", "parameters": {"type": "object"}}
FUNCTION = {"type": "function", "function": DESCRIBED}


def asked(dialect: Spoken, **fields: Any) -> dict[str, int | None]:
    """The features that a request asks for, each with how often."""
    return {feature.name: feature.most for feature in dialect.check({**dialect.least, **fields}).features}


def said(*parts: Any, **fields: Any) -> list[Any]:
    return [{"role": "user", "content": list(parts), **fields}]


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


REFERENCES = ["images", "attachments", "file_ids", "files", "documents", "container", "cache_id", "cachedContent"]
REFERENCES += ["previous_response_id", "imageUrl", "inlineData", "fileData", "Images", "vector_store_ids"]


@pytest.mark.parametrize("name", REFERENCES)
def test_what_a_message_refers_to_and_nobody_can_count_is_refused_by_name(name: str) -> None:
    for dialect in (CHATS, ANTHROPICS, RESPONSE):
        where = "input" if dialect is RESPONSE else "messages"
        for said_so, path in (
            ([{"role": "user", "content": "a", name: ["x"]}], f"{where}.0.{name}"),
            (said({**TEXT, name: ["x"]}), f"{where}.0.content.0.{name}"),
        ):
            with pytest.raises(InvalidRequest) as refused:
                dialect.check({**dialect.least, where: said_so})
            assert (refused.value.code, refused.value.param) == ("unsupported_parameter", path)


def test_a_reference_to_nothing_is_left_out() -> None:
    checked = CHATS.check({**CHATS.least, "messages": said({**TEXT, "images": []}, images=[], files=None)})
    assert checked.fields["messages"] == said(TEXT)


@pytest.mark.parametrize("name", ["cachedContent", "previous_response_id", "file_ids", "attachments", "cacheId"])
def test_what_a_request_refers_to_and_nobody_can_count_is_refused_by_name(name: str) -> None:
    for dialect in (CHATS, VECTORS, ANTHROPICS, RESPONSE):
        with pytest.raises(InvalidRequest) as refused:
            dialect.check({**dialect.least, name: "x"})
        assert refused.value.param == name


STORED: list[tuple[Spoken, Any, str]] = [
    (CHATS, {"type": "file", "file": {"file_id": "file-1"}}, "file.file_id"),
    (CHATS, {"type": "file", "file": "file-1"}, "file"),
    (CHATS, {"type": "file", "file_id": "file-1"}, "file_id"),
    (CHATS, {"type": "file", "file": {"file_data": "gs://bucket/all.pdf"}}, "file.file_data"),
    (CHATS, {"type": "image_url", "image_url": {"url": "gs://bucket/a.png"}}, "image_url.url"),
    (CHATS, {"type": "image_url", "image_url": "s3://bucket/a.png"}, "image_url"),
    (CHATS, {"type": "video_url", "video_url": {"url": "ms://file-1"}}, "video_url.url"),
    (
        CHATS,
        {"type": "image_url", "image_url": {"url": "https://generativelanguage.googleapis.com/v1beta/files/a"}},
        "image_url.url",
    ),
    (CHATS, {"type": "input_audio", "input_audio": {"id": "audio_1"}}, "input_audio.id"),
    (ANTHROPICS, {"type": "image", "source": {"type": "file", "file_id": "file_1"}}, "source.file_id"),
    (ANTHROPICS, {"type": "document", "source": {"type": "file", "file_id": "file_1"}}, "source.file_id"),
    (ANTHROPICS, {"type": "document", "source": {"type": "url", "url": "gs://bucket/all.pdf"}}, "source.url"),
    (RESPONSE, {"type": "input_image", "file_id": "file-1"}, "file_id"),
    (RESPONSE, {"type": "input_file", "file_id": "file-1"}, "file_id"),
    (RESPONSE, {"type": "input_file", "file_url": "file:///etc/passwd"}, "file_url"),
]


@pytest.mark.parametrize(("dialect", "part", "path"), STORED)
def test_media_that_are_stored_in_the_operators_account_are_nobodys_to_read(
    dialect: Spoken, part: dict[str, Any], path: str
) -> None:
    field, held = ("input", "input.0") if dialect is RESPONSE else ("messages", "messages.0")
    places = [(said(part), f"{held}.content.0")]
    if dialect is ANTHROPICS:
        places.append((said({"type": "tool_result", "content": [part]}), f"{held}.content.0.content.0"))
    if dialect is RESPONSE:
        places.append(([{"type": "function_call_output", "output": [part]}], f"{held}.output.0"))
    for value, at in places:
        with pytest.raises(InvalidRequest) as refused:
            dialect.check({**dialect.least, field: value})
        assert (refused.value.code, refused.value.param) == ("unsupported_parameter", f"{at}.{path}")
        assert "inline" in str(refused.value)


@pytest.mark.parametrize(
    ("dialect", "fields", "param"),
    [
        (CHATS, {"messages": [{"role": "assistant", "audio": {"id": "audio_1"}}]}, "messages.0.audio.id"),
        (CHATS, {"modalities": ["audio"], "audio": {"voice": {"id": "voice_1"}, "format": "wav"}}, "audio.voice"),
        (CHATS, {"messages": [{"role": "system", "content": "fileid://file-fe-1"}]}, "messages.0.content"),
        (RESPONSE, {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]}, "tools.0.vector_store_ids"),
        (RESPONSE, {"tools": [{"type": "file_search", "collection_ids": ["c_1"]}]}, "tools.0.collection_ids"),
        (RESPONSE, {"input": [{"type": "image_generation_call", "id": "ig_1"}]}, "input.0.result"),
        (RESPONSE, {"input": [{"type": "computer_call_output", "output": {"file_id": "f"}}]}, "input.0.output.file_id"),
        (
            RESPONSE,
            {"input": [{"type": "shell_call", "environment": {"type": "x", "container_id": "cntr_1"}}]},
            "input.0.environment.container_id",
        ),
        (RESPONSE, {"previous_response_id": "resp_1"}, "previous_response_id"),
        (RESPONSE, {"conversation": "conv_1"}, "conversation"),
        (RESPONSE, {"prompt": {"id": "pmpt_1"}}, "prompt"),
        (ANTHROPICS, {"container": "container_1"}, "container"),
        (CHATS, {"assistant_id": "asst_1"}, "assistant_id"),
        (CHATS, {"thread_id": "thread_1"}, "thread_id"),
    ],
)
def test_whatever_refers_to_what_a_vendor_keeps_is_refused(dialect: Spoken, fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        dialect.check({**dialect.least, **fields})
    assert refused.value.param == param


GEMINIS = "generativelanguage.googleapis.com"
NO_MEDIA = [
    *("mm_file://1", "MM_FILE://1", "oss://a", " ms://x", "\tgs://b/o", "files/abc-1", "/etc/passwd", "file-1", "blob"),
    *(f"//{GEMINIS}/v1beta/files/a", f"https://{GEMINIS}:443/v1beta/files/a", f"https://{GEMINIS}./v1beta/files/a"),
    *(f"HTTPS://{GEMINIS.upper()}", f"https://a@b@{GEMINIS}/f", f"https://{GEMINIS}\\f", f" https://{GEMINIS}/f"),
    *(f"https://eu-{GEMINIS}/f", "https://generative\tlanguage.googleapis.com/f", f"https://{GEMINIS[:-4]}%2ecom/f"),
    *("https://generativelanguage.googleapis。com/f", f"https:///{GEMINIS}/f", f"https:{GEMINIS}/f", "https://"),
]
SEEN = [
    "https://a.example/b.png?c=d e",
    "http://a.example:8080",
    "HTTPS://u:p@A.example./b",
    "http://[::1]:80/",
    "data:,",
]
CARRYING: list[tuple[Spoken, Callable[[str], dict[str, Any]]]] = [
    (CHATS, lambda held: {"type": "image_url", "image_url": {"url": held}}),
    (CHATS, lambda held: {"type": "image_url", "image_url": held}),
    (CHATS, lambda held: {"type": "video_url", "video_url": {"url": held}}),
    (CHATS, lambda held: {"type": "file", "file": {"file_url": held}}),
    (ANTHROPICS, lambda held: {"type": "image", "source": {"type": "url", "url": held}}),
    (ANTHROPICS, lambda held: {"type": "document", "source": {"type": "url", "url": held}}),
    (ANTHROPICS, lambda held: {"type": "document", "source": {"type": "base64", "data": held}}),
    (RESPONSE, lambda held: {"type": "input_image", "image_url": held}),
    (RESPONSE, lambda held: {"type": "input_file", "file_url": held}),
    (RESPONSE, lambda held: {"type": "input_file", "file_data": held}),
]


@pytest.mark.parametrize(("dialect", "carrying"), CARRYING)
def test_media_are_in_the_request_or_where_everyone_can_read_them(
    dialect: Spoken, carrying: Callable[[str], dict[str, Any]]
) -> None:
    field = "input" if dialect is RESPONSE else "messages"
    for held in SEEN:
        dialect.check({**dialect.least, field: said(carrying(held))})
    takes_base64 = "data" in str(carrying(""))
    for held in NO_MEDIA:
        if takes_base64 and held in ("blob", "/etc/passwd"):
            continue
        with pytest.raises(InvalidRequest) as refused:
            dialect.check({**dialect.least, field: said(carrying(held))})
        assert (refused.value.code, "inline" in str(refused.value)) == ("unsupported_parameter", True), held


def test_base64_stands_where_a_dialect_has_a_field_for_it() -> None:
    for held in ("//uQxAAA", "iVBORw0KGgo=", "iVBO\nRw0=", "JVBE-_"):
        for dialect, part in (
            (CHATS, {"type": "file", "file": {"file_data": held}}),
            (ANTHROPICS, {"type": "document", "source": {"type": "base64", "data": held}}),
        ):
            dialect.check({**dialect.least, "messages": said(part)})


@pytest.mark.parametrize(
    ("dialect", "tool", "path"),
    [
        (ANTHROPICS, {"name": "f", "strict": {"file_id": "a"}}, "strict"),
        (ANTHROPICS, {"name": "f", "defer_loading": {"x": 1}}, "defer_loading"),
        (ANTHROPICS, {"name": "f", "allowed_callers": [{"container": "a"}]}, "allowed_callers.0"),
        (ANTHROPICS, {"name": "f", "cache_control": [{"container": "a"}]}, "cache_control"),
        (ANTHROPICS, {"type": "memory_20250818", "name": "memory", "description": ["a"]}, "description"),
        (ANTHROPICS, {"name": "f", "cache_control": {"container": "a"}}, "cache_control.container"),
        (RESPONSE, {"type": "function", "name": "f", "strict": [1]}, "strict"),
        (
            CHATS,
            {"type": "function", "function": {"name": "f", "description": {"file_id": "a"}}},
            "function.description",
        ),
        (CHATS, {"type": "function", "function": {"name": "f", "strict": {"a": 1}}}, "function.strict"),
        (CHATS, {"type": "function", "function": {"name": "f"}, "strict": {"a": 1}}, "strict"),
        (CHATS, {"type": "custom", "custom": {"name": "f", "description": [1]}}, "custom.description"),
    ],
)
def test_a_tool_holds_nothing_but_its_schemas(dialect: Spoken, tool: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        dialect.check({**dialect.least, "tools": [tool]})
    assert refused.value.param == f"tools.0.{path}"


def of_source(**source: Any) -> dict[str, Any]:
    return {"type": "document", "source": source}


CODE = {"type": "code_execution_result", "stdout": "a", "stderr": "", "return_code": 0}
HIDDEN: list[tuple[dict[str, Any], str]] = [
    (of_source(type="text", data="a", file_id="f"), "source.file_id"),
    (of_source(type="content", content=[TEXT], file_id="f"), "source.file_id"),
    ({"type": "web_search_result", "title": "a", "url": "https://a.example", "image_url": "https://b"}, "image_url"),
    ({**CODE, "file_id": "f"}, "file_id"),
    ({**CODE, "source": {"type": "file", "file_id": "f"}}, "source"),
    ({**CODE, "content": [{"type": "image", "source": {"type": "file", "file_id": "f"}}]}, "content.0.source.file_id"),
    ({"type": "text_editor_code_execution_str_replace_result", "lines": [{"file_id": "f"}]}, "lines.0.file_id"),
    ({**TEXT, "citations": [{"type": "a", "file_id": "f"}]}, "citations.file_id"),
    ({**TEXT, "name": {"file_id": "f"}}, "name"),
    ({**TEXT, "data": {"image_url": "https://b"}}, "data"),
    ({"type": "thinking", "thinking": "a", "content": [{"type": "image", "source": {"file_id": "f"}}]}, "content.0"),
]


@pytest.mark.parametrize("dialect", [CHATS, ANTHROPICS], ids=str)
@pytest.mark.parametrize(("part", "path"), HIDDEN)
def test_no_part_hides_a_stored_file_or_media(dialect: Spoken, part: dict[str, Any], path: str) -> None:
    held = {"type": "tool_result", "tool_use_id": "t", "content": [part]}
    for given, at in ((part, "messages.0.content.0"), (held, "messages.0.content.0.content.0")):
        with pytest.raises(InvalidRequest) as refused:
            dialect.check({**dialect.least, "messages": said(given)})
        assert (refused.value.param or "").startswith(f"{at}.{path.partition('.')[0]}")


@pytest.mark.parametrize(
    ("extra", "path"),
    [
        ({"name": {"file_id": "f"}}, "name"),
        ({"tool_call_id": ["f"]}, "tool_call_id"),
        ({"reasoning_details": [{"file_id": "f"}]}, "reasoning_details.file_id"),
        ({"provider_specific_fields": {"citations": [{"file_id": "f"}]}}, "provider_specific_fields.file_id"),
        ({"function_call": {"name": "f", "arguments": "{}", "file_id": "f"}}, "function_call.file_id"),
        ({"tool_calls": [{"id": "1", "function": {"name": "f", "file_id": "f"}}]}, "tool_calls.0.function.file_id"),
        ({"tool_calls": [{"id": {"a": 1}, "function": {"name": "f"}}]}, "tool_calls.0.id"),
        ({"tool_calls": [{"function": {"name": ["f"]}}]}, "tool_calls.0.function.name"),
        ({"tool_calls": [{"custom": {"name": "f", "file_id": "f"}}]}, "tool_calls.0.custom.file_id"),
        (
            {"tool_calls": [{"function": {"name": "f"}, "extra_content": {"file": "f"}}]},
            "tool_calls.0.extra_content.file",
        ),
    ],
)
def test_no_message_hides_a_stored_file(extra: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        CHATS.check({**CHATS.least, "messages": [{"role": "assistant", "content": "a", **extra}]})
    assert (refused.value.param or "") == f"messages.0.{path}"


def test_what_clients_send_back_of_an_answer_is_kept_without_its_files() -> None:
    cited = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "a"}}
    notes = [cited, {"type": "file", "file": {"hash": "h", "content": [TEXT]}}, {"type": "file_path", "file_id": "f"}]
    checked = CHATS.check(
        {**CHATS.least, "messages": [{"role": "assistant", "content": "a", "annotations": notes}]},
    )
    assert checked.fields["messages"][0]["annotations"] == [cited]
    assert checked.dropped == ("messages.0.annotations",)
    wrote = [{"type": "code_execution_output", "file_id": "f"}]
    result = {"type": "code_execution_tool_result", "tool_use_id": "t", "content": {**CODE, "content": wrote}}
    checked = ANTHROPICS.check({**ANTHROPICS.least, "messages": said(result)})
    assert checked.fields["messages"] == said({**result, "content": {**CODE, "content": []}})
    assert checked.dropped == ("messages.0.content.0.content.content",)


IMAGE = {"type": "input_image", "file_id": "f"}


@pytest.mark.parametrize(
    ("item", "path"),
    [
        *(
            ({"type": f"{kind}_output", "call_id": "c", "output": [IMAGE]}, "output.0.file_id")
            for kind in ("function_call", "custom_tool_call", "local_shell_call", "shell_call", "program")
        ),
        ({"type": "apply_patch_call_output", "output": {"file_id": "f"}}, "output"),
        ({"type": "shell_call_output", "output": [{"stdout": {"a": 1}}]}, "output.0.stdout"),
        ({"type": "file_search_call", "results": [{"file_id": "f", "text": "a"}]}, "results.file_id"),
        ({"type": "computer_call", "action": {"type": "click", "file_id": "f"}}, "action.file_id"),
        ({"type": "computer_call", "actions": [{"file_id": "f"}]}, "actions.file_id"),
        ({"type": "apply_patch_call", "operation": {"file_id": "f"}}, "operation.file_id"),
        ({"type": "function_call", "name": "f", "extra_content": {"file_id": "f"}}, "extra_content.file_id"),
    ],
)
def test_no_item_hides_a_stored_file(item: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        RESPONSE.check({**RESPONSE.least, "input": [item]})
    assert refused.value.param == f"input.0.{path}"


def test_an_item_holds_what_its_kind_does_and_no_more() -> None:
    said_so = {"type": "message", "role": "user", "content": "a"}
    for name in ("output", "outputs", "results", "result", "action", "actions", "operation", "environment", "tools"):
        checked = RESPONSE.check({**RESPONSE.least, "input": [{**said_so, name: [IMAGE]}]})
        assert (checked.fields["input"], checked.dropped) == ([said_so], (f"input.0.{name}",))
    drawn = {"type": "code_interpreter_call", "outputs": [{"type": "image", "url": "https://a.example/a.png"}]}
    assert RESPONSE.check({**RESPONSE.least, "input": [drawn]}).dropped == ("input.0.outputs.0.url",)


def test_what_the_caller_ran_goes_back_whole() -> None:
    items = [
        {"type": "local_shell_call", "id": "c", "action": {"type": "exec", "command": ["a"], "env": {"FILE": "a"}}},
        {"type": "local_shell_call_output", "id": "c", "output": "a"},
        {"type": "shell_call_output", "output": [{"stdout": "a", "outcome": {"type": "exit", "exit_code": 0}}]},
        {"type": "apply_patch_call", "operation": {"type": "update_file", "path": "a", "diff": "b"}},
        {"type": "function_call", "name": "f", "arguments": "{}"},
    ]
    checked = RESPONSE.check({**RESPONSE.least, "input": items})
    assert (checked.fields["input"], checked.dropped) == (items, ())


def test_media_in_what_a_call_came_to_are_bounded() -> None:
    shown = {"type": "input_image", "image_url": "https://a.example/a.png"}
    for kind in ("local_shell_call_output", "program_output", "apply_patch_call_output"):
        assert len(RESPONSE.check({**RESPONSE.least, "input": [{"type": kind, "output": [shown]}]}).media) == 1


FILE = "fileid://file-fe-1"
ROLES = sorted(SYSTEM_ROLES)
SYSTEM: list[tuple[Spoken, Any]] = [
    *(
        (CHATS, lambda text, role=role: {"messages": [{"role": role, "content": text}]})
        for role in sorted(SYSTEM_ROLES)
    ),
    (CHATS, lambda text: {"messages": [{"role": "system", "content": [{"type": "text", "text": text}]}]}),
    (CHATS, lambda text: {"messages": [{"role": "system", "content": text, "name": "a"}]}),
    (ANTHROPICS, lambda text: {"system": text}),
    (ANTHROPICS, lambda text: {"system": [{"type": "text", "text": text}]}),
    *(
        (ANTHROPICS, lambda text, role=role: {"messages": [{"role": role, "content": text}]})
        for role in sorted(SYSTEM_ROLES)
    ),
    (RESPONSE, lambda text: {"instructions": text}),
    *(
        (RESPONSE, lambda text, role=role: {"input": [{"role": role, "content": text}]})
        for role in sorted(SYSTEM_ROLES)
    ),
    (RESPONSE, lambda text: {"input": [{"role": "system", "content": [{"type": "input_text", "text": text}]}]}),
]


@pytest.mark.parametrize(("dialect", "saying"), SYSTEM)
def test_no_text_of_the_systems_names_a_stored_file(dialect: Spoken, saying: Callable[[str], dict[str, Any]]) -> None:
    for text in (FILE, f" \n{FILE}", FILE.upper(), f"{FILE},fileid://file-fe-2", f"a, {FILE}"):
        with pytest.raises(InvalidRequest) as refused:
            dialect.check({**dialect.least, **saying(text)})
        assert refused.value.code == "unsupported_parameter", text
    for text in (f"Files are written {FILE}.", "https://a.example, and b", "file://a", "fileid"):
        dialect.check({**dialect.least, **saying(text)})


def test_parts_that_a_server_joins_name_no_stored_file() -> None:
    parts = [{"type": "text", "text": "file"}, {"type": "text", "text": "id://file-fe-1"}]
    for dialect, fields in (
        (CHATS, {"messages": [{"role": "developer", "content": parts}]}),
        (ANTHROPICS, {"system": parts}),
        (RESPONSE, {"input": [{"role": "system", "content": parts}]}),
    ):
        with pytest.raises(InvalidRequest, match="stored"):
            dialect.check({**dialect.least, **fields})


def test_a_user_may_write_what_names_a_stored_file() -> None:
    assert CHATS.check({**CHATS.least, "messages": said({"type": "text", "text": FILE})})


NESTED: list[tuple[Spoken, str, Any, str]] = [
    (ANTHROPICS, "tools", [{"name": "f", "input_schema": {}, "x": 1}], "tools.0.x"),
    (ANTHROPICS, "tools", [{"type": "bash_20250124", "name": "bash", "x": 1}], "tools.0.x"),
    (ANTHROPICS, "tools", [{"type": "web_search_20250305", "name": "web_search", "x": 1}], "tools.0.x"),
    (ANTHROPICS, "context_management", {"edits": [], "x": 1}, "context_management.x"),
    (ANTHROPICS, "context_management", {"edits": [{"type": "clear_x", "x": 1}]}, "context_management.edits.0.x"),
    (
        ANTHROPICS,
        "context_management",
        {"edits": [{"type": "clear_x", "keep": {"type": "tool_uses", "value": 1, "x": 1}}]},
        "context_management.edits.0.keep.x",
    ),
    (ANTHROPICS, "output_config", {"format": {"type": "json_schema", "x": 1}}, "output_config.format.x"),
    (ANTHROPICS, "output_config", {"task_budget": {"type": "tokens", "x": 1}}, "output_config.task_budget.x"),
    (ANTHROPICS, "diagnostics", {"x": 1}, "diagnostics.x"),
    (RESPONSE, "tools", [{"type": "function", "name": "f", "x": 1}], "tools.0.x"),
    (RESPONSE, "tools", [{"type": "custom", "name": "f", "format": {"type": "text", "x": 1}}], "tools.0.format.x"),
    (
        RESPONSE,
        "tools",
        [{"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "f", "x": 1}]}],
        "tools.0.tools.0.x",
    ),
    (RESPONSE, "tools", [{"type": "shell", "environment": {"type": "local", "x": 1}}], "tools.0.environment.x"),
    *(
        (RESPONSE, "tools", [{"type": kind, "name": "f", name: value}], f"tools.0.{name}")
        for kind in ("function", "custom", "local_shell", "apply_patch")
        for name, value in (
            ("tools", [{"type": "web_search"}]),
            ("environment", {"type": "container_auto", "file_ids": ["file-1"]}),
            ("execution", "server"),
        )
    ),
    (RESPONSE, "tools", [{"type": "shell", "environment": {"type": "local"}, "tools": [{}]}], "tools.0.tools"),
    (
        ANTHROPICS,
        "tools",
        [{"name": "f", "cache_control": {"type": "ephemeral", "x": 1}}],
        "tools.0.cache_control.x",
    ),
    (CHATS, "tool_choice", {"type": "function", "function": {"name": "f", "x": 1}}, "tool_choice.function.x"),
    (
        CHATS,
        "tools",
        [{"type": "custom", "custom": {"name": "f", "format": {"type": "grammar", "grammar": {"x": 1}}}}],
        "tools.0.custom.format.grammar.x",
    ),
    (RESPONSE, "tools", [{"type": "web_search", "max_uses": 1}], "tools.0.max_uses"),
    (RESPONSE, "tools", [{"type": "web_search", "user_location": {"x": 1}}], "tools.0.user_location.x"),
    (CHATS, "tools", [{"type": "web_search", "filters": {"x": 1}}], "tools.0.filters.x"),
    (RESPONSE, "tools", [{"type": "image_generation", "model": "dear"}], "tools.0.model"),
    (
        RESPONSE,
        "tools",
        [{"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "64g"}}],
        "tools.0.container.memory_limit",
    ),
    (RESPONSE, "text", {"format": {"type": "text", "x": 1}}, "text.format.x"),
    (RESPONSE, "context_management", [{"type": "compaction", "x": 1}], "context_management.0.x"),
    (RESPONSE, "moderation", {"policy": {"input": {"mode": "score", "x": 1}}}, "moderation.policy.input.x"),
    (CHATS, "moderation", {"model": "m", "x": 1}, "moderation.x"),
    (CHATS, "tools", [{"type": "custom", "custom": {"name": "f", "x": 1}}], "tools.0.custom.x"),
    (CHATS, "functions", [{"name": "f", "x": 1}], "functions.0.x"),
    (CHATS, "function_call", {"name": "f", "x": 1}, "function_call.x"),
    (CHATS, "response_format", {"type": "json_object", "x": 1}, "response_format.x"),
    (CHATS, "response_format", {"json_schema": {"name": "n", "x": 1}}, "response_format.json_schema.x"),
    (CHATS, "web_search_options", {"user_location": {"x": 1}}, "web_search_options.user_location.x"),
    (CHATS, "structured_outputs", {"x": 1}, "structured_outputs.x"),
    (CHATS, "audio", {"voice": "alloy", "x": 1}, "audio.x"),
]


@pytest.mark.parametrize(("dialect", "name", "value", "path"), NESTED)
def test_what_no_table_knows_inside_of_a_field_is_left_out_and_named(
    dialect: Spoken, name: str, value: Any, path: str
) -> None:
    checked = dialect.check({**dialect.least, name: value})
    assert checked.dropped == (path,)
    assert b'"x"' not in checked.encoded


UNKNOWN = {"x_note": {"deep": [1]}, "cacheControl": {"ttl": "1h"}, "maxTokens": 9, "nothing": None}
PICTURE = {"type": "image_url", "image_url": {"url": "https://x/y.png"}}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("dialect", "plain", "noted", "at"),
    [
        (CHATS, said(TEXT), said(TEXT, **UNKNOWN), "messages.0"),
        (CHATS, said(TEXT), said({**TEXT, **UNKNOWN}), "messages.0.content.0"),
        (CHATS, said(PICTURE), said({**PICTURE, **UNKNOWN}), "messages.0.content.0"),
        (
            CHATS,
            said(PICTURE),
            said({**PICTURE, "image_url": {"url": "https://x/y.png", **UNKNOWN}}),
            "messages.0.content.0.image_url",
        ),
        (
            CHATS,
            [{"role": "assistant", "tool_calls": [CALL]}],
            [{"role": "assistant", "tool_calls": [{**CALL, **UNKNOWN}]}],
            "messages.0.tool_calls.0",
        ),
        (
            CHATS,
            [{"role": "assistant", "content": "a", "provider_specific_fields": {"thought_signature": "s"}}],
            [{"role": "assistant", "content": "a", "provider_specific_fields": {"thought_signature": "s", **UNKNOWN}}],
            "messages.0.provider_specific_fields",
        ),
        (
            ANTHROPICS,
            said({"type": "tool_result", "tool_use_id": "t", "content": [TEXT]}),
            said({"type": "tool_result", "tool_use_id": "t", "content": [{**TEXT, **UNKNOWN}]}),
            "messages.0.content.0.content.0",
        ),
        (
            ANTHROPICS,
            said({"type": "document", "source": {"type": "content", "content": [TEXT]}}),
            said({"type": "document", "source": {"type": "content", "content": [{**TEXT, **UNKNOWN}]}}),
            "messages.0.content.0.source.content.0",
        ),
        (RESPONSE, said(TEXT), said(TEXT, **UNKNOWN), "input.0"),
        (
            RESPONSE,
            [{"type": "function_call_output", "call_id": "c", "output": [TEXT]}],
            [{"type": "function_call_output", "call_id": "c", "output": [{**TEXT, **UNKNOWN}]}],
            "input.0.output.0",
        ),
    ],
)
def test_what_no_table_knows_inside_of_a_prompt_is_left_out_and_named(
    dialect: Spoken, plain: list[Any], noted: list[Any], at: str
) -> None:
    where = "input" if dialect is RESPONSE else "messages"
    before = str(noted)
    checked = dialect.check({**dialect.least, where: noted})
    assert checked.fields[where] == plain
    assert checked.dropped == tuple(f"{at}.{name}"[:64] for name in ("x_note", "cacheControl", "maxTokens"))
    assert str(noted) == before
    assert not checked.features


@pytest.mark.parametrize("name", ["maxTokens", "max-tokens", "minTokens", "numPredict", "bestOf", "cachedContent"])
def test_no_spelling_of_what_is_counted_is_ever_let_through(name: str) -> None:
    for dialect in (CHATS, VECTORS, ANTHROPICS, RESPONSE):
        assert name not in dialect.check({**dialect.least, name: 0}).unknown


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


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        ({"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["f"]}}, "tools.0.file_ids"),
        ({"type": "code_interpreter", "container": "cntr_1"}, "tools.0.container"),
        ({"type": "image_generation", "input_image_mask": {"image_url": "https://x/y.png"}}, "tools.0.image_url"),
    ],
)
def test_a_vendors_tool_brings_no_files_along(tool: dict[str, Any], param: str) -> None:
    for dialect in (CHATS, RESPONSE):
        with pytest.raises(InvalidRequest) as refused:
            dialect.check({**dialect.least, "tools": [tool]})
        assert (refused.value.code, refused.value.param) == ("unsupported_parameter", param)
    CHATS.check({**CHATS.least, "tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]})


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
