"""Money in JSON: a decimal string of USD outside, nano-USD inside."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from functions.farebox.kit.money import format_usd, parse_usd

_PATTERN = r"^-?[0-9]{1,10}(\.[0-9]{1,9})?$"


def _parse(value: Any) -> int:
    if not isinstance(value, str):
        raise PydanticCustomError("money_type", 'write an amount of USD as a string, like "4.99", not as a number')
    try:
        return parse_usd(value)
    except ValueError as error:
        raise PydanticCustomError("money_value", "{problem}", {"problem": str(error)}) from error


def _refuse_negative(amount: int) -> int:
    if amount < 0:
        raise PydanticCustomError("money_negative", "an amount may not be negative here")
    return amount


def _refuse_zero(amount: int) -> int:
    if amount == 0:
        raise PydanticCustomError("money_zero", "an amount must be more than zero here")
    return amount


def _from_nanos(value: Any) -> int:
    assert type(value) is int, "answers are made from nano-USD"
    return value


_AS_TEXT = PlainSerializer(format_usd, return_type=str)
_SCHEMA = WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["4.99"]})

# In a request body: what a client writes.
UsdAmount = Annotated[int, BeforeValidator(_parse), _AS_TEXT, _SCHEMA]
NonNegativeUsd = Annotated[UsdAmount, AfterValidator(_refuse_negative)]
PositiveUsd = Annotated[NonNegativeUsd, AfterValidator(_refuse_zero)]

# In an answer: made from nano-USD, read by a client as a string.
Usd = Annotated[int, BeforeValidator(_from_nanos), _AS_TEXT, _SCHEMA]
