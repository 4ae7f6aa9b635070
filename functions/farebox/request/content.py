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
    CHANGED_TOOL,
    MEDIA,
    MEDIA_PART,
    MESSAGE,
    NOTES,
    PART,
    TOOL_CHANGE,
    TURN_CONFIG,
    keep,
    keep_held,
)
from functions.farebox.request.steering import NOT_STORED, address_advice, stored_text_advice
from functions.farebox.request.values import object_at, objects_at, objects_in, text_at, wrong_type, wrong_value
from functions.farebox.tokens.media import FORMATS, LINKED, MEDIA_FIELDS, begins_as_sound

MAX_MESSAGES = 10_000
CACHE_CONTROL = "cache_control"
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
# Blocks whose `content` is a text, a block or a list of them.
_HOLDING_KINDS = frozenset(
    {
        "tool_result",
        "search_result",
        "mcp_tool_result",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "web_fetch_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
    }
)
_TOOL_CHANGES = frozenset({"tool_addition", "tool_removal"})
_RESULT_KINDS = frozenset(
    {
        "web_search_result",
        "web_search_tool_result_error",
        "web_fetch_tool_result_error",
        "code_execution_result",
        "code_execution_tool_result_error",
        "bash_code_execution_result",
        "bash_code_execution_tool_result_error",
        "text_editor_code_execution_view_result",
        "text_editor_code_execution_create_result",
        "text_editor_code_execution_str_replace_result",
        "text_editor_code_execution_tool_result_error",
        "tool_search_tool_search_result",
        "tool_search_tool_result_error",
    }
)
_ONE_FILE = frozenset({"file_data", "file_id", "file_url"})
_PLAIN_MESSAGE = frozenset({"role", "content", "name", "tool_calls", "tool_call_id"})
_OBJECTS = {dict}
_TEXTS = LINKED.union(FORMATS)
_TTLS = ("5m", "1h")


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


def refuse_stored_text(content: object, at: str) -> None:
    """Refuse what the system says, a text or parts, where a vendor would read a stored file in its place."""
    if type(content) is str:
        texts = [content]
    else:
        texts = [text for part in objects_in(content) if type(text := part.get("text")) is str]
        if len(texts) > 1:
            texts.append("".join(reversed(texts)))  # in their order, as some servers read parts
    for advice in map(stored_text_advice, texts):
        if advice is not None:
            raise unsupported(at, advice)


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
    calls = message.get("tool_calls")
    if calls is None:
        return True
    return type(calls) is list and all(type(call) is dict and call.keys() <= CALL for call in calls)


def _read_message(message: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """One that has more than a role and a text."""
    content, calls = message.get("content"), message.get("tool_calls")
    if not message.keys() <= _PLAIN_MESSAGE:
        message = _read_extras(message, at, reading)
    if type(content) is not str and content is not None and not _is_plain(content):
        message = _with(message, "content", read_content(content, f"{at}.content", reading))
    if calls is not None:
        message = _with(message, "tool_calls", _read_calls(calls, f"{at}.tool_calls", reading))
    return message


def _with(holder: dict[str, Any], name: str, read: object) -> dict[str, Any]:
    """An object with a field as it was read; itself where that is how it came."""
    return holder if holder.get(name) is read else {**holder, name: read}


def _read_calls(calls: object, at: str, reading: Reading) -> object:
    if type(calls) is not list or not set(map(type, calls)) <= _OBJECTS:
        calls = objects_at(calls, at)
    if all(call.keys() <= CALL for call in calls):
        return calls
    return [keep(call, CALL, f"{at}.{n}", reading) for n, call in enumerate(calls)]


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
    return keep_held(message, "provider_specific_fields", NOTES, at, reading)


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
    if kind in _HOLDING_KINDS:
        part = _read_held(part, at, reading)
        media_fields -= {"source"}  # a search result's address
    elif kind in _TEXT_KINDS:
        text_at(part.get("text"), f"{at}.text")
    elif kind not in _TEXT_ONLY_KINDS and kind not in _RESULT_KINDS:
        raise unsupported(f"{at}.type", f"parts of type {kind[:64]!r} are not offered here.")
    if media_fields and kind not in _RESULT_KINDS:
        raise wrong_value(f"{at}.{min(media_fields)}", f"no media in a part of type {kind}")
    return part if kind in _RESULT_KINDS else keep(part, PART, at, reading)


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
            return keep_held(part, "source", MEDIA, at, reading)
        if source.get("type") == "content" and kind == "document":
            part = keep_held(part, "source", MEDIA, at, reading)
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


def read_ttl(value: object, at: str, reading: Reading) -> object:
    """Reads how long a prompt is to stay cached: an hour costs more than five minutes."""
    ttl = text_at(value, at)
    if ttl not in _TTLS:
        raise wrong_value(at, "5m or 1h")
    if ttl == "1h" and not any(feature.name == "cache_write_1h" for feature in reading.features or ()):
        reading.ask(Feature("cache_write_1h", at))
    return ttl


def read_cache_controls(value: object, at: str, reading: Reading) -> None:
    """Find every wish to have a prompt cached in a field, on whatever level."""
    for holder in objects_in(value):
        control = holder.get(CACHE_CONTROL)
        ttl = control.get("ttl") if type(control) is dict else None
        if ttl is not None:
            read_ttl(ttl, f"{at}.{CACHE_CONTROL}.ttl", reading)
