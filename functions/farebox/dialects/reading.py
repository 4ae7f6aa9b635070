"""Reads fields of a dialect's request, and refuses what has no equivalent in a chat completion, by name and unpaid."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.errors import InvalidRequest


def unsupported(param: str, what: str) -> InvalidRequest:
    """A part of a request that is understood and not offered."""
    return InvalidRequest(what, code="unsupported_parameter", param=param)


def malformed(param: str, wanted: str) -> InvalidRequest:
    """A part of a request that is not what it must be."""
    return InvalidRequest(f"{param}: write {wanted}.", code="invalid_value", param=param)


def object_at(value: object, param: str) -> Mapping[str, Any]:
    """A JSON object, or a refusal."""
    if not isinstance(value, Mapping):
        raise malformed(param, "an object")
    return value


def objects_at(value: object, param: str) -> list[Mapping[str, Any]]:
    """A list of JSON objects, or a refusal."""
    if not isinstance(value, list):
        raise malformed(param, "a list")
    return [object_at(each, f"{param}.{n}") for n, each in enumerate(value)]


def text_at(holder: Mapping[str, Any], name: str, param: str) -> str:
    """A text, or a refusal."""
    value = holder.get(name)
    if not isinstance(value, str):
        raise malformed(f"{param}.{name}", "a text")
    return value
