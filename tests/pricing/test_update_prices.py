"""Public facts are taken over exactly, and only where they say what we charge."""

from decimal import Decimal
from typing import Any

import pytest

from functions.farebox.pricing.price import Price
from scripts.update_prices import capabilities, take, usd_per_1m


def facts(**more: Any) -> dict[str, Any]:
    return {
        "mode": "chat",
        "input_cost_per_token": Decimal("1.25e-06"),
        "output_cost_per_token": Decimal("1e-05"),
        "max_input_tokens": 1_048_576,
        "max_output_tokens": 65_536,
        **more,
    }


def test_the_prices_and_limits_of_a_chat_model_are_taken() -> None:
    entry = take(facts(cache_read_input_token_cost=Decimal("1.25e-07"), supports_vision=True))
    assert entry == {
        "input_usd_per_1m": "1.25",
        "output_usd_per_1m": "10.00",
        "cached_input_usd_per_1m": "0.125",
        "context_tokens": 1_048_576,
        "max_output_tokens": 65_536,
    }
    assert Price.from_config("m", entry).cached_input == 125_000_000


def test_a_dearer_price_of_longer_prompts_is_a_tier() -> None:
    entry = take(
        facts(
            input_cost_per_token_above_200k_tokens=Decimal("2.5e-06"),
            output_cost_per_token_above_200k_tokens=Decimal("1.5e-05"),
            input_cost_per_token_above_272k_tokens=Decimal("3e-06"),
        )
    )
    assert entry["context_tokens"] == 1_048_576
    assert entry["tiers"] == [
        {"above_prompt_tokens": 200_000, "input_usd_per_1m": "2.50", "output_usd_per_1m": "15.00"},
        {"above_prompt_tokens": 272_000, "input_usd_per_1m": "3.00", "output_usd_per_1m": "10.00"},
    ]


def test_service_tiers_are_taken_with_their_own_tiers_where_both_sides_have_a_price() -> None:
    entry = take(
        facts(
            input_cost_per_token_flex=Decimal("6.25e-07"),
            output_cost_per_token_flex=Decimal("5e-06"),
            input_cost_per_token_above_200k_tokens_flex=Decimal("1.25e-06"),
            input_cost_per_token_priority=Decimal("2.25e-06"),
        )
    )
    assert "tiers" not in entry
    assert entry["service_tiers"] == {
        "flex": {
            "input_usd_per_1m": "0.625",
            "output_usd_per_1m": "5.00",
            "tiers": [{"above_prompt_tokens": 200_000, "input_usd_per_1m": "1.25", "output_usd_per_1m": "5.00"}],
        }
    }


def test_an_hour_in_the_cache_images_searches_and_maps_are_taken() -> None:
    entry = take(
        facts(
            cache_creation_input_token_cost_above_1hr=Decimal("6e-06"),
            output_cost_per_image_token=Decimal("3e-05"),
            search_context_cost_per_query={"search_context_size_low": 0.025, "search_context_size_high": 0.05},
            google_maps_grounding_cost_per_query=Decimal("0.014"),
        )
    )
    assert (entry["cache_write_1h_usd_per_1m"], entry["image_output_usd_per_1m"]) == ("6.00", "30.00")
    assert (entry["search_usd"], entry["tools_usd"]) == ("0.05", {"google_maps": "0.014"})


def test_a_longest_answer_as_long_as_the_context_is_left_out() -> None:
    assert "max_output_tokens" not in take(facts(max_output_tokens=1_048_576))
    assert take(facts(max_output_tokens=1_048_575))["max_output_tokens"] == 1_048_575


def test_a_cache_write_for_nothing_is_taken_for_missing() -> None:
    assert "cache_write_usd_per_1m" not in take(facts(cache_creation_input_token_cost=Decimal("0.0")))


def test_an_embedding_has_no_output_to_pay_for_and_no_limit_of_a_whole_request() -> None:
    entry = take({"mode": "embedding", "input_cost_per_token": Decimal("2e-08"), "max_input_tokens": 8_191})
    assert entry == {"input_usd_per_1m": "0.02", "output_usd_per_1m": "0.00"}


def test_floating_point_dust_is_swept_away_and_nothing_else() -> None:
    assert usd_per_1m(Decimal("8.000000000000001e-07")) == "0.80"
    with pytest.raises(SystemExit, match="no whole number"):
        usd_per_1m(Decimal("1.005e-13"))


def test_what_a_model_can_do_is_taken_and_nothing_that_the_list_is_silent_of() -> None:
    can = {
        "supports_vision": True,
        "supports_pdf_input": True,
        "supports_tool_choice": True,
        "supports_reasoning": True,
    }
    assert capabilities(facts(**can, supports_response_schema=False)) == {
        "input_modalities": ["text", "image", "file"],
        "output_modalities": ["text"],
        "supported_parameters": ["tool_choice", "reasoning", "include_reasoning", "max_tokens"],
    }
    heard = {"supported_modalities": ["text", "audio", "video"], "supported_output_modalities": ["text", "audio"]}
    assert capabilities(facts(**heard)) == {
        "input_modalities": ["text", "audio", "video"],
        "output_modalities": ["text", "audio"],
        "supported_parameters": ["max_tokens", "temperature", "top_p"],
    }
    assert capabilities(facts(mode="embedding")) == {"input_modalities": ["text"], "output_modalities": ["embeddings"]}
