"""What the other dialects' requests must be before they are translated, which checks the rest."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from functions.edge.requests import Cap


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
