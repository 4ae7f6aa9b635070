"""Checks of the other dialects' request bodies before they are translated. Translating them checks the rest."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from functions.edge.asgi.validation import explain
from functions.edge.chat.bodies import MAX_CAP, Check

Cap = Annotated[int, Field(ge=1, le=MAX_CAP)]


class CountRequest(BaseModel):
    """The fields of a prompt of Anthropic's that Farebox itself heeds."""

    model_config = ConfigDict(extra="allow", strict=True)

    model: Annotated[str, Field(min_length=1, max_length=200)]
    messages: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]
    system: str | list[dict[str, Any]] | None = None


class MessagesRequest(CountRequest):
    """The same of a request for a message."""

    max_tokens: Cap
    stream: bool | None = None
    stop_sequences: list[str] | None = None


class ResponsesRequest(BaseModel):
    """The fields of a request for a response of OpenAI's that Farebox itself heeds."""

    model_config = ConfigDict(extra="allow", strict=True)

    model: Annotated[str, Field(min_length=1, max_length=200)]
    input: str | Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]
    instructions: str | None = None
    stream: bool | None = None
    max_output_tokens: Cap | None = None


def check_of(form: type[BaseModel]) -> Check:
    """A form's check of a body."""

    def check(body: dict[str, Any]) -> None:
        try:
            form.model_validate(body)
        except ValidationError as error:
            raise explain([{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors()]) from None

    return check
