"""Sample values for JSON schemas: small, and enough for a tool's arguments or a structured answer to be usable."""

import math
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 16  # a schema may refer to itself
MAX_VALUES = 1000  # and do so many times
MAX_CHARS = 10_000

Schema = Mapping[str, Any]


def sample(schema: Schema) -> Any:
    """A value that fits `schema`: its constants and defaults where it gives them, else the smallest of the type, with
    the required properties alone.

    Covers what tools are described with; formats and patterns are not looked at. A schema that asks for more than
    `MAX_VALUES` values gets `null` for the rest.
    """
    return _Sampler(schema).value(schema, 0)


class _Sampler:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._values_left = MAX_VALUES

    def value(self, schema: object, depth: int) -> Any:
        self._values_left -= 1
        if not isinstance(schema, dict) or depth > MAX_DEPTH or self._values_left < 0:
            return None
        for name in ("const", "default"):
            if name in schema:
                return schema[name]
        if schema.get("enum"):
            return schema["enum"][0]
        composed = self._composed(schema)
        return self._of_type(schema, depth) if composed is None else self.value(composed, depth + 1)

    def _composed(self, schema: Schema) -> object:
        """The schema that a reference, a choice or a conjunction comes down to; `None` for a plain one."""
        if "$ref" in schema:
            return self._resolve(schema)
        for name in ("anyOf", "oneOf"):
            if schema.get(name):
                return schema[name][0]
        if schema.get("allOf"):
            parts = [self._resolve(part) for part in schema["allOf"]]
            return {
                "type": "object",
                "properties": {name: one for part in parts for name, one in part.get("properties", {}).items()},
                "required": [name for part in parts for name in part.get("required", ())],
            }
        return None

    def _resolve(self, schema: Schema) -> Any:
        """What a reference within the document points to (RFC 6901); the schema itself if it is none."""
        if "$ref" not in schema:
            return schema
        found: Any = self._root
        for step in schema["$ref"].removeprefix("#").split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return found

    def _of_type(self, schema: Schema, depth: int) -> Any:
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "null")
        match kind:
            case "object":
                properties = schema.get("properties", {})
                return {name: self.value(properties.get(name), depth + 1) for name in schema.get("required", ())}
            case "array":
                wanted = min(schema.get("minItems", 0), MAX_VALUES)
                return [self.value(schema.get("items"), depth + 1) for _ in range(wanted)]
            case "string":
                least, most = schema.get("minLength", 0), schema.get("maxLength", MAX_CHARS)
                return "echo".ljust(min(least, MAX_CHARS), ".")[:most]
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return False
        return None


def _number(schema: Schema) -> int:
    """The whole number nearest to zero that the bounds allow, if they allow one."""
    least: float = schema.get("minimum", -math.inf)
    most: float = schema.get("maximum", math.inf)
    above: float = schema.get("exclusiveMinimum", -math.inf)
    below: float = schema.get("exclusiveMaximum", math.inf)
    if max(least, above) >= 0:
        return max(math.ceil(max(least, 0)), math.floor(above) + 1 if above >= 0 else 0)
    if min(most, below) <= 0:
        return min(math.floor(min(most, 0)), math.ceil(below) - 1 if below <= 0 else 0)
    return 0
