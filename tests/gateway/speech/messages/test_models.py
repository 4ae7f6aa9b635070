"""Each generation of Claude thinks and samples in its own way."""

import pytest

from functions.farebox.gateway.speech.messages.models import Ways, ways_of


@pytest.mark.parametrize(
    ("model", "thinking", "sampling"),
    [
        ("claude-3-5-haiku-20241022", "none", "all"),
        ("claude-3-7-sonnet-latest", "budget", "all"),
        ("claude-sonnet-4-20250514", "budget", "all"),
        ("claude-opus-4-1-20250805", "budget", "one"),
        ("claude-sonnet-4-5@20250929", "budget", "one"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "budget", "one"),
        ("anthropic/claude-opus-4.6", "adaptive", "one"),
        ("claude-opus-4-7", "adaptive", "none"),
        ("claude-sonnet-5", "adaptive", "none"),
        ("claude-novel", "adaptive", "none"),
        ("kimi-k2", "budget", "all"),
    ],
)
def test_by_its_name(model: str, thinking: str, sampling: str) -> None:
    ways = ways_of(model)
    assert isinstance(ways, Ways)
    assert (ways.thinking, ways.sampling) == (thinking, sampling)
