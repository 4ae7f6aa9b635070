"""Media in a prompt: where they are, what they carry, and what may not be referred to."""

import re
from collections.abc import Mapping
from typing import Any

from functions.farebox.request.fate import Feature, Reading, unsupported
from functions.farebox.request.places import keep_held
from functions.farebox.request.prompt.fields import MEDIA
from functions.farebox.request.steering import NOT_STORED, address_advice
from functions.farebox.request.values import object_at, text_at
from functions.farebox.tokens.media import FORMATS, LINKED, MEDIA_FIELDS, begins_as_sound

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
_MAX_ADDRESS = 4_000  # characters of what is taken for the name of a file, or for where it is
_TEXTS = LINKED.union(FORMATS)


def read_media(part: dict[str, Any], kind: str, at: str, reading: Reading) -> dict[str, Any]:
    """Check a part for media, and note it. Answers what is known of it."""
    part = _read_held_media(part, at, reading)
    _refuse_stored(part, at)
    if kind in _SOUND_KINDS or _is_sound(part) or begins_as_sound(part):
        ask_for_sound(at, reading)
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


def ask_for_sound(at: str, reading: Reading) -> None:
    """Note that there is sound: a token of it is dearer than one of text."""
    if not any(feature.name == "audio_input" for feature in reading.features or ()):
        reading.ask(Feature("audio_input", at))
