"""Money as JSON numbers, for the clients that want them: read and written exactly, through no float."""

import json
from collections.abc import Callable, Coroutine
from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Any

import orjson
from fastapi import Request
from pydantic import BaseModel, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from functions.edge.rest.late_route import LateRoute
from functions.farebox.kit.money import MAX_NANOS, to_decimal_usd


class ExactRequest(Request):
    """A request whose JSON numbers are read as they are written."""

    async def json(self) -> Any:
        """The body, its fractions as `Decimal`."""
        return json.loads(await self.body(), parse_float=Decimal)


class ExactRoute(LateRoute):
    """A route of FastAPI's for which requests are read exactly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As FastAPI has it, over an `ExactRequest`."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(ExactRequest(request.scope, request.receive))

        return handle


def _to_nanos(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("number_type", "write an amount of USD as a number")
    amount = Decimal(value)
    if not 0 <= amount <= to_decimal_usd(MAX_NANOS):
        raise PydanticCustomError("money_value", "an amount of USD is from 0 to 1000000000")
    if amount.adjusted() < -9 and amount:
        return 1
    return int(amount.scaleb(9).to_integral_value(ROUND_CEILING))


def _to_usd(value: Any) -> Decimal:
    assert type(value) is int, "answers are made from nano-USD"
    return to_decimal_usd(value)


# In a body: what a client writes, rounded up to a nano-USD. In an answer: made from nano-USD.
UsdNumber = Annotated[int, BeforeValidator(_to_nanos), WithJsonSchema({"type": "number", "minimum": 0})]
UsdAsNumber = Annotated[Decimal, BeforeValidator(_to_usd), WithJsonSchema({"type": "number"})]


def number_response(answer: BaseModel) -> Response:
    """An answer whose `Decimal`s are JSON numbers, digit for digit."""
    return Response(orjson.dumps(answer.model_dump(), default=_write), media_type="application/json")


def _write(value: Any) -> orjson.Fragment:
    assert isinstance(value, Decimal)
    text = f"{value:f}"
    return orjson.Fragment((text.rstrip("0").rstrip(".") if "." in text else text).encode())
