"""A word that an enumerated field does not know is refused by the field, in every dialect that has it."""

from typing import Any

import pytest

from functions.farebox.errors import InvalidRequest
from tests.support.request_dialects import ANTHROPICS, CHATS, LEGACY, RESPONSE, VECTORS, Spoken

FIELDS: list[tuple[Spoken, str, list[Any]]] = [
    (CHATS, "reasoning_effort", ["none", "minimal", "xhigh", "max", None]),
    (CHATS, "reasoning.effort", ["high", None]),
    (CHATS, "reasoning.summary", ["auto", None]),
    (CHATS, "verbosity", ["low", None]),
    (CHATS, "prompt_cache_retention", ["24h", "in_memory", None]),
    (CHATS, "response_format.type", ["text", "json_object", "grammar", None]),
    (CHATS, "cache_control.type", ["ephemeral"]),
    (CHATS, "function_call", ["auto", {"name": "f"}, None]),
    (ANTHROPICS, "output_config.effort", ["low", "max"]),
    (ANTHROPICS, "cache_control.type", ["ephemeral"]),
    (RESPONSE, "reasoning.effort", ["low", None]),
    (RESPONSE, "reasoning.summary", ["detailed", None]),
    (RESPONSE, "text.verbosity", ["high", None]),
    (RESPONSE, "prompt_cache_retention", ["24h"]),
    (VECTORS, "encoding_format", ["float", "base64", None]),
]


def body(dialect: Spoken, field: str, value: Any) -> dict[str, Any]:
    first, _, inner = field.partition(".")
    return {**dialect.least, first: {inner: value} if inner else value}


@pytest.mark.parametrize(("dialect", "field", "words"), FIELDS)
def test_it_takes_its_words_and_no_other(dialect: Spoken, field: str, words: list[Any]) -> None:
    for known in words:
        dialect.check(body(dialect, field, known))
    for other in ("zz", "", "HIGH", "x" * 5_000):
        with pytest.raises(InvalidRequest) as refused:
            dialect.check(body(dialect, field, other))
        assert (refused.value.param, refused.value.code) == (field, "invalid_value")


@pytest.mark.parametrize("dialect", [CHATS, LEGACY])
def test_a_bias_is_a_number(dialect: Spoken) -> None:
    dialect.check({**dialect.least, "logit_bias": {"50256": -100, "7": 0.5, "8": False}})
    for bias in ("1", None, [1], True):
        with pytest.raises(InvalidRequest) as refused:
            dialect.check({**dialect.least, "logit_bias": {"50256": bias}})
        assert refused.value.param == "logit_bias.50256"
