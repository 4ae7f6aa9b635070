"""The documentation of the paid routes' bodies says no other than what is checked of them."""

from typing import Any

import pytest
from pydantic import BaseModel

from functions.edge.rest.bodies.completions import CreateChatCompletion, CreateCompletion, CreateEmbedding
from functions.edge.rest.bodies.dialects import CreateMessage, CreateResponse
from functions.farebox.errors import InvalidRequest
from functions.farebox.request.fate import Fate
from tests.support.request_dialects import ANTHROPICS, CHATS, LEGACY, RESPONSE, VECTORS, Spoken

DOCUMENTED = [
    (CreateChatCompletion, CHATS),
    (CreateCompletion, LEGACY),
    (CreateEmbedding, VECTORS),
    (CreateMessage, ANTHROPICS),
    (CreateResponse, RESPONSE),
]


def forms(field: dict[str, Any]) -> list[dict[str, Any]]:
    """What a field's schema allows, in whichever of its forms."""
    return [form for form in field.get("anyOf", [field]) if form.get("type") != "null"]


def refused(spoken: Spoken, **fields: Any) -> str | None:
    """The field at fault, if the check of a dialect finds one."""
    try:
        spoken.check({**spoken.least, **fields})
    except InvalidRequest as refusal:
        return refusal.param
    return None


@pytest.mark.parametrize(("documented", "spoken"), DOCUMENTED)
def test_what_is_documented_is_what_is_checked(documented: type[BaseModel], spoken: Spoken) -> None:
    shown = documented.model_json_schema()
    assert set(shown["required"]) == spoken.least.keys()
    for name, field in shown["properties"].items():
        assert spoken.table[name].fate is not Fate.REFUSED
        for form in forms(field):
            least, most = form.get("minimum"), form.get("maximum")
            if least is not None and most is not None:
                assert [refused(spoken, **{name: value}) for value in (least, most)] == [None, None]
                assert [refused(spoken, **{name: value}) for value in (least - 1, most + 1)] == [name, name]
            if "maxLength" in form:
                assert refused(spoken, **{name: "x" * form["maxLength"]}) is None
                assert refused(spoken, **{name: "x" * (form["maxLength"] + 1)}) == name
            if "maxItems" in form:
                items = spoken.least[name] if type(spoken.least[name]) is list else [{"role": "user", "content": "a"}]
                assert refused(spoken, **{name: items * form["maxItems"]}) is None
                assert refused(spoken, **{name: items * (form["maxItems"] + 1)}) == name
