"""An upstream's count is charged; where there is none, ours, and never more than was held for."""

from dataclasses import dataclass, field
from typing import Any, cast

from functions.edge.chat.rendering import RENDERING
from functions.farebox.data_plane.admission import Admitted
from functions.farebox.data_plane.measure import Measured, measure
from functions.farebox.data_plane.request import Request
from functions.farebox.gateway.call import Path
from functions.farebox.keys.authentication import Caller
from functions.farebox.leases.pool import Hold
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.tokens.usage import Usage

HELLO: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
NO_HOLD = cast("Hold", None)


@dataclass
class Answered:
    usage: Usage | None = None
    said: list[str] = field(default_factory=lambda: ["one two three"])

    def texts(self) -> list[str]:
        return self.said


def asked(body: dict[str, Any] = HELLO, path: Path = "/chat/completions") -> Request:
    return Request(Caller("ada", KeyTerms("key-1"), None), path, body, b"{}", "r1", RENDERING)


async def counted(answer: Answered, *, cap: int | None = 100, choices: int = 1, prompt_bound: int = 100) -> Measured:
    return await measure(answer, asked(), Admitted(NO_HOLD, cap, choices, prompt_bound))


async def test_the_upstreams_word_is_taken() -> None:
    usage = Usage(prompt_tokens=1_000_000, completion_tokens=7)
    assert await counted(Answered(usage)) == Measured(usage, "provider")


async def test_what_it_did_not_count_is_counted_choice_by_choice() -> None:
    assert await counted(Answered(said=["one two three", "four"])) == Measured(Usage(8, 4), "counted")


async def test_no_more_is_counted_than_was_held_for() -> None:
    measured = await counted(Answered(said=["one two three", "one two three"]), cap=2, choices=2, prompt_bound=3)
    assert measured.usage == Usage(3, 4)


async def test_media_that_nobody_counted_are_not_charged() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
    body = {**HELLO, "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}, image]}]}
    admitted = Admitted(NO_HOLD, 100, 1, 100_000)
    measured = await measure(Answered(said=[]), asked(body), admitted)
    assert measured.usage.prompt_tokens < 20
    assert measured.source == "estimated"


async def test_an_embedding_has_no_completion() -> None:
    request = asked({"model": "text-embedding-3-small", "input": "Hello"}, "/embeddings")
    measured = await measure(Answered(), request, Admitted(NO_HOLD, None, 1, 100))
    assert measured.usage.completion_tokens == 0
    assert measured.usage.prompt_tokens > 0
