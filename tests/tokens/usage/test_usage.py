"""What one answer took, as a type that holds nothing wrong."""

from typing import Any

import pytest

from functions.farebox.tokens.usage.client_form import usage_as_openai
from functions.farebox.tokens.usage.reading import read_usage
from functions.farebox.tokens.usage.usage import Usage


def test_a_usage_whose_classes_exceed_their_total_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="exceed"):
        Usage(prompt_tokens=1, cached_tokens=2)
    with pytest.raises(ValueError, match="negative"):
        Usage(prompt_tokens=1, cached_tokens=-1)


@pytest.mark.parametrize("wrong", [1.5, 1.0, float("nan")])
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens", "searches"])
def test_a_usage_has_whole_numbers_alone(name: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match="whole"):
        Usage(**{name: wrong})


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("cache_write_1h_tokens", "prompt_tokens"),
        ("image_input_tokens", "prompt_tokens"),
        ("image_output_tokens", "completion_tokens"),
    ],
)
def test_every_class_is_part_of_its_total(name: str, total: str) -> None:
    wrong: dict[str, Any] = {name: 2, total: 1}
    with pytest.raises(ValueError, match="exceed"):
        Usage(**wrong)
    assert Usage(**(wrong | {total: 2})).total_tokens == 2


def test_a_client_is_shown_what_can_be_read_again() -> None:
    usage = Usage(100, 50, 40, 20, 10, 30, 5, image_input_tokens=3, image_output_tokens=2)
    assert read_usage(usage_as_openai(usage)) == usage
    assert usage_as_openai(Usage(2, 3)) == {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5}
