"""A price: what a model's requests cost, and how it is written in configuration and in storage."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import NANOS_PER_USD, format_usd
from functions.farebox.pricing.capabilities.capabilities import FIELDS as CAPABILITIES
from functions.farebox.pricing.capabilities.capabilities import UNTOLD, Capabilities
from functions.farebox.pricing.entry import Entry
from functions.farebox.pricing.rates import ALL_CLASSES, DEAR_CLASSES, Rates
from functions.farebox.pricing.tiers import (
    RATE_FIELDS,
    read_rates,
    read_variants,
    write_rates,
    write_set_rates,
    write_variants,
)
from functions.farebox.tokens.found import FOUND_TOKENS, LONGEST_CONTEXT

PRICED_TOKENS = 1_000_000  # tokens that a unit price is for
# With these, `MAX_UNIT_PRICE`, `MAX_TOKENS` and `bill.MAX_CALLS`, no bill leaves 64 bits, whatever is reported.
MAX_REQUEST_PRICE = 1_000 * NANOS_PER_USD
MAX_CALL_PRICE = 100 * NANOS_PER_USD

SEARCH = "search"
STANDARD_TIERS = frozenset({"default", "standard", "auto"})  # what vendors call the service tier of a price's own rates
_RESERVED = STANDARD_TIERS.union(DEAR_CLASSES)

_MODEL = re.compile(r"[A-Za-z0-9@*][!-~]{0,199}")  # as in `meta-llama/Llama-3.3-70B` and `@cf/google/gemma-3-12b-it`


@dataclass(frozen=True, slots=True, kw_only=True)
class Price(Rates):
    """What a model's requests cost: standard `Rates`, the `variants` of longer prompts and of other service tiers, in
    nano-USD `request` for each request, and `calls` for each call of a tool, by its name (`search`, `file_search`).
    `tools_tokens` are the most that a call of one adds to the prompt, where that was set.

    Within a service tier the variants are in order of `above_prompt_tokens`, the lowest first. `context_tokens` is
    the most tokens that a prompt may have. `version` is empty until the price is in a price list. A `model` with a
    `*` in its name prices whatever matches it and has no price of its own.
    """

    model: str
    variants: tuple[Rates, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict, hash=False)
    tools_tokens: Mapping[str, int] = field(default_factory=dict, hash=False)
    request: int = 0
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    capabilities: Capabilities = UNTOLD  # what an operator says of the model
    source: str | None = None  # where the price was published
    dated: str | None = None  # the day on which it was: `2026-11-12`
    version: str = ""
    effective_at: datetime | None = None
    service_tiers: frozenset[str] = field(init=False, repr=False, compare=False)  # with rates of their own
    has_dear_input: bool = field(init=False, repr=False, compare=False)  # sounds or images cost more than texts there
    has_dear_output: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        Rates.__post_init__(self)
        named = frozenset(rates.service_tier for rates in self.variants if rates.service_tier)
        object.__setattr__(self, "service_tiers", named)
        varied = (self, *self.variants)
        object.__setattr__(self, "has_dear_input", any(rates.media_input > rates.input for rates in varied))
        dear = any(rates.media_output > max(rates.output, rates.reasoning) for rates in varied)
        object.__setattr__(self, "has_dear_output", dear)

    def rates(self, prompt_tokens: int, service_tier: str | None = None) -> Rates:
        """What a request costs whose prompt has so many tokens. A service tier without rates of its own is charged by
        the standard ones."""
        if not self.variants:
            return self
        tier = service_tier if service_tier in self.service_tiers else ""
        reached: Rates = self
        for rates in self.variants:
            above = rates.above_prompt_tokens
            if rates.service_tier == tier and (prompt_tokens > above or not above):
                reached = rates
        return reached

    def tier_served(self, asked: str | None, named: str | None) -> str | None:
        """The service tier to charge an answer by that names one. Where it names none, or one that has no rates here,
        it was served in the tier that was asked for, unless that is cheaper than the standard one: an upstream that
        knows no tiers serves the standard one, whatever was asked. `None` is the standard one."""
        served = "" if named is None else named.lower()
        if served in STANDARD_TIERS:
            return None
        if served in self.service_tiers:
            return served
        if asked is None:
            return None
        rates = self.rates(0, asked)
        return asked if (rates.output, rates.input) >= (self.output, self.input) else None

    def tool_priced_as(self, tool: str) -> str | None:
        """The name of what a call of a tool costs, if it has a price: a search of another kind costs what one in the
        web does where it has none of its own."""
        if tool in self.calls:
            return tool
        return SEARCH if SEARCH in tool and SEARCH in self.calls else None

    def call(self, tool: str) -> int:
        """What a call of a tool costs, in nano-USD; 0 where it has no price."""
        priced = self.tool_priced_as(tool)
        return 0 if priced is None else self.calls[priced]

    def found_tokens(self, tool: str) -> int:
        """The most tokens that a call of a tool adds to the prompt: what was set, else what is usual."""
        return self.tools_tokens.get(tool, FOUND_TOKENS.get(tool, 0))

    def lacks(self, features: Iterable[str]) -> str | None:
        """The first of these features that it has no price for; nothing that lacks one may be sent.

        A feature is the name of a service tier (standard ones are always there), of a tool that is charged by the
        call (`search`, `code_interpreter`), or of a class that is dearer than its side wherever it is sold:
        `audio_input`, `audio_output`, `image_output`, `cache_write_1h`. Such a class has a price where it was given
        one, and then in every service tier that is no dearer than the standard one; a dearer one that is named beside
        it must have been given its own. What it does not know it lacks.
        """
        features = tuple(features)
        tiers = [self.rates(0, feature) for feature in features if feature in self.service_tiers]
        return next((feature for feature in features if not self._has(feature, tiers)), None)

    def _has(self, feature: str, tiers: Iterable[Rates]) -> bool:
        if feature in DEAR_CLASSES:
            side = self.side(feature)
            return self.has_own(feature) and all(
                rates.side(feature) <= side or rates.has_own(feature, self) for rates in tiers
            )
        return feature in STANDARD_TIERS or feature in self.calls or feature in self.service_tiers

    def same_terms(self, other: "Price") -> bool:
        """Whether both say the same, versions aside."""
        return replace(self, version="", effective_at=None) == replace(other, version="", effective_at=None)

    def as_version(self, version: str, effective_at: datetime) -> Self:
        """The same price as it enters a price list."""
        return replace(self, version=version, effective_at=effective_at)

    @classmethod
    def from_config(cls, model: str, entry: object) -> Self:
        """The price that an entry of `FAREBOX_PRICING`, the built-in list or an admin writes:

        `{input_usd_per_1m, output_usd_per_1m, cached_input_usd_per_1m?, cache_write_usd_per_1m?,
        cache_write_1h_usd_per_1m?, audio_input_usd_per_1m?, image_input_usd_per_1m?, reasoning_usd_per_1m?,
        audio_output_usd_per_1m?, image_output_usd_per_1m?, tiers?: [{above_prompt_tokens, input_usd_per_1m, ...}],
        service_tiers?: {flex: {input_usd_per_1m, ..., tiers?}}, request_usd?, search_usd?,
        tools_usd?: {code_interpreter: "0.03"}, tools_tokens?: {search: 20000}, context_tokens?, max_output_tokens?,
        input_modalities?: ["text", "image"], output_modalities?, supported_parameters?: ["tools"], source?, dated?}`

        Amounts are decimal strings or numbers of USD. Raises `InvalidRequest` that names the model and the field.
        """
        if not _MODEL.fullmatch(model) or model.count("*") > 1:
            raise InvalidRequest(
                f"{model[:80]!r} is no name of a model: write up to 200 printable ASCII characters without spaces, "
                "with one * at most.",
                code="invalid_price",
                param="model",
            )
        read = Entry(model, entry, _CONFIG_NAMES)
        rates = read_rates(read)
        calls = read.named_usd("tools_usd", MAX_CALL_PRICE)
        for name in calls:
            if name == "search" or name in _RESERVED:
                raise read.bad("tools_usd", f"{name} is no name for one")
        if read.has("search_usd"):
            calls["search"] = read.usd("search_usd", MAX_CALL_PRICE)
        return cls(
            model=model,
            **rates,
            variants=read_variants(read, Rates(**rates), {"search", *_RESERVED, *calls}),
            calls=calls,
            tools_tokens=read.named_tokens("tools_tokens", LONGEST_CONTEXT),
            request=read.usd("request_usd", MAX_REQUEST_PRICE) if read.has("request_usd") else 0,
            context_tokens=read.tokens("context_tokens"),
            max_output_tokens=read.tokens("max_output_tokens"),
            capabilities=Capabilities.read(read),
            source=read.line("source"),
            dated=read.line("dated"),
        )

    def to_config(self, *, as_set: bool = False) -> dict[str, Any]:
        """The entry that `from_config` reads, every class written out that has a price of its own or its side's;
        `as_set`, only those that do not follow from other prices of it."""
        own = write_set_rates(self) if as_set else write_rates(self)
        variants = write_variants(self.variants, self, as_set=as_set)
        entry = {**own, **variants, "request_usd": format_usd(self.request)}
        calls = {name: format_usd(usd) for name, usd in self.calls.items()}
        if "search" in calls:
            entry["search_usd"] = calls.pop("search")
        if calls:
            entry["tools_usd"] = calls
        if self.tools_tokens:
            entry["tools_tokens"] = dict(self.tools_tokens)
        facts = {name: getattr(self, name) for name in _FACTS}
        return entry | self.capabilities.to_data() | {name: value for name, value in facts.items() if value is not None}

    def to_document(self) -> dict[str, Any]:
        """The price as it is stored. What a plain price has nothing of is left out."""
        document: dict[str, Any] = {**self.to_data(), **{name: getattr(self, name) for name in _STORED}}
        if self.variants:
            document["variants"] = [
                {
                    **rates.to_data(),
                    "service_tier": rates.service_tier,
                    "above_prompt_tokens": rates.above_prompt_tokens,
                }
                for rates in self.variants
            ]
        if self.capabilities != UNTOLD:
            document["capabilities"] = self.capabilities.to_data()
        if self.calls:
            document["calls"] = [{"name": name, "price": price} for name, price in self.calls.items()]
        if self.tools_tokens:
            document["tools_tokens"] = [{"name": name, "tokens": most} for name, most in self.tools_tokens.items()]
        return document

    @classmethod
    def from_document(cls, data: Mapping[str, Any]) -> Self:
        """The price that was stored."""
        return cls(
            **{name: data[name] for name in (*ALL_CLASSES, *_STORED) if name in data},
            level=frozenset(data.get("level", ())),
            variants=tuple(map(Rates.from_data, data.get("variants", ()))),
            calls={call["name"]: call["price"] for call in data.get("calls", ())},
            tools_tokens={tool["name"]: tool["tokens"] for tool in data.get("tools_tokens", ())},
            capabilities=Capabilities.from_data(data["capabilities"]) if "capabilities" in data else UNTOLD,
        )


_STORED = ("model", "request", "context_tokens", "max_output_tokens", "source", "dated", "version", "effective_at")
_FACTS = ("context_tokens", "max_output_tokens", "source", "dated")
_CONFIG_NAMES = (
    *RATE_FIELDS,
    "tiers",
    "service_tiers",
    "request_usd",
    "search_usd",
    "tools_usd",
    "tools_tokens",
    *CAPABILITIES,
    *_FACTS,
)
