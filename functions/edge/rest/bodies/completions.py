"""Bodies of OpenAI's calls: chats, legacy completions, embeddings."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from functions.edge.rest.bodies.common import Cap, ModelName, Open
from functions.edge.rest.money import Usd
from functions.farebox.request.bounds import MAX_CHOICES
from functions.farebox.request.completions import DEFAULT_CAP, MAX_LOGPROBS
from functions.farebox.request.prompt.messages import MAX_MESSAGES


class ChatMessage(Open):
    """A message of a conversation."""

    role: Literal["developer", "system", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[dict[str, Any]] | None = None


class StreamOptions(Open):
    """How to stream."""

    include_usage: bool | None = None


class UsageWish(Open):
    """What to tell of the usage, as OpenRouter has it."""

    include: bool | None = Field(None, description="Tell the cost in the report of usage, as a number of USD")


class CreateChatCompletion(Open):
    """A request for a chat completion."""

    model: ModelName
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None
    max_tokens: Cap | None = None
    max_completion_tokens: Cap | None = None
    service_tier: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    response_format: dict[str, Any] | None = None
    seed: int | None = None
    usage: UsageWish | None = None


class PromptTokensDetails(Open):
    """Of the prompt's tokens."""

    cached_tokens: int | None = None


class CompletionTokensDetails(Open):
    """Of the completion's tokens."""

    reasoning_tokens: int | None = None


class Usage(Open):
    """What a request took."""

    prompt_tokens: int
    completion_tokens: int | None = None
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails | None = None
    completion_tokens_details: CompletionTokensDetails | None = None
    cost: float | None = Field(None, description="What was charged, in USD, to who asked for it")


class ChatChoice(Open):
    """One answer."""

    index: int
    message: ChatMessage
    finish_reason: str | None


class ChatCompletion(Open):
    """A chat completion. Its cost is in the header `x-farebox-cost-usd`."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage | None = None


class Delta(Open):
    """A piece of an answer."""

    role: str | None = None
    content: str | None = None
    tool_calls: list[dict[str, Any]] | None = None


class ChunkChoice(Open):
    """A piece of one choice."""

    index: int
    delta: Delta
    finish_reason: str | None = None


class Charge(BaseModel):
    """What a streamed request cost, and what is left."""

    cost_usd: Usd
    balance_usd: Usd


class ChatCompletionChunk(Open):
    """The data of one event of a stream. The last one before `[DONE]` holds the usage, if that was asked for."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None
    farebox: Charge | None = None


class CreateCompletion(Open):
    """A request for a legacy completion. Several prompts, tokens in place of a text and a `suffix` are for models whose
    servers complete texts."""

    model: ModelName
    prompt: str | list[str] | list[int] | list[list[int]]
    suffix: str | None = None
    echo: bool | None = None
    logprobs: Annotated[int, Field(ge=0, le=MAX_LOGPROBS)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None
    best_of: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None
    max_tokens: Cap | None = Field(None, description=f"{DEFAULT_CAP} where it is not said")
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    usage: UsageWish | None = None


class TextChoice(Open):
    """One text."""

    text: str
    index: int
    finish_reason: str | None
    logprobs: dict[str, Any] | None = None


class TextCompletion(Open):
    """A legacy completion, or a piece of one. Its cost is in the header `x-farebox-cost-usd`."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextChoice]
    usage: Usage | None = None


class CreateEmbedding(Open):
    """A request for embeddings."""

    model: ModelName
    input: str | list[str] | list[int] | list[list[int]]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = None


class Embedding(Open):
    """One embedding: numbers, or base64 of little-endian 32-bit floats."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingList(Open):
    """Embeddings, in the order of the input."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: Usage
