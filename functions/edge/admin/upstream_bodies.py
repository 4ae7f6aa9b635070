"""What operators say of upstreams, and what they are answered: the fields of an entry, from its one definition.

What an entry may hold is said, and checked, by `gateway/entry/form.py` alone, for this API as for `FAREBOX_UPSTREAMS`.
So the models below take any field, and borrow that definition's for the API's description.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from pydantic import ConfigDict, Field

from functions.edge.rest.app import Answer, Body
from functions.farebox.gateway.entry.form import SECRET_FIELDS, Entry
from functions.farebox.storage import Data

_TOLD_APART = {"api_key", *SECRET_FIELDS}  # for their values are never answered

Schema = dict[str, Any]


def _fields() -> dict[str, Schema]:
    """By field of an entry, its JSON schema."""
    schema = msgspec.json.schema(Entry)
    parts = schema["$defs"]

    def whole(part: Any) -> Any:
        if isinstance(part, list):
            return [whole(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return whole({**parts[part["$ref"].rpartition("/")[2]], **{k: v for k, v in part.items() if k != "$ref"}})
        if "pattern" in part:  # JSON Schema's regular expressions are JavaScript's
            part = {**part, "pattern": re.sub(r"^\\A(.*)\\Z$", r"^\1$", part["pattern"])}
        return {name: whole(value) for name, value in part.items() if not (name == "default" and value is None)}

    return {name: whole(field) for name, field in parts["Entry"]["properties"].items()}


def _describe(schema: Schema, *, without: frozenset[str], optional: frozenset[str] = frozenset()) -> None:
    """Put an entry's fields before those that a model has of its own."""
    found = _fields()
    for name in optional:
        found[name] = {"anyOf": [found[name], {"type": "null"}]}
    fields = {name: field for name, field in found.items() if name not in without}
    schema["properties"] = {**fields, **schema.get("properties", {})}


def _terms(schema: Schema) -> None:
    schema["additionalProperties"] = False
    _describe(schema, without=frozenset({"id"}), optional=frozenset({"base_url", "models"}))
    for name in SECRET_FIELDS:
        values = schema["properties"][name]["anyOf"][0]["additionalProperties"]
        values["anyOf"] = [*values["anyOf"], {"type": "null"}]


def _new(schema: Schema) -> None:
    schema["additionalProperties"] = False
    _describe(schema, without=frozenset())
    schema["required"] = ["id", "base_url", "models"]


def _answer(schema: Schema) -> None:
    schema.pop("additionalProperties", None)
    _describe(schema, without=frozenset(_TOLD_APART))
    schema["required"] = ["base_url", "models", *schema["required"]]


class UpstreamTerms(Body):
    """What is to be changed of an upstream."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_terms)

    enabled: bool = True

    @property
    def entry(self) -> Mapping[str, Any]:
        """The fields of its entry that were sent."""
        return self.model_extra or {}


class NewUpstream(UpstreamTerms):
    """An upstream to add."""

    model_config = ConfigDict(json_schema_extra=_new)


class NamedSecretAnswer(Answer):
    """A secret by its name in Secret Manager."""

    secret: str


class UpstreamAnswer(Answer):
    """An upstream, without what is secret. `null` is the default; of a header or a part of the query, a value that is
    not told. What is answered of `headers` and `query` may be sent back: `null` keeps the value that is there."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_answer)

    id: str
    has_api_key: bool
    api_key_secret: str | None = None
    headers: dict[str, NamedSecretAnswer | None] | None = None
    query: dict[str, NamedSecretAnswer | None] | None = None
    unopened: list[str] = Field(
        default=[],
        description="Fields whose sealed values do not open with this `FAREBOX_SECRET_KEY`: it is not called until "
        "they are sent anew, or the key that sealed them is back",
    )
    enabled: bool
    added_at: datetime


OPTIONAL = [name for name in Entry.__struct_fields__ if name not in {"id", "base_url", "models", *_TOLD_APART}]


def show_upstream(data: Data | None) -> UpstreamAnswer:
    """An upstream as `Catalogue` shows it, for who asked."""
    assert data is not None
    shown = {**dict.fromkeys(OPTIONAL), **data, "models": {each["public"]: each["upstream"] for each in data["models"]}}
    if isinstance(shown["priced_as"], list):
        shown["priced_as"] = {each["public"]: each["price"] for each in shown["priced_as"]}
    for name in SECRET_FIELDS:
        if name in shown:
            shown[name] = {each["name"]: each["secret"] and {"secret": each["secret"]} for each in shown[name]}
    return UpstreamAnswer.model_validate(shown)
