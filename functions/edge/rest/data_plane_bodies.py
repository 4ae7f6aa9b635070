"""Pydantic models of the data plane's bodies, for the OpenAPI document: what a client may send and will get.

What becomes of each field is in `farebox/request`, one table a dialect. These models name the fields that most clients
send. A field that no table knows is left out, and named in the answer's header `x-farebox-dropped`.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.edge.rest.money import Usd
from functions.farebox.request.bounds import MAX_CAP, MAX_CHOICES, MAX_MODEL_CHARS
from functions.farebox.request.completions import DEFAULT_CAP, MAX_LOGPROBS
from functions.farebox.request.content import MAX_MESSAGES
from functions.farebox.request.responses import MAX_ITEMS

Cap = Annotated[int, Field(ge=1, le=MAX_CAP)]
OwnRate = Annotated[str, Field(default_factory=str)]  # absent where there is none, and never null
ModelName = Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS)]


class Open(BaseModel):
    """Something of OpenAI's, which may have more fields than are listed."""

    model_config = ConfigDict(extra="allow")


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


class ModelPricing(Open):
    """What a model costs: list prices, and a token and a request in OpenRouter's form, as this caller pays for them.

    A class of tokens without a price of its own costs what its side does, input or output.
    """

    input_usd_per_1m: str
    cached_input_usd_per_1m: OwnRate
    cache_write_usd_per_1m: OwnRate
    audio_input_usd_per_1m: OwnRate
    image_input_usd_per_1m: OwnRate
    output_usd_per_1m: str
    reasoning_usd_per_1m: OwnRate
    audio_output_usd_per_1m: OwnRate
    request_usd: str
    search_usd: OwnRate
    multiplier: str = Field(description="Of list prices: what this caller pays of them")
    version: str
    prompt: str
    completion: str
    request: str


class Architecture(Open):
    """What a model reads and writes: `text`, `image`, `audio`."""

    input_modalities: list[str]
    output_modalities: list[str]


class Model(Open):
    """A model that the key may use."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    pricing: ModelPricing
    context_length: int | None
    context_tokens: int | None
    max_output_tokens: int | None
    architecture: Architecture


class ModelList(Open):
    """The models that the key may use."""

    object: Literal["list"]
    data: list[Model]


class KeySpending(Open):
    """A key, as OpenRouter tells it. Amounts are JSON numbers of USD; `null` is no limit."""

    label: str
    limit: float | None
    limit_remaining: float | None
    limit_reset: str | None
    usage: float = Field(description="What the key was charged, ever")
    usage_daily: float
    usage_weekly: float
    usage_monthly: float


class CurrentKey(BaseModel):
    """The key that asks."""

    data: KeySpending


class CreditTotals(BaseModel):
    """What came in, and what was spent, as JSON numbers of USD: the difference is the balance."""

    total_credits: float | None = Field(description="null: a key made this one, and it has no budget of its own")
    total_usage: float


class CurrentCredits(BaseModel):
    """The wallet of the key that asks; of a key that a key made, its own budget."""

    data: CreditTotals


class ReceiptAttempt(Open):
    """One request to one upstream. Times are in milliseconds, `started_ms` from the call's opening."""

    upstream: str
    model: str = Field(description="The upstream's name for it")
    outcome: str
    status: int | None
    started_ms: int
    latency_ms: int
    error: str | None


class BillLine(Open):
    """`count` at `unit_price_usd` for each `per` of them, exactly `amount_usd`."""

    token_class: str = Field(alias="class")
    count: int
    unit_price_usd: str
    per: int
    amount_usd: str


class ReceiptBill(Open):
    """The sum of the lines times `multiplier` is `exact_usd`; with `rounding_usd`, up to a nano-USD, `total_usd`.

    `service_tier` and `above_prompt_tokens` are there where the lines have the prices of one.
    """

    model: str
    price_version: str
    lines: list[BillLine]
    multiplier: str
    exact_usd: str
    rounding_usd: str
    total_usd: str


class Receipt(Open):
    """What a request was charged and why: enough to recompute it."""

    object: Literal["receipt"]
    id: str = Field(description="What the answer bore in x-farebox-receipt; no other receipt has it")
    request_id: str = Field(description="What it bore in x-request-id, which may be a client's own")
    same_request_id: list[str] = Field(description="The receipts, up to 20, of earlier requests that bore the same one")
    model: str
    status: Literal["ok", "error", "aborted", "pending", "lost"]
    created_at: datetime
    key_id: str
    upstream: str | None
    answered_model: str | None = Field(description="That the answer named, where it is not the one that was asked for")
    service_tier: str | None = Field(description="That the answer named")
    attempts: list[ReceiptAttempt]
    tokens: dict[str, int] | None
    usage_source: Literal["provider", "counted", "estimated", "reported"] | None = Field(
        description="Who counted the tokens: the upstream, Farebox, in part nobody for sure, or another gateway."
    )
    price_version: str | None
    bill: ReceiptBill | None
    held_usd: str
    cost_usd: str
    charged_usd: str
    shortfall_usd: str
    latency_ms: int | None
    first_token_ms: int | None
    error: str | None
