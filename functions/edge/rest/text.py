"""Text fields of request bodies: trimmed, bounded, and without characters that hide something."""

import unicodedata
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from functions.farebox.identity import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from functions.farebox.kit.networks import parse_network

MAX_TOKEN_LENGTH = 4096


def _refuse_controls(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise PydanticCustomError("control_character", "control characters may not be part of it")
    return text


def _check_email(text: str) -> str:
    try:
        # Nothing is looked up; domains such as .test are for trying things out, which is welcome.
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "this is no e-mail address: {why}", {"why": str(error)}) from error


def _check_network(text: str) -> str:
    try:
        return str(parse_network(text))
    except ValueError as error:
        raise PydanticCustomError("network", "write an address or a CIDR range: {why}", {"why": str(error)}) from error


_schema_email = Field(json_schema_extra={"format": "email"}, max_length=254, examples=["ada@example.com"])

Email = Annotated[str, _schema_email, AfterValidator(_check_email)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_refuse_controls)
]
ModelName = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_refuse_controls)]
Models = Annotated[list[ModelName], Field(min_length=1, max_length=100)]
Networks = Annotated[
    list[Annotated[str, StringConstraints(max_length=50), AfterValidator(_check_network)]],
    Field(min_length=1, max_length=100, examples=[["203.0.113.7", "2001:db8::/32"]]),
]
NewPassword = Annotated[
    str, StringConstraints(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH), Field(repr=False)
]
GivenPassword = Annotated[str, StringConstraints(max_length=MAX_PASSWORD_LENGTH), Field(repr=False)]
PresentPassword = Annotated[str, StringConstraints(max_length=MAX_PASSWORD_LENGTH)]  # where it need not be sent
Token = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TOKEN_LENGTH), Field(repr=False)]
Opaque = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_TOKEN_LENGTH)
]  # what a page has kept, or was sent
