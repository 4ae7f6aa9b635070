"""Parts of a prompt, in the words of every dialect.

They are known by their type. Text is counted, media are bounded one by one, and a part of a type that nobody here knows
is refused by name, since nobody could say what it costs.
"""

from typing import Any

from functions.farebox.request.fate import Reading, ReadTool, unsupported
from functions.farebox.request.places import (
    keep,
    keep_cited,
    keep_held,
    refuse_held,
    refuse_references_but,
    with_field,
    with_row,
)
from functions.farebox.request.prompt.fields import (
    CHANGED_TOOL,
    FILES_OF_RESULTS,
    HELD_BY_PART,
    HOLDING_KINDS,
    MEDIA_PART,
    PART,
    RESULT_KINDS,
    TOOL_CHANGE,
)
from functions.farebox.request.prompt.media import read_media
from functions.farebox.request.values import object_at, text_at, wrong_type, wrong_value
from functions.farebox.tokens.media import MEDIA_FIELDS

_TEXT_KINDS = frozenset({"text", "input_text", "output_text"})
_TEXT_ONLY_KINDS = _TEXT_KINDS | {
    "refusal",
    "thinking",
    "redacted_thinking",
    "reasoning",
    "reasoning_text",
    "summary_text",
    "reference",
    "tool_reference",
    "tool_use",
    "server_tool_use",
    "mcp_tool_use",
    "compaction",
    "encrypted_content",
}
_KNOWN_KINDS = _TEXT_ONLY_KINDS | HOLDING_KINDS | RESULT_KINDS
_MEDIA_KINDS = frozenset(
    {
        "image_url",
        "input_image",
        "image",
        "input_audio",
        "audio_url",
        "audio",
        "video_url",
        "input_video",
        "video",
        "file",
        "input_file",
        "file_url",
        "document",
        "document_url",
        "computer_screenshot",
    }
)
_TEXT_SOURCE = frozenset({"type", "media_type", "data"})
_PARTS_SOURCE = frozenset({"type", "content"})
_READ_IN_PART = frozenset({"content", "input"})
_TOOL_CHANGES = frozenset({"tool_addition", "tool_removal"})
_ONE_FILE = frozenset({"file_data", "file_id", "file_url"})


def read_content(value: object, at: str, reading: Reading) -> object:
    """Check content, which is a text or a list of parts, and note the media in it. Answers what is known of it."""
    if type(value) is str:
        return value
    if type(value) is not list:
        raise wrong_type(at, "a text or a list of parts")
    parts = value
    for n, part in enumerate(value):
        if type(part) is not dict:
            raise wrong_type(f"{at}.{n}", "an object")
        read = read_part(part, f"{at}.{n}", reading)
        if read is not part:
            parts = with_row(parts, value, n, read)
    return parts


def is_plain(content: object) -> bool:
    """Whether content is a list of nothing but texts: that is what most are, and their paths need not be spelled."""
    if type(content) is not list:
        return False
    for part in content:
        if type(part) is not dict or len(part) != 2 or part.get("type") != "text" or type(part.get("text")) is not str:
            return False
    return True


def read_part(part: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """Check one part, and note the media in it. Answers what is known of it."""
    kind = part.get("type")
    if type(kind) is not str:
        raise wrong_type(f"{at}.type", "what kind of part this is, such as text or image_url")
    media_fields = part.keys() & MEDIA_FIELDS
    if kind in _MEDIA_KINDS:
        if len(media_fields) > 1 and not media_fields <= _ONE_FILE:
            raise wrong_value(at, "one image, sound or file a part")
        return _read_media_part(keep(part, MEDIA_PART, at, reading), kind, at, reading)
    if kind in _TOOL_CHANGES and reading.read_tool is not None:
        return _read_tool_change(part, at, reading, reading.read_tool)
    if kind == "container_upload":
        raise unsupported(f"{at}.type", "containers run on the vendor's servers and are not offered here.")
    if kind not in _KNOWN_KINDS:
        raise unsupported(f"{at}.type", f"parts of type {kind[:64]!r} are not offered here.")
    if kind in HOLDING_KINDS:
        media_fields -= {"source"}  # a search result's address
    if media_fields:
        raise wrong_value(f"{at}.{min(media_fields)}", f"no media in a part of type {kind}")
    if kind in _TEXT_KINDS:
        text_at(part.get("text"), f"{at}.text")
    return _read_text(_without_files(part, at, reading) if kind in RESULT_KINDS else part, at, reading)


def _read_media_part(part: dict[str, Any], kind: str, at: str, reading: Reading) -> dict[str, Any]:
    """Media; or a document that is a text, or has parts of its own."""
    source = part.get("source")
    if source is not None:
        source = object_at(source, f"{at}.source")
        if source.get("type") == "text" and kind == "document":
            text_at(source.get("data"), f"{at}.source.data")
            return keep_held(part, "source", _TEXT_SOURCE, at, reading)
        if source.get("type") == "content" and kind == "document":
            part = keep_held(part, "source", _PARTS_SOURCE, at, reading)
            content = read_content(source.get("content"), f"{at}.source.content", reading)
            return with_field(part, "source", with_field(part["source"], "content", content))
    return read_media(part, kind, at, reading)


def _read_text(part: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """A part that counts as text, with the parts in it."""
    part = keep_cited(keep(_read_held(part, at, reading), PART, at, reading), at, reading)
    refuse_held(part, HELD_BY_PART, at)
    refuse_references_but(part, _READ_IN_PART, at)
    return part


def _without_files(part: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """What code that a vendor ran came to, without the names of the files that it wrote there."""
    content = part.get("content")
    if type(content) is not list:
        return part
    kept = [each for each in content if type(each) is not dict or each.get("type") not in FILES_OF_RESULTS]
    if len(kept) < len(content):
        reading.drop(f"{at}.content")
    return with_field(part, "content", kept) if len(kept) < len(content) else part


def _read_tool_change(part: dict[str, Any], at: str, reading: Reading, read_tool: ReadTool) -> dict[str, Any]:
    """A tool that is there from here on, or no longer: by its name, or as a whole, which is checked as any tool is."""
    tool = keep(object_at(part.get("tool"), f"{at}.tool"), CHANGED_TOOL, f"{at}.tool", reading)
    if "definition" in tool:
        held = f"{at}.tool.definition"
        tool = with_field(tool, "definition", read_tool(object_at(tool["definition"], held), held, reading))
    return with_field(keep(part, TOOL_CHANGE, at, reading), "tool", tool)


def _read_held(part: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    content = part.get("content")
    if type(content) is dict:
        return with_field(part, "content", read_part(content, f"{at}.content", reading))
    return part if content is None else with_field(part, "content", read_content(content, f"{at}.content", reading))
