"""A count says when it is exact, and holds nobody up."""

import asyncio
import time

import pytest

from functions.farebox.tokens.counting import Counted, count_completion, encoding_for


async def test_an_estimate_has_headroom_for_its_text() -> None:
    assert Counted(100, exact=True).ceiling == 100
    assert Counted(100, exact=False).ceiling == 200
    assert Counted(100, exact=False, media_tokens=70).ceiling == 130
    assert Counted(100, exact=False, media_tokens=70, elsewhere_tokens=9).ceiling == 139
    assert Counted(100, exact=True, elsewhere_tokens=9).ceiling == 100


async def test_a_completion_is_counted_as_text() -> None:
    assert await count_completion("hello world", "gpt-4o") == 2
    assert await count_completion("tiktoken is great!", "openai/gpt-4") == 6
    assert await count_completion("", "gpt-4o") == 0


async def test_half_a_surrogate_pair_is_counted_like_any_text() -> None:
    assert await count_completion("\ud83d half", "gpt-4o") > 0


async def test_counting_does_not_hold_up_the_event_loop() -> None:
    await count_completion("warm", "gpt-4o")
    counting = asyncio.create_task(count_completion("a" * 3_000_000, "gpt-4o"))
    started = time.monotonic()
    longest_pause_s = 0.0
    while not counting.done():
        before = time.monotonic()
        await asyncio.sleep(0.001)
        longest_pause_s = max(longest_pause_s, time.monotonic() - before)
    assert longest_pause_s < (time.monotonic() - started) / 2
    assert await counting > 300_000


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4o", "o200k_base"),
        ("gpt-4o-mini-2024-07-18", "o200k_base"),
        ("gpt-4.1-nano", "o200k_base"),
        ("gpt-4.5-preview", "o200k_base"),
        ("gpt-5.4-mini", "o200k_base"),
        ("o3-mini", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-4-turbo-2024-04-09", "cl100k_base"),
        ("GPT-4", "cl100k_base"),
        ("azure/gpt-35-turbo-16k", "cl100k_base"),
        ("gpt-3.5-turbo", "cl100k_base"),
        ("ft:gpt-3.5-turbo:acme::x", "cl100k_base"),
        ("openai/text-embedding-3-large", "cl100k_base"),
        ("meta-llama/Llama-3.3-70B-Instruct", "o200k_base"),
        ("claude-sonnet-4-5", "o200k_base"),
        ("", "o200k_base"),
    ],
)
def test_a_model_has_its_vocabulary_and_a_stranger_the_newest(model: str, encoding: str) -> None:
    assert encoding_for(model) == encoding


def test_the_vocabularies_agree_with_tiktokens_own_table() -> None:
    from tiktoken.model import MODEL_TO_ENCODING

    for model, encoding in MODEL_TO_ENCODING.items():
        if encoding in ("cl100k_base", "o200k_base"):
            assert encoding_for(model) == encoding, model
