"""Embeddings in the encoding that was asked for, by an upstream that knows only numbers."""

import base64
import struct
from typing import Any

import orjson
import pytest

from functions.farebox.gateway.answers import PlainAnswer
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import StandIn, embedding

TEXT = base64.b64encode(struct.pack("<2f", 0.5, -2.0)).decode()


async def vectors(upstream: StandIn, make_gateway: MakeGateway, given: list[object], **asked: Any) -> list[Any]:
    upstream.default = embedding(given)
    body = {"model": "test-model", "input": "x", **asked}
    answer = await make_gateway(upstream.entry("a")).open(call_of(body))
    assert isinstance(answer, PlainAnswer)
    told = orjson.loads(answer.body)
    assert told["usage"] == {"prompt_tokens": 7, "total_tokens": 7}
    return [entry["embedding"] for entry in told["data"]]


async def test_numbers_are_encoded_where_base64_was_asked_for(upstream: StandIn, make_gateway: MakeGateway) -> None:
    assert await vectors(upstream, make_gateway, [[0.5, -2], [0.5, -2.0]], encoding_format="base64") == [TEXT, TEXT]


@pytest.mark.parametrize("asked", [{}, {"encoding_format": "float"}])
async def test_numbers_stay_numbers_otherwise(
    upstream: StandIn, make_gateway: MakeGateway, asked: dict[str, Any]
) -> None:
    assert await vectors(upstream, make_gateway, [[0.5, -2.0]], **asked) == [[0.5, -2.0]]


@pytest.mark.parametrize("given", [TEXT, [0.5, None], [0.5, "x"], None])
async def test_what_is_encoded_already_or_is_no_vector_passes_through(
    upstream: StandIn, make_gateway: MakeGateway, given: object
) -> None:
    assert await vectors(upstream, make_gateway, [given], encoding_format="base64") == [given]
