"""What a prompt is made of: messages and their parts, in the words of every dialect.

Parts are known by their type. Text is counted, media are bounded one by one, and a part of a type that nobody here
knows is refused by name, since nobody could say what it costs. What else a message may hold is in `places`, and counts
as text: reasoning that has to come back, signatures, what a vendor needs in its own words.
"""

import re
from collections.abc import Mapping
from typing import Any

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.fate import Feature, Reading, ReadTool, unsupported
from functions.farebox.request.places import (
    CALL,
    CALLED,
    CHANGED_TOOL,
    FILES_OF_RESULTS,
    HELD_BY_CALL,
    HELD_BY_MESSAGE,
    HELD_BY_PART,
    HOLDING_KINDS,
    MEDIA,
    MEDIA_PART,
    MESSAGE,
    NOTES,
    PART,
    RESULT_KINDS,
    TOOL_CHANGE,
    TURN_CONFIG,
    keep,
    keep_cited,
    keep_held,
    refuse_held,
    refuse_references_but,
)
from functions.farebox.request.steering import NOT_STORED, address_advice
from functions.farebox.request.values import object_at, objects_at, refuse_stored_text, text_at, wrong_type, wrong_value
from functions.farebox.tokens.media import FORMATS, LINKED, MEDIA_FIELDS, begins_as_sound

MAX_MESSAGES = 10_000
DEVELOPER = "developer"  # OpenAI's newer word for the role `system`
SYSTEM_ROLES = frozenset({"system", DEVELOPER})
ROLES = SYSTEM_ROLES | {"user", "assistant", "tool", "function"}

# Costs as much as the context holds: sound that the vendor keeps, text that a template or a server makes.
UNBOUNDED: Mapping[str, object] = {"type": "file"}

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
_SOUND_KINDS = frozenset({"input_audio", "audio_url", "audio", "video_url", "input_video", "video"})
_SOUND = re.compile(r"(?:data:)?(?:audio|video)/", re.IGNORECASE)
_SOUND_ENDINGS = frozenset(
    {
        *("aac", "aif", "aiff", "flac", "m4a", "mka", "mp2", "mp3", "mpga", "oga", "ogg", "opus", "wav", "weba", "wma"),
        *("3gp", "3gpp", "avi", "flv", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "ogv", "webm", "wmv"),
    }
)
_STORED_IDS = frozenset({"file_id", "id"})
_ADDRESSES = MEDIA_FIELDS | LINKED
_NOT_SAID = (
    "what a model said aloud is stored at its vendor, where it belongs to no customer here, and is not read. Send its "
    "transcript as the message's 'content'."
)
_MAX_ADDRESS = 4_000  # characters of what is taken for the name of a file, or for where it is
_PLAIN_CALL = frozenset({"id", "type", "function"})
_TEXT_OR_NONE = {str, type(None)}
_CALLED_BY = frozenset(CALLED)
_CALLERS_OWN = frozenset({"arguments", "input"})
_READ_IN_MESSAGE = frozenset({"content", "tool_calls", "function_call", "audio"})
_TEXT_SOURCE = frozenset({"type", "media_type", "data"})
_PARTS_SOURCE = frozenset({"type", "content"})
_READ_IN_PART = frozenset({"content", "input"})
_TOOL_CHANGES = frozenset({"tool_addition", "tool_removal"})
_ONE_FILE = frozenset({"file_data", "file_id", "file_url"})
_PLAIN_MESSAGE = frozenset({"role", "content", "name", "tool_calls", "tool_call_id"})
_OBJECTS = {dict}
_TEXTS = LINKED.union(FORMATS)


def read_messages(value: object, at: str, reading: Reading) -> object:
    """Reads the messages of a conversation."""
    given = messages = _messages_at(value, at)
    for n, message in enumerate(given):
        if type(message) is not dict:
            raise wrong_type(f"{at}.{n}", "an object")
        content, role = message.get("content"), message.get("role")
        if type(role) is not str or role not in ROLES:
            raise not_a_role(role, f"{at}.{n}.role")
        if role in SYSTEM_ROLES:
            refuse_stored_text(content, f"{at}.{n}.content")
            reading.has_developer |= role == DEVELOPER
        if len(message) == 2 and (type(content) is str or _is_plain(content)):
            continue
        reading.has_more_than_texts = True
        if _is_ordinary(message, content):
            continue
        read = _read_message(message, f"{at}.{n}", reading)
        if read is not message:
            messages = _put(messages, given, n, read)
    return messages


def not_a_role(given: object, at: str) -> InvalidRequest:
    """What is said of something that is no message's role in any dialect."""
    return (wrong_value if type(given) is str else wrong_type)(at, "system, developer, user, assistant or tool")


def _put(rows: list[Any], given: list[Any], n: int, row: object) -> list[Any]:
    """The rows with another in one place. Those that were given stay as they are: the first change makes a copy."""
    if rows is given:
        rows = given.copy()
    rows[n] = row
    return rows


def _messages_at(value: object, at: str) -> list[Any]:
    if type(value) is not list:
        raise wrong_type(at, "a list of messages")
    if not 1 <= len(value) <= MAX_MESSAGES:
        raise wrong_value(at, f"a list of 1 to {MAX_MESSAGES} messages")
    return value


def _is_ordinary(message: dict[str, Any], content: object) -> bool:
    """Whether a message has nothing but texts and calls, as most have: their paths need not be spelled."""
    if not message.keys() <= _PLAIN_MESSAGE or not (content is None or type(content) is str or _is_plain(content)):
        return False
    if type(message.get("name")) not in _TEXT_OR_NONE or type(message.get("tool_call_id")) not in _TEXT_OR_NONE:
        return False
    calls = message.get("tool_calls")
    if calls is None:
        return True
    return type(calls) is list and all(map(_is_call, calls))


def _is_call(call: object) -> bool:
    """Whether a call is nothing but a function's, with texts."""
    if type(call) is not dict or not call.keys() <= _PLAIN_CALL:
        return False
    function = call.get("function")
    return (
        type(function) is dict
        and function.keys() <= CALLED["function"]
        and {type(call.get("id")), type(function.get("name"))} <= _TEXT_OR_NONE
    )


def _read_message(message: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """One that has more than a role and a text."""
    content, calls = message.get("content"), message.get("tool_calls")
    if not message.keys() <= _PLAIN_MESSAGE:
        message = _read_extras(message, at, reading)
    if type(content) is not str and content is not None and not _is_plain(content):
        message = _with(message, "content", read_content(content, f"{at}.content", reading))
    refuse_held(message, HELD_BY_MESSAGE, at)
    if calls is not None:
        message = _with(message, "tool_calls", _read_calls(calls, f"{at}.tool_calls", reading))
    return message


def _with(holder: dict[str, Any], name: str, read: object) -> dict[str, Any]:
    """An object with a field as it was read; itself where that is how it came."""
    return holder if holder.get(name) is read else {**holder, name: read}


def _read_calls(calls: object, at: str, reading: Reading) -> object:
    if type(calls) is not list or not set(map(type, calls)) <= _OBJECTS:
        calls = objects_at(calls, at)
    if all(map(_is_call, calls)):
        return calls
    return [_read_call(call, f"{at}.{n}", reading) for n, call in enumerate(calls)]


def _read_call(call: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    call = keep(call, CALL, at, reading)
    for name, known in CALLED.items():
        if call.get(name) is not None:
            called = keep(object_at(call[name], f"{at}.{name}"), known, f"{at}.{name}", reading)
            refuse_held(called, _CALLERS_OWN, f"{at}.{name}")
            call = _with(call, name, called)
    refuse_held(call, HELD_BY_CALL, at)
    refuse_references_but(call, _CALLED_BY, at)
    return call


def _is_plain(content: object) -> bool:
    """Whether content is a list of nothing but texts: that is what most are, and their paths need not be spelled."""
    if type(content) is not list:
        return False
    for part in content:
        if type(part) is not dict or len(part) != 2 or part.get("type") != "text" or type(part.get("text")) is not str:
            return False
    return True


def _read_extras(message: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """What a message holds beside the ordinary."""
    for name in message:
        if name not in _PLAIN_MESSAGE and name.lower() in _PLAIN_MESSAGE:  # servers in Go read names in any case
            raise unsupported(f"{at}.{name}", f"write '{name.lower()}'.")
    if message.get("audio") is not None:
        sound = object_at(message["audio"], f"{at}.audio")
        if sound.get("id"):
            raise unsupported(f"{at}.audio.id", _NOT_SAID)
        reading.see(UNBOUNDED)
        _ask_for_sound(f"{at}.audio", reading)
    message = keep(message, MESSAGE, at, reading)
    message = keep_held(message, "output_config", TURN_CONFIG, at, reading)
    message = keep_held(message, "provider_specific_fields", NOTES, at, reading)
    message = keep_held(message, "function_call", CALLED["function"], at, reading)
    message = keep_cited(message, at, reading)
    refuse_references_but(message, _READ_IN_MESSAGE, at)
    return message


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
            parts = _put(parts, value, n, read)
    return parts


def read_part(part: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """Check one part, and note the media in it. Answers what is known of it."""
    kind = part.get("type")
    if type(kind) is not str:
        raise wrong_type(f"{at}.type", "what kind of part this is, such as text or image_url")
    media_fields = part.keys() & MEDIA_FIELDS
    if kind in _MEDIA_KINDS:
        if len(media_fields) > 1 and not media_fields <= _ONE_FILE:
            raise wrong_value(at, "one image, sound or file a part")
        return _read_media(keep(part, MEDIA_PART, at, reading), kind, at, reading)
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
    return _with(part, "content", kept) if len(kept) < len(content) else part


def _read_tool_change(part: dict[str, Any], at: str, reading: Reading, read_tool: ReadTool) -> dict[str, Any]:
    """A tool that is there from here on, or no longer: by its name, or as a whole, which is checked as any tool is."""
    tool = keep(object_at(part.get("tool"), f"{at}.tool"), CHANGED_TOOL, f"{at}.tool", reading)
    if "definition" in tool:
        held = f"{at}.tool.definition"
        tool = _with(tool, "definition", read_tool(object_at(tool["definition"], held), held, reading))
    return _with(keep(part, TOOL_CHANGE, at, reading), "tool", tool)


def _read_media(part: dict[str, Any], kind: str, at: str, reading: Reading) -> dict[str, Any]:
    source = part.get("source")
    if source is not None:
        source = object_at(source, f"{at}.source")
        if source.get("type") == "text" and kind == "document":
            text_at(source.get("data"), f"{at}.source.data")
            return keep_held(part, "source", _TEXT_SOURCE, at, reading)
        if source.get("type") == "content" and kind == "document":
            part = keep_held(part, "source", _PARTS_SOURCE, at, reading)
            content = read_content(source.get("content"), f"{at}.source.content", reading)
            return _with(part, "source", _with(part["source"], "content", content))
    part = _read_held_media(part, at, reading)
    _refuse_stored(part, at)
    if kind in _SOUND_KINDS or _is_sound(part) or begins_as_sound(part):
        _ask_for_sound(at, reading)
    reading.see(part)
    return part


def _read_held_media(part: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """What a part has its media in: texts, or objects of them."""
    for field in MEDIA_FIELDS & part.keys():
        held = part[field]
        if held is not None and type(held) is not str:
            for name, each in object_at(held, f"{at}.{field}").items():
                if name in _TEXTS and each is not None:
                    text_at(each, f"{at}.{field}.{name}")
            part = keep_held(part, field, MEDIA, at, reading)
    for name in _TEXTS & part.keys():
        if part[name] is not None and name not in MEDIA_FIELDS:
            text_at(part[name], f"{at}.{name}")
    return part


def _refuse_stored(part: Mapping[str, object], at: str) -> None:
    """Refuse media that are neither in the part nor where everyone can read them, by whichever name."""
    for name, held in part.items():
        if name not in _ADDRESSES:
            continue
        for inner, value in held.items() if type(held) is dict else ((name, held),):
            if type(value) is not str or not value:
                continue
            advice = NOT_STORED if inner in _STORED_IDS else None
            if inner in _ADDRESSES:
                advice = advice or address_advice(inner, value)
            if advice is not None:
                raise unsupported(f"{at}.{name}" if inner == name else f"{at}.{name}.{inner}", advice)


def _is_sound(part: Mapping[str, object]) -> bool:
    """Whether something that a part says of its media calls them sound, or a film, which has sound: a part for a file
    may hold any, and some servers take any in a part for an image."""
    held = (value for value in part.values() if type(value) is dict)
    return any(_names_sound(value) for each in (part, *held) for value in each.values() if type(value) is str)


def _names_sound(text: str) -> bool:
    if _SOUND.match(text):
        return True
    if len(text) > _MAX_ADDRESS:
        return False
    return text.partition("?")[0].partition("#")[0].rpartition(".")[2].lower() in _SOUND_ENDINGS


def _ask_for_sound(at: str, reading: Reading) -> None:
    """A token of sound is dearer than one of text."""
    if not any(feature.name == "audio_input" for feature in reading.features or ()):
        reading.ask(Feature("audio_input", at))


def _read_held(part: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    content = part.get("content")
    if type(content) is dict:
        return _with(part, "content", read_part(content, f"{at}.content", reading))
    return part if content is None else _with(part, "content", read_content(content, f"{at}.content", reading))
