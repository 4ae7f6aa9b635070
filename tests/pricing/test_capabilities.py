"""What a model can do is told apart from its price: known publicly, or said by an operator."""

from typing import Any

import pytest

from functions.farebox.errors import InvalidRequest
from functions.farebox.pricing.capabilities.capabilities import UNTOLD, Capabilities, common
from functions.farebox.pricing.capabilities.known import publicly_known
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.seed import read_builtin

ENTRY = {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}
SAID = {
    "input_modalities": ["text", "file"],
    "output_modalities": ["text"],
    "supported_parameters": ["tools", "reasoning"],
}


@pytest.mark.parametrize(
    "name", ["gpt-4o", "openrouter/openai/gpt-4o", "openai/GPT-4o", "gpt-4o-2026-01-01", "us.gpt-4o"]
)
def test_a_model_is_known_wherever_it_is_served(name: str) -> None:
    known = publicly_known(name)
    assert known.input_modalities == ("text", "image", "file")
    assert known.supported_parameters is not None
    assert "tools" in known.supported_parameters


@pytest.mark.parametrize("name", ["my-own", "gpt-4", "gpt-4o-audio-preview", "openrouter/*", "*"])
def test_another_model_is_not_taken_for_one_that_reads_images(name: str) -> None:
    assert "image" not in (publicly_known(name).input_modalities or ())


def test_all_that_has_a_built_in_price_and_a_vendor_is_known() -> None:
    assert {name for name in read_builtin() if publicly_known(name) == UNTOLD} == {"echo"}
    assert publicly_known("text-embedding-3-small").output_modalities == ("embeddings",)


def test_what_an_operator_says_is_kept_with_the_price_and_written_as_it_was() -> None:
    price = Price.from_config("m", {**ENTRY, **SAID})
    assert Price.from_document(price.to_document()) == price
    assert price.to_config(as_set=True).items() >= SAID.items()
    assert Price.from_config("m", price.to_config(as_set=True)) == price
    silent = Price.from_config("m", ENTRY)
    assert "capabilities" not in silent.to_document()
    assert not silent.to_config().keys() & SAID.keys()
    assert not silent.same_terms(price)


@pytest.mark.parametrize("wrong", ["text", [], ["text", "smell"], [1], ["text"] * 6, {"text": True}])
def test_what_is_no_modality_is_refused_by_its_field(wrong: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Price.from_config("m", {**ENTRY, "input_modalities": wrong})
    assert (caught.value.code, caught.value.param) == ("invalid_price", "input_modalities")


def test_of_several_models_only_what_all_of_them_can_do_is_said() -> None:
    one = Capabilities(("text", "image", "file"), ("text",), ("tools", "reasoning"))
    two = Capabilities(("text", "image"), ("text", "image"), None)
    assert common([one, two]) == Capabilities(("text", "image"), ("text",), None)
    assert common([one]) == one
