"""Bodies that tell of models and their prices, of a key and its credit."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from functions.edge.rest.bodies.common import Open

OwnRate = Annotated[str, Field(default_factory=str)]  # absent where there is none, and never null


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
    """What a model reads (`text`, `image`, `file`, `audio`, `video`) and writes (`text`, `image`, `audio`,
    `embeddings`). Files are PDFs, and others where the upstream takes them."""

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
    supported_parameters: Annotated[list[str], Field(default_factory=list)]  # absent where nothing is known


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
    """The wallet of the key that asks; of a key that a key made, its own budget; of a member's whose role does not see
    what others spend, what the key was charged and can still spend."""

    data: CreditTotals
