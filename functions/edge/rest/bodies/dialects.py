"""Bodies of the other dialects: Anthropic's Messages, OpenAI's Responses."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from functions.edge.rest.bodies.common import Cap, ModelName, Open
from functions.farebox.request.prompt.messages import MAX_MESSAGES
from functions.farebox.request.responses import MAX_ITEMS


class CountPrompt(Open):
    """A prompt of Anthropic's to count."""

    model: ModelName
    messages: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_MESSAGES)]
    system: str | list[dict[str, Any]] | None = None
    tools: list[dict[str, Any]] | None = None


class CreateMessage(Open):
    """A request for a message of Anthropic's."""

    model: ModelName
    messages: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_MESSAGES)]
    system: str | list[dict[str, Any]] | None = None
    max_tokens: Cap
    stream: bool | None = None
    stop_sequences: list[str] | None = None
    service_tier: str | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: dict[str, Any] | None = None
    temperature: float | None = None
    thinking: dict[str, Any] | None = None
    output_config: dict[str, Any] | None = None


class PromptCount(BaseModel):
    """What a prompt comes to."""

    input_tokens: int


class MessageUsage(Open):
    """What a message took; cached tokens are counted beside the input."""

    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class AnthropicMessage(Open):
    """A message of Anthropic's. Its cost is in the header `x-farebox-cost-usd`."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[dict[str, Any]]
    stop_reason: str | None
    usage: MessageUsage


class AnthropicErrorDetail(Open):
    """What was wrong and what to do."""

    type: str
    message: str
    code: str | None = None


class AnthropicError(Open):
    """A refusal in Anthropic's form."""

    type: Literal["error"]
    error: AnthropicErrorDetail


class CreateResponse(Open):
    """A request for a response. Nothing is stored: `background`, `previous_response_id` and `conversation` are refused,
    and `store` is answered as false."""

    model: ModelName
    input: str | Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_ITEMS)]
    instructions: str | None = None
    stream: bool | None = None
    max_output_tokens: Cap | None = None
    service_tier: str | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    temperature: float | None = None


class ModelResponse(Open):
    """A response. Its cost is in the header `x-farebox-cost-usd`."""

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["completed", "incomplete", "failed", "in_progress"]
    model: str
    output: list[dict[str, Any]]
