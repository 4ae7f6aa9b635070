"""Names of models: what vendors write, and what of it means one model."""

import time

import pytest

from functions.farebox.kit.model_names import beginnings, fold, is_plain, stem


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o-2024-08-06",
        "ft:gpt-4o-mini-2024-07-18:acme::abc123",
        "gemma3:27b-it-q8_0",
        "openrouter/meta-llama/llama-3.3-70b-instruct:free",
        "deepseek-ai/DeepSeek-V3.2:fireworks-ai",
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        "cloudflare/@cf/meta/llama",
        "us.anthropic.claude-opus-4-5-20251101-v1:0",
        "claude-opus-4-5@20251101",
        "accounts/fireworks/models/qwen3-235b",
        "publishers/google/models/gemini-2.5-pro",
        "command-r+",
        "Llama-3_1.Q4_K_M.gguf",
        "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude",
        "perplexity/sonar-online",
        "x" * 200,
    ],
)
def test_what_vendors_write_is_plain(name: str) -> None:
    assert is_plain(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", " pat/x", "pat/x ", "pat/x\n", "pat/\tx", "pat//x", "/pat/x", "pat/x/", "pat/./x", "pat/../x", "pat/.."),
        *("pat/x.", "pat/\N{SMALL ROMAN NUMERAL TEN}"),
        *("~pat/x", "pat/~x", "pat/x~", "pat%2Fx", "pat/x%20", "pat/x?y", "pat/x&y=1", "pat/x#y", "pat/x,y", "pat/x;y"),
        *("pat/x\\y", "pat/x|y", "pat/x=y", "pat/x'", 'pat/"x"', "pat/{x}", "pat/x(y)", "pat/*", "pat/x!", "pat/x:"),
        *("pat/x:::y", "pat/x@", "pat/x@@y", "pat/-x", "pat/x\u200b", "pat/x\u00a0", "pat/x\x00", "x" * 201),
        *("pat/x:online", "pat/x:free:Online", "pat/x:online:free", "pat/x:online/linkup"),
        *("pat/x:search", "pat/x:memory"),
        *("pat/x@preset/y", "pat/@preset/y", "pat/x@Preset", "pat/x:free@preset/y"),
    ],
)  # fmt: skip
def test_what_is_no_name_or_steers_is_not_plain(name: str) -> None:
    assert not is_plain(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Pat/X", "pat/x"),
        ("pat/models/x", "pat/x"),
        ("accounts/fireworks/models/x-fp8", "x"),
        ("projects/p/locations/l/publishers/google/models/x@001", "x"),
        ("eu.anthropic.claude-x-20251101-v1:0", "claude-x"),
        ("us-gov.amazon.nova-pro-v1:0", "nova-pro"),
        ("mistral.q4_k_m.gguf", "mistral"),
        ("openai.gpt-oss-120b-1:0", "gpt-oss-120b-1"),
        ("ft:gpt-4o-2024-08-06:acme::id", "gpt-4o"),
        ("x-latest", "x"),
        ("x-preview-09-2025", "x"),
        ("x:free", "x"),
        ("x@20251101", "x"),
        ("x-awq", "x"),
        ("x.q4_k_m.gguf", "x"),
        ("x-mini", "x-mini"),
        ("gemma3:27b", "gemma3:27b"),
        ("gemma3n:e4b", "gemma3n:e4b"),
        ("gemma3:27b:free", "gemma3:27b"),
        ("-2024", "-2024"),
    ],
)
def test_a_stem_is_a_name_without_its_place_and_its_variant(name: str, expected: str) -> None:
    found = stem(fold(name))
    assert found == expected or (not found and expected == name)


def test_a_name_begins_with_what_ends_before_its_separators() -> None:
    assert list(beginnings("pat/gpt-4.1-mini:free")) == [
        "pat/gpt-4.1-mini:free",
        "pat/gpt-4.1-mini",
        "pat/gpt-4.1",
        "pat/gpt",
        "pat",
    ]


@pytest.mark.parametrize(
    "part", ["-2024-12-12", "@a-2024", ":a", "-latest", "projects/", "us.", "models/", "--", "::", "a."]
)
def test_no_name_takes_long_to_read(part: str) -> None:
    name = (part * 200)[:199]
    started_s = time.perf_counter()
    for each in (name, f"x{name}", f"{name}/", f"x{name}!"):
        is_plain(each)
        list(beginnings(stem(fold(each))))
    assert time.perf_counter() - started_s < 0.1
