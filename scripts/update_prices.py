"""Write functions/farebox/pricing/data/prices.json anew from a litellm wheel, which carries a list of public prices,
and pricing/capabilities/data/models.json: what the models can do.

    .venv/bin/python -m pip download litellm --no-deps -d /tmp
    .venv/bin/python -m scripts.update_prices /tmp/litellm-*.whl --dated 2026-11-12

`--dated` is the day on which that wheel was released, as its page on PyPI says. Only facts are taken, for the models
named here. The wheel is read as a zip file: nothing in it is installed or run.
"""

import argparse
import datetime
import json
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from functions.farebox.kit.money import format_usd
from functions.farebox.pricing.capabilities.capabilities import INPUTS, OUTPUTS
from functions.farebox.pricing.capabilities.known import BUILTIN as MODELS
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.seed import BUILTIN as PRICES

LIST = "litellm/model_prices_and_context_window_backup.json"

# Names in the wheel, without the prefix of who serves them. What we list keeps the name without the prefix.
TAKEN = {
    "": """
        gpt-3.5-turbo gpt-4 gpt-4-turbo gpt-4o gpt-4o-2024-08-06 gpt-4o-2024-11-20 gpt-4o-mini gpt-4o-mini-2024-07-18
        gpt-4.1 gpt-4.1-mini gpt-4.1-nano o1 o3 o3-mini o4-mini
        gpt-5 gpt-5-mini gpt-5-nano gpt-5.1 gpt-5.2 gpt-5.4 gpt-5.4-mini gpt-5.4-nano gpt-5.5
        gpt-5.6 gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna gpt-6-astra gpt-6-sol gpt-6-luna gpt-6.1-sol gpt-6.1-terra
        gpt-audio gpt-audio-mini gpt-audio-1.5
        text-embedding-3-small text-embedding-3-large text-embedding-ada-002
        claude-haiku-4-5 claude-sonnet-4-5 claude-opus-4-5 claude-sonnet-4-6 claude-opus-4-6 claude-opus-4-7
        claude-opus-4-8 claude-sonnet-5 claude-opus-5 claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5
        deepseek-v4-flash deepseek-v4-pro
    """,
    "gemini/": """
        gemini-2.5-flash-lite gemini-2.5-flash gemini-2.5-pro gemini-3-flash-preview gemini-3.1-flash-lite
        gemini-3.1-pro-preview gemini-3.5-flash-lite gemini-3.5-flash gemini-3.6-flash gemini-3.7-flash gemini-3.8-flash
        gemini-embedding-001
    """,
    "mistral/": """
        mistral-large-latest mistral-medium-latest mistral-small-latest ministral-3b-latest ministral-8b-latest
        codestral-latest devstral-latest mistral-embed
    """,
    "xai/": "grok-4.3 grok-4.5 grok-4.7",
    "deepinfra/": """
        meta-llama/Meta-Llama-3.1-8B-Instruct meta-llama/Meta-Llama-3.1-70B-Instruct
        meta-llama/Llama-3.3-70B-Instruct meta-llama/Llama-4-Scout-17B-16E-Instruct
        mistralai/Mistral-Nemo-Instruct-2407
        Qwen/Qwen2.5-72B-Instruct Qwen/Qwen3-14B Qwen/Qwen3-32B Qwen/Qwen3-235B-A22B-Instruct-2507 Qwen/Qwen3.8-27B
        google/gemma-3-4b-it google/gemma-3-12b-it google/gemma-3-27b-it google/gemma-4-26B-A4B-it google/gemma-4-31B-it
        openai/gpt-oss-20b openai/gpt-oss-120b
        deepseek-ai/DeepSeek-V3.2
    """,
    "cloudflare/": """
        @cf/meta/llama-3.2-3b-instruct @cf/meta/llama-3.3-70b-instruct-fp8-fast @cf/google/gemma-4-26b-a4b-it
        @cf/qwen/qwen3-30b-a3b-fp8
    """,
}

# Of the upstream that is built in: cheap, but not free, so that a fresh checkout shows what charging looks like.
OURS: dict[str, dict[str, Any]] = {
    "echo": {
        "input_usd_per_1m": "0.10",
        "output_usd_per_1m": "0.40",
        "context_tokens": 128_000,
        "max_output_tokens": 4_096,
    },
    "echo-embedding": {"input_usd_per_1m": "0.02", "output_usd_per_1m": "0.00"},
}

# Our field for theirs. Where they say nothing, or 0 for a class that is not free, the class costs what its side does.
UNIT_PRICES = {
    "input_usd_per_1m": "input_cost_per_token",
    "output_usd_per_1m": "output_cost_per_token",
    "cached_input_usd_per_1m": "cache_read_input_token_cost",
    "cache_write_usd_per_1m": "cache_creation_input_token_cost",
    "cache_write_1h_usd_per_1m": "cache_creation_input_token_cost_above_1hr",
    "audio_input_usd_per_1m": "input_cost_per_audio_token",
    "image_input_usd_per_1m": "input_cost_per_image_token",
    "reasoning_usd_per_1m": "output_cost_per_reasoning_token",
    "audio_output_usd_per_1m": "output_cost_per_audio_token",
    "image_output_usd_per_1m": "output_cost_per_image_token",
}
# What a model can do, by our names and theirs. Where they say nothing, it is not said of the model.
MEDIA = {"image": "supports_vision", "file": "supports_pdf_input", "audio": "supports_audio_input"}
PARAMETERS = {
    "tools": "supports_function_calling",
    "tool_choice": "supports_tool_choice",
    "parallel_tool_calls": "supports_parallel_function_calling",
    "reasoning": "supports_reasoning",
    "include_reasoning": "supports_reasoning",
    "response_format": "supports_response_schema",
    "structured_outputs": "supports_response_schema",
}
SAMPLING = ("temperature", "top_p")  # what vendors of models that reason mostly refuse
OUR_CAPABILITIES = {"echo-embedding": {"input_modalities": ["text"], "output_modalities": ["embeddings"]}}
SERVICE_TIERS = {"batch": "_batches", "flex": "_flex", "priority": "_priority", "ultrafast": "_ultrafast"}
TOOLS = {"google_maps": "google_maps_grounding_cost_per_query"}
DIGITS_OF_NOISE = Decimal("1e-12")  # floating-point dust in the wheel, in USD


def main() -> None:
    """Read the wheel, take the facts, check them as the gateway will, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--dated", required=True, type=datetime.date.fromisoformat)
    given = parser.parse_args()
    name, version = given.wheel.name.split("-")[:2]
    with zipfile.ZipFile(given.wheel) as archive:
        public = json.loads(archive.read(LIST), parse_float=Decimal)
    entries: dict[str, Any] = {
        model: {**entry, "dated": given.dated.isoformat(), "source": "built in"} for model, entry in OURS.items()
    }
    models: dict[str, Any] = {**OUR_CAPABILITIES}
    for prefix, taken in TAKEN.items():
        for model in taken.split():
            facts = public[prefix + model]
            models[model] = capabilities(facts)
            source = facts.get("source") or f"{name} {version}: {prefix}{model}"
            entries[model] = {**take(facts), "dated": given.dated.isoformat(), "source": source}
    for model, entry in entries.items():
        Price.from_config(model, {**entry, **models.get(model, {})})
    PRICES.write_text(json.dumps(dict(sorted(entries.items())), indent=2) + "\n", encoding="utf-8")
    lines = [f"  {json.dumps(model)}: {json.dumps(told)}" for model, told in sorted(models.items())]
    MODELS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{PRICES}: {len(entries)} models from {name} {version}")


def take(facts: Mapping[str, Any]) -> dict[str, Any]:
    """An entry in the form of `FAREBOX_PRICING`. An embedding's limit is one of each input, not of a request, and left
    to the upstream. A longest answer that is as long as the context is nobody's published limit, and left out.

    A search costs what the dearest kind does; free ones and off-peak hours are left out: they are the account's, not
    the request's.
    """
    rates = _rates(facts)
    entry: dict[str, Any] = {**rates}
    if tiers := _tiers(facts, "", rates):
        entry["tiers"] = tiers
    service_tiers: dict[str, dict[str, Any]] = {}
    for tier, suffix in SERVICE_TIERS.items():
        rates = _rates(facts, suffix=suffix)
        if "input_usd_per_1m" in rates and "output_usd_per_1m" in rates:
            within = _tiers(facts, suffix, rates)
            service_tiers[tier] = {**rates, "tiers": within} if within else {**rates}
    if service_tiers:
        entry["service_tiers"] = service_tiers
    if searches := facts.get("search_context_cost_per_query"):
        entry["search_usd"] = format_usd(_nanos(max(map(Decimal, searches.values()))))
    if tools := {ours: format_usd(_nanos(facts[theirs])) for ours, theirs in TOOLS.items() if facts.get(theirs)}:
        entry["tools_usd"] = tools
    context, longest = facts.get("max_input_tokens"), facts.get("max_output_tokens")
    if facts["mode"] == "embedding":
        return entry
    if context:
        entry["context_tokens"] = context
    if longest and not (context and longest >= context):
        entry["max_output_tokens"] = longest
    return entry


def capabilities(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a model can do, in the form of `Capabilities.to_data`."""
    if facts["mode"] == "embedding":
        return {"input_modalities": ["text"], "output_modalities": ["embeddings"]}
    read = {name for name, theirs in MEDIA.items() if facts.get(theirs)}.union(facts.get("supported_modalities", ()))
    written = facts.get("supported_output_modalities", ())
    takes = [name for name, theirs in PARAMETERS.items() if facts.get(theirs)]
    samples = not facts.get("supports_reasoning") and facts.get("supports_sampling_params", True)
    return {
        "input_modalities": [name for name in INPUTS if name == "text" or name in read],
        "output_modalities": [name for name in OUTPUTS if name == "text" or name in written],
        "supported_parameters": [*takes, "max_tokens", *(SAMPLING if samples else ())],
    }


def _rates(facts: Mapping[str, Any], above: str = "", suffix: str = "") -> dict[str, str]:
    """The unit prices of a tier: above so many prompt tokens, in the service tier of a suffix."""
    rates = {}
    for ours, theirs in UNIT_PRICES.items():
        cost = facts.get(f"{theirs}{above}{suffix}")
        if cost is not None and (cost or ours in ("input_usd_per_1m", "output_usd_per_1m")):
            rates[ours] = usd_per_1m(Decimal(cost))
    if facts["mode"] == "embedding" and "input_usd_per_1m" in rates:
        rates["output_usd_per_1m"] = "0.00"
    return rates


def _tiers(facts: Mapping[str, Any], suffix: str, below: Mapping[str, str]) -> list[dict[str, Any]]:
    """The tiers by prompt length, the shortest first. A side that one says nothing of costs what it does below."""
    lengths = {int(found[1]) for field in facts if (found := re.search(rf"_above_(\d+)k_tokens{suffix}$", field))}
    sides = {side: below[side] for side in ("input_usd_per_1m", "output_usd_per_1m")}
    return [
        {"above_prompt_tokens": length * 1000, **sides, **_rates(facts, f"_above_{length}k_tokens", suffix)}
        for length in sorted(lengths)
    ]


def usd_per_1m(usd_per_token: Decimal) -> str:
    """Exact, but for the dust that is left where somebody computed the list with floats."""
    return format_usd(_nanos(usd_per_token.scaleb(6)))


def _nanos(usd: Decimal) -> int:
    nanos = round(usd.scaleb(9))
    if abs(Decimal(nanos).scaleb(-9) - usd) > DIGITS_OF_NOISE:
        raise SystemExit(f"{usd} USD is no whole number of nano-USD")
    return nanos


if __name__ == "__main__":
    main()
