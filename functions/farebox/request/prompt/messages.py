"""The messages of a conversation, in the words of every dialect.

What a message holds beside the ordinary counts as text: reasoning that has to come back, signatures, what a vendor
needs in its own words.
"""

from collections.abc import Mapping
from typing import Any

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.fate import Reading, unsupported
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
    CALL,
    CALLED,
    HELD_BY_CALL,
    HELD_BY_MESSAGE,
    MESSAGE,
    NOTES,
    TURN_CONFIG,
)
from functions.farebox.request.prompt.media import ask_for_sound
from functions.farebox.request.prompt.parts import is_plain, read_content
from functions.farebox.request.values import object_at, objects_at, refuse_stored_text, wrong_type, wrong_value

MAX_MESSAGES = 10_000
DEVELOPER = "developer"  # OpenAI's newer word for the role `system`
SYSTEM_ROLES = frozenset({"system", DEVELOPER})
ROLES = SYSTEM_ROLES | {"user", "assistant", "tool", "function"}
# Costs as much as the context holds: sound that the vendor keeps, text that a template or a server makes.
UNBOUNDED: Mapping[str, object] = {"type": "file"}
_NOT_SAID = (
    "what a model said aloud is stored at its vendor, where it belongs to no customer here, and is not read. Send its "
    "transcript as the message's 'content'."
)
_PLAIN_CALL = frozenset({"id", "type", "function"})
_TEXT_OR_NONE = {str, type(None)}
_CALLED_BY = frozenset(CALLED)
_CALLERS_OWN = frozenset({"arguments", "input"})
_READ_IN_MESSAGE = frozenset({"content", "tool_calls", "function_call", "audio"})
_PLAIN_MESSAGE = frozenset({"role", "content", "name", "tool_calls", "tool_call_id"})
_OBJECTS = {dict}


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
        if len(message) == 2 and (type(content) is str or is_plain(content)):
            continue
        reading.has_more_than_texts = True
        if _is_ordinary(message, content):
            continue
        read = _read_message(message, f"{at}.{n}", reading)
        if read is not message:
            messages = with_row(messages, given, n, read)
    return messages


def not_a_role(given: object, at: str) -> InvalidRequest:
    """What is said of something that is no message's role in any dialect."""
    return (wrong_value if type(given) is str else wrong_type)(at, "system, developer, user, assistant or tool")


def _messages_at(value: object, at: str) -> list[Any]:
    if type(value) is not list:
        raise wrong_type(at, "a list of messages")
    if not 1 <= len(value) <= MAX_MESSAGES:
        raise wrong_value(at, f"a list of 1 to {MAX_MESSAGES} messages")
    return value


def _is_ordinary(message: dict[str, Any], content: object) -> bool:
    """Whether a message has nothing but texts and calls, as most have: their paths need not be spelled."""
    if not message.keys() <= _PLAIN_MESSAGE or not (content is None or type(content) is str or is_plain(content)):
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
    if type(content) is not str and content is not None and not is_plain(content):
        message = with_field(message, "content", read_content(content, f"{at}.content", reading))
    refuse_held(message, HELD_BY_MESSAGE, at)
    if calls is not None:
        message = with_field(message, "tool_calls", _read_calls(calls, f"{at}.tool_calls", reading))
    return message


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
            call = with_field(call, name, called)
    refuse_held(call, HELD_BY_CALL, at)
    refuse_references_but(call, _CALLED_BY, at)
    return call


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
        ask_for_sound(f"{at}.audio", reading)
    message = keep(message, MESSAGE, at, reading)
    message = keep_held(message, "output_config", TURN_CONFIG, at, reading)
    message = keep_held(message, "provider_specific_fields", NOTES, at, reading)
    message = keep_held(message, "function_call", CALLED["function"], at, reading)
    message = keep_cited(message, at, reading)
    refuse_references_but(message, _READ_IN_MESSAGE, at)
    return message
