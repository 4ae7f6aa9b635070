"""A model's price, as operators write it and as they see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from functions.edge.rest.app import Answer, Body
from functions.edge.rest.money import NonNegativeUsd, Usd
from functions.farebox.pricing.capabilities.capabilities import INPUTS, OUTPUTS, PARAMETERS
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.rates import ALL_CLASSES, Rates
from functions.farebox.pricing.tiers import usd_name
from functions.farebox.tokens.found import LONGEST_CONTEXT

Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Tokens = Annotated[int, Field(strict=True, ge=1)]
FoundTokens = Annotated[int, Field(strict=True, ge=0, le=LONGEST_CONTEXT)]
Facts = Annotated[list[Annotated[str, StringConstraints(max_length=32)]], Field(min_length=1, max_length=20)]
PartName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
ToolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)?$", max_length=32)]


class RatesToSet(Body):
    """Prices in USD for a million tokens of a class. A class without one costs what its side costs; cache writes for
    an hour what other ones do."""

    input_usd_per_1m: NonNegativeUsd
    output_usd_per_1m: NonNegativeUsd
    cached_input_usd_per_1m: NonNegativeUsd | None = None
    cache_write_usd_per_1m: NonNegativeUsd | None = None
    cache_write_1h_usd_per_1m: NonNegativeUsd | None = None
    audio_input_usd_per_1m: NonNegativeUsd | None = None
    image_input_usd_per_1m: NonNegativeUsd | None = None
    reasoning_usd_per_1m: NonNegativeUsd | None = None
    audio_output_usd_per_1m: NonNegativeUsd | None = None
    image_output_usd_per_1m: NonNegativeUsd | None = None


class TierToSet(RatesToSet):
    """What a request costs, all of it, whose prompt has more than so many tokens. A class is never cheaper than it is
    for shorter prompts."""

    above_prompt_tokens: Tokens


class ServiceTierToSet(RatesToSet):
    """What a request costs that a service tier served."""

    tiers: Annotated[list[TierToSet], Field(max_length=10)] | None = Field(
        None, description="Of longer prompts, the shortest first"
    )


class PriceToSet(ServiceTierToSet):
    """A model's price. A name with a `*` in it prices every model that it matches and that has no price of its own."""

    service_tiers: Annotated[dict[PartName, ServiceTierToSet], Field(max_length=20)] | None = Field(
        None, description="By the name that an answer gives a service tier"
    )
    request_usd: NonNegativeUsd | None = None
    search_usd: NonNegativeUsd | None = Field(None, description="Of one search. Without it there are none")
    tools_usd: Annotated[dict[ToolName, NonNegativeUsd], Field(max_length=20)] | None = Field(
        None,
        description="Of one call of other tools, by name; `speed.fast` and `reasoning_mode.pro` are one call an answer",
    )
    tools_tokens: Annotated[dict[ToolName, FoundTokens], Field(max_length=20)] | None = Field(
        None, description="That a call of a tool adds to the prompt at most, by name, `search` among them"
    )
    context_tokens: Tokens | None = None
    max_output_tokens: Tokens | None = None
    input_modalities: Facts | None = Field(
        None,
        description=f"What it reads, of {', '.join(INPUTS)}. `null`, as of the next two: what is known of the model",
    )
    output_modalities: Facts | None = Field(None, description=f"What it writes, of {', '.join(OUTPUTS)}")
    supported_parameters: Facts | None = Field(None, description=f"What it takes, of {', '.join(PARAMETERS)}")
    source: Line | None = Field(None, description="Where it was published")
    dated: Line | None = Field(None, description="The day on which it was", examples=["2026-11-12"])


class RatesAnswer(Answer):
    """Prices in USD for a million tokens of a class; `null` where a class has none of its own."""

    input_usd_per_1m: Usd
    output_usd_per_1m: Usd
    cached_input_usd_per_1m: Usd
    cache_write_usd_per_1m: Usd
    cache_write_1h_usd_per_1m: Usd | None
    audio_input_usd_per_1m: Usd
    image_input_usd_per_1m: Usd | None
    reasoning_usd_per_1m: Usd
    audio_output_usd_per_1m: Usd
    image_output_usd_per_1m: Usd | None


class TierAnswer(RatesAnswer):
    """What a request costs whose prompt has more than so many tokens."""

    above_prompt_tokens: int


class ServiceTierAnswer(RatesAnswer):
    """What a request costs that a service tier served."""

    tiers: list[TierAnswer] = Field(description="The shortest prompts first")


class PriceAnswer(ServiceTierAnswer):
    """A version of a model's price."""

    model: str
    version: str
    effective_at: datetime
    service_tiers: dict[str, ServiceTierAnswer]
    request_usd: Usd
    search_usd: Usd | None
    tools_usd: dict[str, Usd]
    tools_tokens: dict[str, int] = Field(description="As an operator set them")
    context_tokens: int | None
    max_output_tokens: int | None
    input_modalities: tuple[str, ...] | None = Field(description="As an operator set them, like the next two")
    output_modalities: tuple[str, ...] | None
    supported_parameters: tuple[str, ...] | None
    source: str | None
    dated: str | None


class ModelPrice(Answer):
    """A model's price. `active` is false for a model that was taken off the list."""

    active: bool
    price: PriceAnswer
    as_set: PriceToSet = Field(
        description="What to send for this very price. What follows from other prices of it is `null` or left out, "
        "and so follows them still when they are changed"
    )
    versions: list[PriceAnswer] = Field(description="The newest fifty, newest first")


def show_model_price(active: Price | None, versions: Sequence[Price]) -> ModelPrice:
    """A model's price, which is its last one where it is not on the list, and its versions, the newest first."""
    price = active or versions[0]
    return ModelPrice(
        active=active is not None,
        price=show_price(price),
        as_set=PriceToSet.model_validate(price.to_config(as_set=True)),
        versions=[show_price(version) for version in versions],
    )


def show_price(price: Price) -> PriceAnswer:
    """A price of the list."""
    assert price.effective_at is not None, "a listed price has a version"
    return PriceAnswer(
        model=price.model,
        version=price.version,
        effective_at=price.effective_at,
        service_tiers={
            tier: ServiceTierAnswer(**_units(price.rates(0, tier)), tiers=_tiers(price, tier))
            for tier in sorted(price.service_tiers)
        },
        tiers=_tiers(price, ""),
        request_usd=price.request,
        search_usd=price.calls.get("search"),
        tools_usd={name: usd for name, usd in price.calls.items() if name != "search"},
        tools_tokens=dict(price.tools_tokens),
        context_tokens=price.context_tokens,
        max_output_tokens=price.max_output_tokens,
        input_modalities=price.capabilities.input_modalities,
        output_modalities=price.capabilities.output_modalities,
        supported_parameters=price.capabilities.supported_parameters,
        source=price.source,
        dated=price.dated,
        **_units(price),
    )


def _tiers(price: Price, service_tier: str) -> list[TierAnswer]:
    return [
        TierAnswer(**_units(rates), above_prompt_tokens=rates.above_prompt_tokens)
        for rates in price.variants
        if rates.service_tier == service_tier and rates.above_prompt_tokens
    ]


def _units(rates: Rates) -> dict[str, Any]:
    return {usd_name(name): getattr(rates, name) for name in ALL_CLASSES}
