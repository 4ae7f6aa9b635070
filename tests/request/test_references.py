"""What refers to something that a vendor keeps, or that nobody can count, is refused by its path; media are inline."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.prompt.messages import SYSTEM_ROLES
from tests.support.request_dialects import ANTHROPICS, CHATS, RESPONSE, TEXT, VECTORS, Spoken, said

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


@pytest.mark.parametrize("told", [{"previous_message_id": "msg_1"}, {"previous_message_id": None}, {}, {"x": 1}])
def test_no_prompt_is_compared_with_one_that_a_vendor_keeps(told: dict[str, Any]) -> None:
    read = ANTHROPICS.check({**ANTHROPICS.least, "diagnostics": told})
    assert "diagnostics" not in read.body()
    assert read.dropped == ("diagnostics",)


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
