"""Readers of single values: what a field must be, and what a caller is told where it is not."""

from collections.abc import Collection, Iterator
from typing import Any

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.fate import LEFT_OUT, Feature, Read, Reading, Table, asks_for_nothing, unsupported
from functions.farebox.request.steering import COMMON_WORDS, advice_on, stored_text_advice

MAX_WORD_CHARS = 64
MAX_LABEL_CHARS = 1024
MAX_LABELS = 64
CACHE_CONTROL = "cache_control"
_TTLS = ("5m", "1h")


def wrong_type(at: str, wanted: str) -> InvalidRequest:
    """A value of another type than its field has."""
    return InvalidRequest(f"{at}: write {wanted}.", code="invalid_type", param=at)


def wrong_value(at: str, wanted: str) -> InvalidRequest:
    """A value of the right type that its field does not take."""
    return InvalidRequest(f"{at}: write {wanted}.", code="invalid_value", param=at)


def missing(at: str) -> InvalidRequest:
    """A field that is not there and must be."""
    return InvalidRequest(f"{at} is missing from the body. Add it.", code="missing_field", param=at)


def whole_at(value: object, at: str, least: int, most: int) -> int:
    """A whole number in a range; a bool is none."""
    if type(value) is not int:
        raise wrong_type(at, f"a whole number from {least} to {most}")
    if not least <= value <= most:
        raise wrong_value(at, f"a whole number from {least} to {most}")
    return value


def object_at(value: object, at: str) -> dict[str, Any]:
    """An object."""
    if type(value) is not dict:
        raise wrong_type(at, "an object")
    return value


def objects_at(value: object, at: str) -> list[dict[str, Any]]:
    """A list of objects."""
    if type(value) is not list:
        raise wrong_type(at, "a list of objects")
    for n, each in enumerate(value):
        if type(each) is not dict:
            raise wrong_type(f"{at}.{n}", "an object")
    return value


def objects_in(value: object) -> Iterator[dict[str, Any]]:
    """All objects in a value, on whatever level."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if type(each) is dict:
            yield each
            waiting += each.values()
        elif type(each) is list:
            waiting += each


def text_at(value: object, at: str) -> str:
    """A text."""
    if type(value) is not str:
        raise wrong_type(at, "a text")
    return value


def whole(least: int, most: int) -> Read:
    """Reads a whole number in a range."""

    def read(value: object, at: str, reading: Reading) -> object:
        return whole_at(value, at, least, most)

    return read


def number(least: float, most: float) -> Read:
    """Reads a number in a range."""

    def read(value: object, at: str, reading: Reading) -> object:
        if type(value) is float or type(value) is int:
            if least <= value <= most:
                return value
            raise wrong_value(at, f"a number from {least:g} to {most:g}")
        raise wrong_type(at, f"a number from {least:g} to {most:g}")

    return read


def flag(value: object, at: str, reading: Reading) -> object:
    """Reads true or false."""
    if type(value) is not bool:
        raise wrong_type(at, "true or false")
    return value


def word(value: object, at: str, reading: Reading) -> object:
    """Reads a short text that names something."""
    if type(value) is not str:
        raise wrong_type(at, "a text")
    if len(value) > MAX_WORD_CHARS:
        raise wrong_value(at, f"a text of at most {MAX_WORD_CHARS} characters")
    return value


def one_of(*words: str) -> Read:
    """Reads one of a few texts."""
    wanted = ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else words[0]

    def read(value: object, at: str, reading: Reading) -> object:
        if type(value) is not str:
            raise wrong_type(at, wanted)
        if value not in words:
            raise wrong_value(at, wanted)
        return value

    return read


def text(value: object, at: str, reading: Reading) -> object:
    """Reads a text of any length."""
    return text_at(value, at)


def label(value: object, at: str, reading: Reading) -> object:
    """Reads a text that names something to the caller: it is kept beside the prompt, and short."""
    if type(value) is not str:
        raise wrong_type(at, "a text")
    if len(value) > MAX_LABEL_CHARS:
        raise wrong_value(at, f"a text of at most {MAX_LABEL_CHARS} characters")
    return value


def labels(value: object, at: str, reading: Reading) -> object:
    """Reads an object of short texts. Proxies take instructions from such objects: those are refused by name."""
    entries = object_at(value, at)
    if len(entries) > MAX_LABELS:
        raise wrong_value(at, f"an object of at most {MAX_LABELS} texts")
    for name, each in entries.items():
        advice = None if name in COMMON_WORDS else advice_on(name)
        if advice is not None:
            raise unsupported(f"{at}.{name[:MAX_WORD_CHARS]}", advice)
        if each is not None:
            label(each, f"{at}.{name[:MAX_WORD_CHARS]}", reading)
    return entries


def either(kinds: Collection[type], wanted: str) -> Read:
    """Reads anything of these types: what is in it cannot raise the cost, other than by its length."""

    def read(value: object, at: str, reading: Reading) -> object:
        if type(value) not in kinds:
            raise wrong_type(at, wanted)
        return value

    return read


mapping = either((dict,), "an object")
listing = either((list,), "a list")


def list_of(kind: type, wanted: str, *, most: int, alone: bool = False) -> Read:
    """Reads a list of at most so many of one type; `alone`: or one of it without a list."""

    def read(value: object, at: str, reading: Reading) -> object:
        if alone and type(value) is kind:
            return value
        if type(value) is not list:
            raise wrong_type(at, wanted)
        if len(value) > most:
            raise wrong_value(at, f"{wanted}, at most {most}")
        for n, each in enumerate(value):
            if type(each) is not kind:
                raise wrong_type(f"{at}.{n}", f"it as in {wanted}")
        return value

    return read


def nested(table: Table) -> Read:
    """Reads an object that has a table of its own. What that does not know is left out, and named by its path."""

    def read(value: object, at: str, reading: Reading) -> object:
        return read_nested(object_at(value, at), at, table, reading)

    return read


def read_nested(value: dict[str, Any], at: str, table: Table, reading: Reading) -> dict[str, object]:
    """The fields of an object to pass on, by a table of its own."""
    fields = {}
    for name, each in value.items():
        if each is None:
            continue
        field = table.get(name)
        if field is not None:
            each = field.read(each, f"{at}.{name}", reading)
            if each is not LEFT_OUT:
                fields[name] = each
            continue
        advice = advice_on(name)
        if advice is not None and not asks_for_nothing(each):
            raise unsupported(f"{at}.{name[:MAX_WORD_CHARS]}", advice)
        reading.drop(f"{at}.{name}")
    return fields


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
