"""Turns pydantic's validation errors into this API's: one cause, the field, and what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.farebox.errors import InvalidRequest

# pydantic's kind of error: our code. What is not here is a value out of bounds.
CODES = {
    "json_invalid": "malformed_json",
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "literal_error": "unknown_value",
    "enum": "unknown_value",
    "money_type": "invalid_type",
    "model_attributes_type": "invalid_type",
    "timezone_aware": "invalid_value",
}


def explain(problems: Sequence[Mapping[str, Any]]) -> InvalidRequest:
    """The first problem as a refusal. An unknown field comes last: the one meant instead is missing as well."""
    problem = min(problems, key=lambda each: each["type"] == "extra_forbidden")
    kind = str(problem["type"])
    if kind == "json_invalid":
        return InvalidRequest("The body is no JSON. Send a JSON object.", code="malformed_json")
    where, *path = problem["loc"]
    if not path:
        return InvalidRequest(
            "Send a JSON object in the body, with the header content-type: application/json.", code="invalid_body"
        )
    param = ".".join(str(part) for part in path)
    return InvalidRequest(_message(kind, where, param, problem), code=_code(kind), param=param)


def _code(kind: str) -> str:
    if kind in CODES:
        return CODES[kind]
    return "invalid_type" if kind.endswith(("_type", "_parsing")) else "invalid_value"


def _message(kind: str, where: str, param: str, problem: Mapping[str, Any]) -> str:
    if kind == "missing":
        return f"{param} is missing from the {where}. Add it."
    if kind == "extra_forbidden":
        return f"{param} is no field of this {where}. Remove it, or check its spelling."
    text = str(problem["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{param}: {text[:1].lower()}{text[1:]}."
