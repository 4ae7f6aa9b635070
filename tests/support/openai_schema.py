"""Holds answers against OpenAI's published description of its API."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.reference_data import reference_data


def check_shape(name: str, value: object) -> None:
    """Fail unless `value` fits the schema of that name, such as `CreateChatCompletionResponse`."""
    _validator(reference_data(), name).validate(value)


def fields_of(name: str) -> set[str]:
    """The fields of the schema of that name, with those of all that it is made of."""
    return _fields(_description(reference_data())["components"]["schemas"], {"$ref": name})


def _fields(schemas: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _fields(schemas, schemas[schema["$ref"].rpartition("/")[2]])
    parts = [part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, [])]
    return set(schema.get("properties", {})).union(*(_fields(schemas, part) for part in parts))


@cache
def _validator(folder: Path, name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", **_description(folder)})


@cache
def _description(folder: Path) -> dict[str, Any]:
    description: dict[str, Any] = _with_null(json.loads((folder / "openai-api.json").read_text()))
    return description


def _with_null(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable`, which the description still uses, in words that JSON Schema knows."""
    if isinstance(schema, list):
        return [_with_null(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _with_null(one) for name, one in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain
