"""The banner's next step works as it is printed, whatever is served."""

from pathlib import Path

import pytest

from functions.edge.standalone.banner import banner, model_to_try
from functions.farebox.pricing.price import Price
from tests.support.product.runtime import config_with


def price(model: str, output: str = "2") -> Price:
    return Price.from_config(model, {"input_usd_per_1m": "1", "output_usd_per_1m": output})


@pytest.mark.parametrize(
    ("served", "tried"),
    [
        ([price("echo"), price("gpt-4o")], "echo"),
        ([price("a-embedding", "0"), price("gpt-4o")], "gpt-4o"),
        ([price("ada", "0"), price("gpt-4o")], "gpt-4o"),
        ([price("openrouter/*"), price("openrouter/x")], "openrouter/x"),
        ([price("gemma3:1b", "0")], "gemma3:1b"),
        ([price("p/*"), price("text-embedding-3-small", "0")], None),
        ([], None),
    ],
)
def test_the_model_to_try_is_one_that_is_served_and_chats(served: list[Price], tried: str | None) -> None:
    assert model_to_try(served) == tried


def test_the_next_step_names_it(tmp_path: Path) -> None:
    config = config_with({"FAREBOX_STORE": f"sqlite:///{tmp_path}/farebox.db"})
    text = banner(config, ["openai"], model="gpt-4o")
    assert '"model": "gpt-4o"' in text
    assert '"echo"' not in text
    assert '"model": "echo"' in banner(config, ["echo"])
    assert "chat/completions" not in banner(config, ["openai"], model=None)
