"""Names of models as their vendors write them, and which of them may mean one model.

What a name is made of, by whose names have it: `gpt-4o-2024-08-06`, `ft:gpt-4o:acme::id` (OpenAI), `gemma3:27b-it-q8_0`
(Ollama), `org/name:free` (OpenRouter), `org/name:provider` (Hugging Face), `@cf/meta/llama` (Cloudflare),
`us.anthropic.claude-x-v1:0` (Bedrock), `claude-x@20251101` (Vertex), `accounts/fireworks/models/x`, `command-r+`.
"""

import re
from collections.abc import Iterator

MAX_NAME = 200

_SEGMENT = r"@?[A-Za-z0-9](?:(?:[._+-]+|::?|@)?[A-Za-z0-9])*\+?"
_PLAIN = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
# Buys a search or a memory, or names a set of parameters that is kept elsewhere.
_STEERING = re.compile(r"(?::(?:online|search|web|memory)|@preset)(?![a-z0-9])", re.IGNORECASE)

_PRECISION = r"fp4|fp8|fp16|bf16|nvfp4|mxfp4|int4|int8|[48]bit|awq|gptq|gguf|q\d(?:_[a-z0-9]+)*"
# Bedrock's: regions, and vendors (https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html).
_REGION = "us-gov|us|eu|apac|global|jp|au|ca|sa|uk|in|me|af"
_VENDOR = (
    "ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen"
    "|stability|twelvelabs|writer|xai|zai"
)
PROVIDER = rf"(?:(?:{_REGION})\.(?:(?:{_VENDOR})\.)?|(?:{_VENDOR})\.)(?=[a-z])(?!{_PRECISION})"
# What stands before a name and says only where it is served. It begins a name or follows a slash.
_PLACE = re.compile(
    r"(?:(?<=/)|\A)(?:(?:(?:projects|locations|publishers|accounts)/[^/]+/)*models/"
    rf"|ft:|{PROVIDER})"
)
_DATE = r"\d{4}-\d{2}-\d{2}|\d{2}-\d{4}|\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|\d{3}"
SNAPSHOT = rf"[-@](?:{_DATE})(?:-v\d)?"  # how a name says of which day a model is
# What stands behind it. A size after a colon makes a model of its own: `gemma3:27b`.
_VARIANT = re.compile(
    rf"(?:{SNAPSHOT}|-v\d+:\d+|[-_.](?:latest|preview|exp|beta|{_PRECISION})"
    r"|:(?!e?\d+(?:\.\d+)?[bm](?![a-z]))[^/:@]*|@[^/@]*)++\Z"
)
_SEPARATOR = re.compile(r"[-:@/_+]")


def is_plain(name: str) -> bool:
    """Whether a name is made as vendors make theirs and steers nothing: no blank, `~`, `%20` or empty part, and no
    variant that buys what the model alone does not (`:online`, `@preset/x`)."""
    return len(name) <= MAX_NAME and _PLAIN.fullmatch(name) is not None and _STEERING.search(name) is None


def fold(name: str) -> str:
    """A name in lower case, without what says only where it is served: `accounts/x/models/`, `us.anthropic.`, `ft:`."""
    return _PLACE.sub("", name.lower())


def stem(folded: str) -> str:
    """A folded name without its variant: a snapshot's date, `-latest`, `-preview`, a precision, `:free`, `@001`."""
    return _VARIANT.sub("", folded) or folded


def beginnings(folded: str) -> Iterator[str]:
    """A folded name, and each part of it that ends before a separator, the longest first. A point is none, since
    `gpt-4.1` is no `gpt-4`."""
    yield folded
    for end in reversed([found.start() for found in _SEPARATOR.finditer(folded)]):
        yield folded[:end]
