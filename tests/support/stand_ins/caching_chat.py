"""A stand-in for chat completions that caches prompts by their prefixes, as OpenAI documents it
(https://platform.openai.com/docs/guides/prompt-caching): from 1,024 tokens on, in steps of 128, without being asked.

    vendor = CachingChat()
    upstream.default = vendor.answer     # of a `StandIn`
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.support.stand_ins.upstream import Received, Reply, completion, stream

BYTES_A_TOKEN = 4
LEAST_CACHED_TOKENS = 1024
STEP_TOKENS = 128
# nano-USD per token
RATES = {"input": 2500, "cached": 250, "output": 10_000}
PRICE = {
    "input_usd_per_1m": "2.5",
    "cached_input_usd_per_1m": "0.25",
    "output_usd_per_1m": "10",
    "context_tokens": 200_000,
    "max_output_tokens": 64_000,
}


@dataclass
class CachingChat:
    """It. Each request's prompt is in `prompts`, its usage in `usages`, what it comes to in `bill`, in nano-USD."""

    output_tokens: int = 12
    prompts: list[bytes] = field(default_factory=list)
    usages: list[dict[str, Any]] = field(default_factory=list)
    bill: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, received: Received) -> Reply:
        """Answer one request."""
        body = received.json
        self.bodies.append(body)
        # Tools come first in what a model reads. What follows a conversation continues its text.
        prompt = orjson.dumps(body.get("tools")) + b"".join(map(orjson.dumps, body["messages"]))
        tokens = -(-len(prompt) // BYTES_A_TOKEN)
        shared = max((_shared(prompt, known) for known in self.prompts), default=0) // BYTES_A_TOKEN
        cached = shared // STEP_TOKENS * STEP_TOKENS if shared >= LEAST_CACHED_TOKENS else 0
        self.prompts.append(prompt)
        usage = {
            "prompt_tokens": tokens,
            "completion_tokens": self.output_tokens,
            "total_tokens": tokens + self.output_tokens,
            "prompt_tokens_details": {"cached_tokens": cached},
        }
        self.usages.append(usage)
        self.bill.append(
            (tokens - cached) * RATES["input"] + cached * RATES["cached"] + self.output_tokens * RATES["output"]
        )
        return stream(usage=usage) if body.get("stream") else completion(usage=usage)


def _shared(one: bytes, other: bytes) -> int:
    """How many bytes they have in common at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))
