"""Calls of OpenAI's and Anthropic's APIs, and of those that are built like them, that are not offered: what there is
instead of each.

OpenAI's: https://platform.openai.com/docs/api-reference. Anthropic's: https://docs.anthropic.com/en/api/overview.
"""

import re
from typing import Final

_STORES_NOTHING = "Nothing is stored here: send the whole conversation with each POST /v1/responses"
_IN_MESSAGES = "Nothing is stored here: send files with the message that they belong to, in base64 or as links"
_AT_VENDORS = "It is done at the vendor's; whoever runs this gateway can list the model that comes of it"
_SPENT = (
    "GET /v1/key and GET /v1/credits tell what was spent and what is left, GET /v1/receipts/{id} what a request cost, "
    "and GET /api/usage/logs all of them, to who is signed in"
)

# What follows the base URL, and what there is instead. The first that fits counts.
_INSTEAD: Final = (
    (r"images?(/.*)?", 'Ask a model that draws in POST /v1/chat/completions, with "modalities": ["text", "image"]'),
    (r"audio/speech", 'Ask a model that speaks in POST /v1/chat/completions, with "modalities": ["text", "audio"]'),
    (r"audio(/.*)?", "Send the sound to a model that hears, as an input_audio part in POST /v1/chat/completions"),
    (r"realtime(/.*)?", "Stream POST /v1/chat/completions or POST /v1/responses"),
    (r"responses/input_tokens(/.*)?", "POST /v1/messages/count_tokens counts a prompt"),
    (r"(messages/)?batches(/.*)?", "Send its requests one by one, to the calls that they are for"),
    (r"(responses|conversations|chat/completions|assistants|threads|chatkit)/.*|conversations|assistants|threads|chatkit",
     _STORES_NOTHING),
    (r"(files|uploads|vector_stores|containers)(/.*)?", _IN_MESSAGES),
    (r"(fine_tuning|fine-tunes|evals|graders)(/.*)?", _AT_VENDORS),
    (r"moderations|classifications|edits|search|answers", "Ask a model in POST /v1/chat/completions"),
    (r"rerank", "POST /v1/embeddings makes vectors to compare"),
    (r"complete", "POST /v1/messages completes conversations, and POST /v1/completions texts"),
    (r"generation", "GET /v1/receipts/{id} tells what a request cost: x-farebox-receipt names it"),
    (r"(organizations?|dashboard|usage|activity)(/.*)?", _SPENT),
    (r"models/[^/]+:\w+", "Google's models are asked as all others, in POST /v1/chat/completions"),
    (r"(skills|agents|sessions|environments|videos)(/.*)?", "GET /v1/models lists what can be asked here"),
)  # fmt: skip
# Ollama's own API (https://docs.ollama.com/api), which is next to ours: `/api` is where accounts are managed.
_OLLAMAS: Final = (
    (r"chat|generate", "Ollama's own API is not spoken here: POST /v1/chat/completions, as a client of OpenAI's does"),
    (r"tags|ps|show|version", "GET /v1/models lists the models"),
    (r"embed", "POST /v1/embeddings makes vectors"),
    (
        r"pull|push|create|copy|delete|blobs(/.*)?",
        "No models are kept here: GET /v1/models lists those that can be asked",
    ),
)
_BASE = r"/+(?:(?:v\d+(?:beta|alpha)?|openai|anthropic|api)/+)*"
_OLLAMAS_CALLS: Final = tuple((re.compile(f"/+api/+(?:{call})"), instead) for call, instead in _OLLAMAS)
_CALLS: Final = (
    *_OLLAMAS_CALLS,
    *((re.compile(f"{_BASE}(?:{call})"), instead) for call, instead in _INSTEAD),
)


def instead_of(path: str) -> str | None:
    """What there is instead of a call, as a sentence without its stop; `None` of what is no call that is known."""
    return next((instead for call, instead in _CALLS if call.fullmatch(path.rstrip("/"))), None)


def is_ollamas(path: str) -> bool:
    """Whether it is a call of Ollama's own API."""
    return any(call.fullmatch(path.rstrip("/")) for call, _ in _OLLAMAS_CALLS)
