"""What each vendor reports is read as that vendor means it."""

from typing import Any

import pytest

from functions.farebox.tokens.usage.places import usage_in
from functions.farebox.tokens.usage.reading import read_usage
from functions.farebox.tokens.usage.usage import Usage

OPENAI = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}

# The report, and what it comes to.
SHAPES: dict[str, tuple[dict[str, Any], Usage]] = {
    "OpenAI's Responses": (
        {
            "input_tokens": 1000,
            "input_tokens_details": {"cached_tokens": 900},
            "output_tokens": 100,
            "output_tokens_details": {"reasoning_tokens": 60},
            "total_tokens": 1100,
        },
        Usage(1000, 100, 900, reasoning_tokens=60),
    ),
    "OpenAI's images": (
        {
            "input_tokens": 50,
            "input_tokens_details": {"image_tokens": 40, "text_tokens": 10},
            "output_tokens": 1056,
            "output_tokens_details": {"image_tokens": 1056, "text_tokens": 0},
            "total_tokens": 1106,
        },
        Usage(50, 1056, image_input_tokens=40, image_output_tokens=1056),
    ),
    "Anthropic": (
        {
            "input_tokens": 100,
            "cache_read_input_tokens": 900,
            "cache_creation_input_tokens": 500,
            "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300},
            "output_tokens": 50,
            "server_tool_use": {"web_search_requests": 3},
            "service_tier": "standard",
        },
        Usage(1500, 50, 900, 200, cache_write_1h_tokens=300, searches=3, lifetimes_told=True),
    ),
    "Anthropic, without its sum of writes": (
        {"input_tokens": 5, "output_tokens": 1, "cache_creation": {"ephemeral_1h_input_tokens": 70}},
        Usage(75, 1, cache_write_1h_tokens=70, lifetimes_told=True),
    ),
    "Anthropic, nulls": (
        {"input_tokens": 5, "output_tokens": 1, "cache_read_input_tokens": None, "cache_creation_input_tokens": None},
        Usage(5, 1),
    ),
    "Anthropic, with a prompt that was compacted": (
        {
            "input_tokens": 23_000,
            "output_tokens": 1_000,
            "cache_read_input_tokens": 500,
            "cache_creation_input_tokens": 0,
            "iterations": [
                {"type": "compaction", "input_tokens": 18_000, "output_tokens": 3_500, "cache_read_input_tokens": 7},
                {
                    "type": "message",
                    "input_tokens": 23_000,
                    "output_tokens": 1_000,
                    "cache_read_input_tokens": 500,
                    "cache_creation": {"ephemeral_1h_input_tokens": 30},
                },
            ],
        },
        Usage(41_537, 4_500, 507, cache_write_1h_tokens=30, lifetimes_told=True),
    ),
    "Anthropic, asked once": (
        {
            "input_tokens": 5,
            "output_tokens": 1,
            "cache_read_input_tokens": 70,
            "iterations": [{"type": "message", "input_tokens": 5, "output_tokens": 1, "cache_read_input_tokens": 70}],
        },
        Usage(75, 1, 70),
    ),
    "Anthropic, declined by one model and answered by another": (
        {
            "input_tokens": 412,
            "output_tokens": 264,
            "iterations": [
                {"type": "message", "model": "a", "input_tokens": 412, "output_tokens": 0},
                {"type": "fallback_message", "model": "b", "input_tokens": 412, "output_tokens": 264},
            ],
        },
        Usage(412, 264),
    ),
    "Anthropic, declined after a word": (
        {
            "input_tokens": 412,
            "output_tokens": 264,
            "iterations": [
                {"type": "message", "input_tokens": 412, "output_tokens": 3},
                {"type": "fallback_message", "input_tokens": 412, "output_tokens": 264},
            ],
        },
        Usage(824, 267),
    ),
    "Anthropic, asked how often is not told": ({"input_tokens": 5, "output_tokens": 1, "iterations": []}, Usage(5, 1)),
    "new-api's, of Claude": (
        {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 900, "cached_creation_tokens": 500, "text_tokens": 0},
            "input_tokens": 0,
            "output_tokens": 0,
            "input_tokens_details": None,
            "claude_cache_creation_5_m_tokens": 200,
            "claude_cache_creation_1_h_tokens": 300,
        },
        Usage(1500, 50, 900, 200, cache_write_1h_tokens=300, lifetimes_told=True),
    ),
    "LiteLLM, one part under three names": (
        {
            "prompt_tokens": 1500,
            "completion_tokens": 50,
            "total_tokens": 1550,
            "prompt_tokens_details": {"cached_tokens": 900, "cache_creation_tokens": 500},
            "cache_read_input_tokens": 900,
            "cache_creation_input_tokens": 500,
        },
        Usage(1500, 50, 900, 500),
    ),
    "LiteLLM, without a total": (
        {"prompt_tokens": 1500, "completion_tokens": 50, "cache_read_input_tokens": 900},
        Usage(1500, 50, 900),
    ),
    "a proxy of Bedrock, caches in the total alone": (
        {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "total_tokens": 1550,
            "cache_read_input_tokens": 900,
            "cache_creation_input_tokens": 500,
        },
        Usage(1500, 50, 900, 500),
    ),
    "a proxy of Anthropic, caches and thoughts in the total alone": (
        {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 1070, "cache_read_input_tokens": 900},
        Usage(1000, 70, 900, reasoning_tokens=20),
    ),
    "a proxy that has the reads outside and the writes inside": (
        {
            "prompt_tokens": 600,
            "completion_tokens": 50,
            "total_tokens": 1550,
            "cache_read_input_tokens": 900,
            "cache_creation_input_tokens": 500,
        },
        Usage(1500, 50, 900, 500),
    ),
    "Bedrock": (
        {
            "inputTokens": 100,
            "outputTokens": 50,
            "totalTokens": 1550,
            "cacheReadInputTokens": 900,
            "cacheWriteInputTokens": 500,
            "cacheDetails": [{"ttl": "1h", "inputTokens": 300}, {"ttl": "5m", "inputTokens": 200}],
        },
        Usage(1500, 50, 900, 200, cache_write_1h_tokens=300, lifetimes_told=True),
    ),
    "Bedrock, under both of its names": (
        {
            "inputTokens": 100,
            "outputTokens": 50,
            "totalTokens": 1000,
            "cacheReadInputTokens": 900,
            "cacheReadInputTokenCount": 900,
        },
        Usage(1000, 50, 900),
    ),
    "SGLang": (
        {**OPENAI, "prompt_tokens_details": None, "reasoning_tokens": 60},
        Usage(1000, 100, reasoning_tokens=60),
    ),
    "a total of nothing": ({**OPENAI, "total_tokens": 0}, Usage(1000, 100)),
    "Bedrock, without a total": (
        {"inputTokens": 100, "outputTokens": 50, "cacheReadInputTokens": 900},
        Usage(1000, 50, 900),
    ),
    "Bedrock, no caches": ({"inputTokens": 100, "outputTokens": 50, "totalTokens": 150}, Usage(100, 50)),
    "the AI SDK": (
        {
            "inputTokens": 1000,
            "outputTokens": 100,
            "totalTokens": 1100,
            "cachedInputTokens": 900,
            "reasoningTokens": 60,
        },
        Usage(1000, 100, 900, reasoning_tokens=60),
    ),
    "the AI SDK, with details": (
        {
            "inputTokens": 1000,
            "inputTokenDetails": {"noCacheTokens": 400, "cacheReadTokens": 500, "cacheWriteTokens": 100},
            "outputTokens": 100,
            "outputTokenDetails": {"textTokens": 40, "reasoningTokens": 60},
        },
        Usage(1000, 100, 500, 100, reasoning_tokens=60),
    ),
    "Oracle": (
        {
            "promptTokens": 1000,
            "promptTokensDetails": {"cachedTokens": 900},
            "completionTokens": 100,
            "completionTokensDetails": {"reasoningTokens": 60},
            "totalTokens": 1100,
        },
        Usage(1000, 100, 900, reasoning_tokens=60),
    ),
    "Gemini": (
        {
            "promptTokenCount": 1000,
            "cachedContentTokenCount": 900,
            "candidatesTokenCount": 100,
            "thoughtsTokenCount": 300,
            "toolUsePromptTokenCount": 70,
            "totalTokenCount": 1470,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 960}, {"modality": "AUDIO", "tokenCount": 40}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 90}],
        },
        Usage(1070, 400, 900, audio_input_tokens=40, reasoning_tokens=300, image_output_tokens=90),
    ),
    "Gemini, thoughts inside the candidates": (
        {"promptTokenCount": 10, "candidatesTokenCount": 400, "thoughtsTokenCount": 300, "totalTokenCount": 410},
        Usage(10, 400, reasoning_tokens=300),
    ),
    "Gemini, cut while it thought": (
        {"promptTokenCount": 10, "thoughtsTokenCount": 300, "totalTokenCount": 310},
        Usage(10, 300, reasoning_tokens=300),
    ),
    "Gemini's client": (
        {"prompt_token_count": 10, "candidates_token_count": 5, "thoughts_token_count": 3, "total_token_count": 18},
        Usage(10, 8, reasoning_tokens=3),
    ),
    "Gemini by OpenAI's shape, cached and thinking": (
        {
            "prompt_tokens": 1000,
            "completion_tokens": 50,
            "total_tokens": 2050,
            "prompt_tokens_details": {"cached_tokens": 900},
        },
        Usage(1000, 1050, 900, reasoning_tokens=1000),
    ),
    "DeepSeek": (
        {**OPENAI, "prompt_cache_hit_tokens": 900, "prompt_cache_miss_tokens": 100},
        Usage(1000, 100, 900),
    ),
    "DeepSeek, hits and misses alone": (
        {"completion_tokens": 100, "prompt_cache_hit_tokens": 900, "prompt_cache_miss_tokens": 100},
        Usage(1000, 100, 900),
    ),
    "Moonshot": ({**OPENAI, "cached_tokens": 900}, Usage(1000, 100, 900)),
    "Mistral": ({**OPENAI, "num_cached_tokens": 900, "prompt_audio_seconds": 7}, Usage(1000, 100, 900)),
    "Mistral, of sound in its total alone": (
        {"prompt_audio_seconds": 203, "prompt_tokens": 4, "total_tokens": 3264, "completion_tokens": 635},
        Usage(2629, 635, audio_input_tokens=2625),
    ),
    "Mistral, of none": (
        {**OPENAI, "total_tokens": 1150, "prompt_audio_seconds": {}},
        Usage(1000, 150, reasoning_tokens=50),
    ),
    "DashScope": (
        {
            **OPENAI,
            "prompt_tokens_details": {
                "cached_tokens": 300,
                "cache_creation_input_tokens": 500,
                "cache_creation": {"ephemeral_5m_input_tokens": 500},
            },
        },
        Usage(1000, 100, 300, 500, lifetimes_told=True),
    ),
    "OpenRouter, with the steps of Anthropic": (
        {
            **OPENAI,
            "prompt_tokens_details": {"cached_tokens": 900},
            "iterations": [
                {"type": "message", "input_tokens": 100, "cache_read_input_tokens": 900, "output_tokens": 100}
            ],
        },
        Usage(1000, 100, 900),
    ),
    "Bifrost": (
        {**OPENAI, "prompt_tokens_details": {"cached_read_tokens": 300, "cached_write_tokens": 500}},
        Usage(1000, 100, 300, 500),
    ),
    "Requesty": (
        {**OPENAI, "prompt_tokens_details": {"cached_tokens": 300, "caching_tokens": 500}},
        Usage(1000, 100, 300, 500),
    ),
    "Inception": (
        {**OPENAI, "cached_input_tokens": 900, "reasoning_tokens": 60},
        Usage(1000, 100, 900, reasoning_tokens=60),
    ),
    "OpenRouter": (
        {
            **OPENAI,
            "cost": 0.01,
            "is_byok": False,
            "prompt_tokens_details": {"cached_tokens": 300, "cache_write_tokens": 500, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 10, "image_tokens": 20},
            "server_tool_use": {"web_search_requests": 2},
        },
        Usage(1000, 100, 300, 500, reasoning_tokens=10, image_output_tokens=20, searches=2),
    ),
    "xAI's client": (
        {
            "prompt_tokens": 701,
            "completion_tokens": 69,
            "total_tokens": 893,
            "prompt_text_tokens": 701,
            "cached_prompt_text_tokens": 679,
            "reasoning_tokens": 123,
        },
        Usage(701, 192, 679, reasoning_tokens=123),
    ),
    "xAI, reasoning beside the completion": (
        {
            "prompt_tokens": 32,
            "completion_tokens": 9,
            "total_tokens": 135,
            "completion_tokens_details": {"reasoning_tokens": 94},
            "num_sources_used": 4,
            "server_side_tool_usage_details": {"web_search_calls": 3, "x_search_calls": 2, "code_interpreter_calls": 9},
        },
        Usage(32, 103, reasoning_tokens=94, searches=3, calls=(("code_interpreter", 9), ("x_search", 2))),
    ),
    "caches in no total": (
        {
            "prompt_tokens": 19,
            "completion_tokens": 50,
            "total_tokens": 69,
            "prompt_tokens_details": {"cached_tokens": 39000},
        },
        Usage(39_019, 50, cached_tokens=39_000),
    ),
    "reasoning in no total": (
        {**OPENAI, "completion_tokens_details": {"reasoning_tokens": 500}},
        Usage(1000, 600, reasoning_tokens=500),
    ),
    "Perplexity's deep research": (
        {
            "prompt_tokens": 19,
            "completion_tokens": 498,
            "total_tokens": 517,
            "citation_tokens": 10175,
            "num_search_queries": 48,
            "reasoning_tokens": 95305,
            "search_context_size": "high",
        },
        Usage(10194, 95803, reasoning_tokens=95305, searches=48),
    ),
    "Perplexity's, of little thought": (
        {
            "prompt_tokens": 19,
            "completion_tokens": 498,
            "total_tokens": 517,
            "citation_tokens": 100,
            "reasoning_tokens": 200,
        },
        Usage(119, 698, reasoning_tokens=200),
    ),
    "Perplexity's, without research": (
        {**OPENAI, "citation_tokens": None, "reasoning_tokens": 60},
        Usage(1000, 100, reasoning_tokens=60),
    ),
    "a report in a report": ({"usage": OPENAI}, Usage(1000, 100)),
    "Cohere": (
        {
            "billed_units": {"input_tokens": 5.0, "output_tokens": 7.0},
            "tokens": {"input_tokens": 71, "output_tokens": 9},
        },
        Usage(5, 7),
    ),
    "Cohere, counted alone": ({"tokens": {"input_tokens": 71, "output_tokens": 9}}, Usage(71, 9)),
    "Cohere, its prompt counted alone": (
        {
            "billed_units": {"input_tokens": None, "output_tokens": 7},
            "tokens": {"input_tokens": 71, "output_tokens": 9},
        },
        Usage(71, 7),
    ),
    "Cohere, its answer counted alone": (
        {"billed_units": {"input_tokens": 5}, "tokens": {"input_tokens": 71, "output_tokens": 9}},
        Usage(5, 9),
    ),
    "LangChain": (
        {
            "input_tokens": 1000,
            "output_tokens": 100,
            "total_tokens": 1100,
            "input_token_details": {"cache_read": 900, "cache_creation": 50},
            "output_token_details": {"reasoning": 60},
        },
        Usage(1000, 100, 900, 50, reasoning_tokens=60),
    ),
    "cached tokens in no total": (
        {
            "prompt_tokens": 19,
            "completion_tokens": 50,
            "total_tokens": 69,
            "prompt_tokens_details": {"cached_tokens": 390},
        },
        Usage(409, 50, 390),
    ),
    "floats": ({"prompt_tokens": 1000.0, "completion_tokens": 100.0, "total_tokens": 1100.0}, Usage(1000, 100)),
    "words": ({"prompt_tokens": "1000", "completion_tokens": "100.0", "total_tokens": None}, Usage(1000, 100)),
    "halves count as missing": ({"prompt_tokens": 10, "completion_tokens": 1.5, "total_tokens": 15}, Usage(10, 5)),
    "so do absurd counts": (
        {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 1e300},
        Usage(10, 5),
    ),
}


@pytest.mark.parametrize(("report", "usage"), SHAPES.values(), ids=SHAPES)
def test_a_shape_is_read_as_its_vendor_means_it(report: dict[str, Any], usage: Usage) -> None:
    assert read_usage(report) == usage
    assert usage_in({"choices": [], "usage": report}) == usage


@pytest.mark.parametrize(("report", "usage"), SHAPES.values(), ids=SHAPES)
def test_counts_may_come_as_floats_or_words(report: dict[str, Any], usage: Usage) -> None:
    def written(value: Any, number: type) -> Any:
        if isinstance(value, dict):
            return {name: written(one, number) for name, one in value.items()}
        if isinstance(value, list):
            return [written(one, number) for one in value]
        return number(value) if type(value) is int else value

    assert read_usage(written(report, float)) == usage
    assert read_usage(written(report, str)) == usage


@pytest.mark.parametrize(
    "answer",
    [
        {"usage": {"total_tokens": 1000}},
        {"usage": {"prompt_tokens": 1000, "total_tokens": 1000}},
        {"usage": {"prompt_tokens": 0, "total_tokens": 1000}},
        {"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 1000}},
        {"usage": {"prompt_tokens": 1000}},
        {"meta": {"billed_units": {"input_tokens": 1000}}},
        {"meta": {"billed_units": {"input_tokens": 400, "images": 1, "image_tokens": 600}}},
        {"meta": {"tokens": {"input_tokens": 1000}}},
        {"usageMetadata": {"promptTokenCount": 1000, "totalTokenCount": 1000}},
        {"prompt_eval_count": 1000},
    ],
)
def test_embeddings_generate_nothing(answer: dict[str, Any]) -> None:
    usage = usage_in({"object": "list", "data": [], **answer})
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (1000, 0)
