"""The rule of top-level fields, further in: what becomes of the objects inside a prompt, by the table of their place.

What no table knows is left out and named, so that no server finds more in a request than was counted, by whichever
spelling. What refers to something that only the server has, and that would be read without being counted, is refused by
name. The tables are in `prompt.fields` and `tools.fields`.
"""

from typing import Any

from functions.farebox.request.fate import MAX_NAME_CHARS, Reading, unsupported
from functions.farebox.request.steering import reference_advice
from functions.farebox.request.values import objects_in, wrong_type

_HOLDING = (dict, list)
_KNOWN_REFERENCES = frozenset({"container"})  # of tools that have a price


def keep(holder: dict[str, Any], known: frozenset[str], at: str, reading: Reading) -> dict[str, Any]:
    """An object with what is known of its place. Raises `InvalidRequest` for a reference to what cannot be counted."""
    if holder.keys() <= known:
        return holder
    kept = {}
    for name, value in holder.items():
        if name in known:
            kept[name] = value
        elif value is not None:
            path = f"{at}.{name[:MAX_NAME_CHARS]}"
            advice = reference_advice(name) if value else None
            if advice is not None:
                raise unsupported(path, advice)
            reading.drop(path)
    return kept


def keep_held(holder: dict[str, Any], name: str, known: frozenset[str], at: str, reading: Reading) -> dict[str, Any]:
    """An object, one field of which is an object of which that much is known."""
    held = holder.get(name)
    if type(held) is not dict or held.keys() <= known:
        return holder
    return {**holder, name: keep(held, known, f"{at}.{name}", reading)}


def refuse_held(holder: dict[str, Any], held: frozenset[str], at: str) -> None:
    """Refuse objects and lists outside the fields that have such, where words, numbers and flags belong."""
    for name, value in holder.items():
        if type(value) in _HOLDING and name not in held:
            raise wrong_type(f"{at}.{name}", "a text, a number, true or false")


def refuse_references(value: object, at: str) -> None:
    """Refuse what refers to something that a server keeps, on whatever level: a tool that the vendor runs is priced by
    the call, and not by files that it was given."""
    for holder in objects_in(value):
        for name, held in holder.items():
            advice = reference_advice(name) if held else None
            if advice is not None and (name not in _KNOWN_REFERENCES or (name == "container" and type(held) is str)):
                raise unsupported(f"{at}.{name[:MAX_NAME_CHARS]}", advice)


def refuse_references_but(holder: dict[str, Any], read: frozenset[str], at: str) -> None:
    """The same of all that an object holds, but for fields that are read by themselves or are a caller's own JSON."""
    for name, value in holder.items():
        if type(value) in _HOLDING and name not in read:
            refuse_references(value, f"{at}.{name}")


def keep_cited(holder: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """A message or a part without notes of what files it was made from: clients send back what they were answered."""
    notes = holder.get("annotations")
    if type(notes) is not list or not notes:
        return holder
    kept = [note for note in notes if not any(map(_names_reference, objects_in(note)))]
    if len(kept) == len(notes):
        return holder
    reading.drop(f"{at}.annotations")
    return {**holder, "annotations": kept}


def _names_reference(holder: dict[str, Any]) -> bool:
    return any(value and reference_advice(name) is not None for name, value in holder.items())


def with_row(rows: list[Any], given: list[Any], n: int, row: object) -> list[Any]:
    """The rows with another in one place. Those that were given stay as they are: the first change makes a copy."""
    if rows is given:
        rows = given.copy()
    rows[n] = row
    return rows


def with_field(holder: dict[str, Any], name: str, read: object) -> dict[str, Any]:
    """An object with a field as it was read; itself where that is how it came."""
    return holder if holder.get(name) is read else {**holder, name: read}
