"""The documentation of the paid routes' bodies is no other than what is checked of them."""

from typing import Any

import msgspec
import pytest
from pydantic import BaseModel

from functions.edge.chat.bodies import ChatRequest, EmbeddingRequest
from functions.edge.rest.data_plane_bodies import CreateChatCompletion, CreateEmbedding

BOUNDS = ("type", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum")


def bounds(field: dict[str, Any]) -> set[tuple[tuple[str, Any], ...]]:
    """What a field's schema allows, whichever of its forms it has."""
    forms = field.get("anyOf", [field])
    return {tuple((name, form[name]) for name in BOUNDS if name in form) for form in forms}


@pytest.mark.parametrize(
    ("documented", "checked"), [(CreateChatCompletion, ChatRequest), (CreateEmbedding, EmbeddingRequest)]
)
def test_what_is_documented_is_what_is_checked(documented: type[BaseModel], checked: type[msgspec.Struct]) -> None:
    shown = documented.model_json_schema()
    (held,), definitions = msgspec.json.schema_components([checked])
    held = definitions[held["$ref"].rpartition("/")[2]]

    assert set(held["required"]) <= set(shown["required"])
    for name, field in held["properties"].items():
        if field and "$ref" not in str(field):
            assert bounds(shown["properties"][name]) == bounds(field), name
        else:
            assert name in shown["properties"]
