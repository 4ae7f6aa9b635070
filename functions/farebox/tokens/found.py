"""What tools that a vendor runs add to a prompt: it is billed as prompt, beside the price of the call.

A model that calls such a tool is asked again with what was found, and so for every call: the prompt is read once more
each time, and all that was found before with it. No step reads more than the model's context.

No vendor promises a bound. `FOUND_TOKENS` has the most that one call usually brings; an operator who knows it of a
model says so beside its price (`tools_tokens`), 0 of a vendor that bills nothing of it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

# Of one call, by the name that its price has (2026-11):
# - A search brings ten results or so of up to 2,500 tokens, several thousand to some ten thousands in all
#   (https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool, web-fetch-tool); OpenAI bills a
#   block of 8,000 for the models that it reckons so for (https://platform.openai.com/docs/pricing).
# - A search in files brings 20 chunks of 800 (https://platform.openai.com/docs/guides/tools-file-search).
# - A compaction reads all of the prompt and puts what it wrote in its place.
# - What code prints is cut by whoever runs it; a screen or an image is up to 4,784 (`tokens.media`).
FOUND_TOKENS: Final[Mapping[str, int]] = {
    "search": 20_000,
    "x_search": 20_000,
    "google_maps": 20_000,
    "file_search": 16_000,
    "code_execution": 10_000,
    "compaction": 10_000,
    "code_interpreter": 10_000,
    "programmatic_tool_calling": 10_000,
    "tool_search": 10_000,
    "computer_use": 5_000,
    "image_generation": 5_000,
}
LONGEST_CONTEXT = 2_000_000  # tokens, where a price tells none


def read_again(
    calls: Iterable[tuple[int, int]], prompt_tokens: int, context_tokens: int, *, tries_beyond: bool = False
) -> int:
    """The most prompt tokens that one choice is billed beyond its prompt, which is read once in any case. `calls` are
    the tokens that one call of a tool brings and how often it may be called; a tool that brings nothing is no step.
    `tries_beyond`: it may try one call more, which brings it an error, and it is asked again with that."""
    read, again = prompt_tokens, 0
    for found, times in sorted(calls, reverse=True):  # what brings most may come first
        if found <= 0:
            continue
        grows = min(times, max(0, (context_tokens - 1 - read) // found))  # as often as it fits into the context
        again += grows * read + found * grows * (grows + 1) // 2
        read += grows * found
        if grows < times:
            again += (times - grows) * context_tokens
            read = context_tokens
    return again + read if again and tries_beyond else again
