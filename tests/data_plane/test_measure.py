"""An upstream's count is charged; where there is none, ours, and never more than was held for."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from msgspec.structs import replace

from functions.edge.chat.rendering import RENDERING
from functions.farebox.data_plane.admission import Admitted
from functions.farebox.data_plane.measure import Measured, measure, measure_loss
from functions.farebox.data_plane.request import Request
from functions.farebox.gateway.answers import Loss, Source
from functions.farebox.keys.authentication import Caller
from functions.farebox.leases.pool import Hold
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked
from functions.farebox.request.completions import check_completion
from functions.farebox.request.embeddings import check_embedding
from functions.farebox.request.messages import check_message
from functions.farebox.request.responses import check_response
from functions.farebox.tokens.usage.usage import Usage
from tests.support.calls import checked

HELLO: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
NO_HOLD = cast("Hold", None)


@dataclass
class Answered:
    usage: Usage | None = None
    said: list[str] = field(default_factory=lambda: ["one two three"])
    is_final: bool = True
    media: int = 0
    said_since: "Answered | None" = None

    def texts(self) -> list[str]:
        return self.said

    @property
    def usage_is_final(self) -> bool:
        return self.is_final

    @property
    def served_tier(self) -> str | None:
        return None

    @property
    def answered_model(self) -> str | None:
        return None

    def uncounted_bytes(self) -> int:
        return 0

    def media_tokens(self) -> int:
        return self.media


def asked(body: dict[str, Any] = HELLO) -> Request:
    return Request(Caller("ada", KeyTerms("key-1"), None), checked(body), "r1", RENDERING)


async def counted(answer: Answered, *, cap: int | None = 100, choices: int = 1, prompt_bound: int = 100) -> Measured:
    return await measure(answer, asked(), Admitted(NO_HOLD, cap, prompt_bound, choices * (cap or 0)))


async def test_the_upstreams_word_is_taken() -> None:
    usage = Usage(prompt_tokens=10_000, completion_tokens=1_000_000)
    assert await counted(Answered(usage)) == Measured(usage, "provider")


def of(endpoint: str) -> Request:
    """Two words, in each dialect."""
    bodies: dict[str, Checked] = {
        "chat": check_chat(HELLO),
        "completions": check_completion({"model": "m", "prompt": "Hello you"}),
        "embeddings": check_embedding({"model": "m", "input": ["Hello you"]}),
        "messages": check_message({**HELLO, "max_tokens": 100}),
        "responses": check_response({"model": "m", "input": "Hello you"}),
    }
    return Request(Caller("ada", KeyTerms("key-1"), None), bodies[endpoint], "r1", RENDERING)


@pytest.mark.parametrize("is_final", [True, False])
@pytest.mark.parametrize("endpoint", ["chat", "completions", "embeddings", "messages", "responses"])
async def test_a_prompt_of_more_tokens_than_its_bytes_can_be_is_charged_as_what_it_can_be(
    endpoint: str, is_final: bool
) -> None:
    told = Usage(50_000_000, 7, cached_tokens=10, cache_write_tokens=49_999_990)
    request = of(endpoint)
    measured = await measure(Answered(told, is_final=is_final), request, Admitted(NO_HOLD, 100, 100, 100))
    usage = measured.usage
    assert 2_000_000 < usage.prompt_tokens < 2_100_000
    assert (usage.completion_tokens, usage.cached_tokens) == (7, 10)
    assert usage.cache_write_tokens == usage.prompt_tokens - 10
    assert measured.beyond == told and measured.why_beyond


TOOL = {"type": "function", "function": {"name": "look"}}
SEARCH = {"type": "web_search"}


@pytest.mark.parametrize(
    ("fields", "usage"),
    [
        ({"tools": [TOOL, SEARCH]}, Usage(50_000_000, 7)),  # it reads what it finds
        ({}, Usage(50_000_000, 7, searches=3)),  # as does who searches of its own accord
        ({"chat_template": "{{ messages }}"}, Usage(50_000_000, 7)),
        ({"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_data": "JVBE"}}]}]}, Usage(10**6)),
        ({"messages": [{"role": "user", "content": "many words " * 100_000}]}, Usage(4_000_000)),
        ({"n": 20}, Usage(30_000_000, 7)),
    ],
)
async def test_what_can_be_is_believed_however_much(fields: dict[str, Any], usage: Usage) -> None:
    measured = await measure(Answered(usage), asked({**HELLO, **fields}), Admitted(NO_HOLD, 100, 100, 100))
    assert measured == Measured(usage, "provider")


FILE = {"type": "file", "file": {"file_data": "JVBE"}}
CONTEXT = 128_000
TIMES = 2 * CONTEXT  # that are believed of one look at all that there is


def searching(**fields: Any) -> Checked:
    tool = {"type": "web_search_20250305", "name": "web_search", **fields}
    return check_message({**HELLO, "max_tokens": 100, "tools": [tool]})


@pytest.mark.parametrize(
    ("asked_for", "calls", "most"),
    [
        (check_chat({**HELLO, "tools": [TOOL, SEARCH]}), {}, 101 * TIMES),
        (check_chat({**HELLO, "tools": [TOOL, SEARCH]}), {"searches": 200}, 201 * TIMES),
        (check_chat({**HELLO, "tools": [SEARCH], "n": 2}), {}, 2 * 101 * TIMES),
        (check_chat(HELLO), {"searches": 3}, 101 * TIMES),  # of its own accord
        (check_chat(HELLO), {"calls": (("code_interpreter", 3),)}, 101 * TIMES),
        (searching(), {}, 101 * TIMES),
        (searching(max_uses=3), {}, 14 * TIMES),
        (searching(max_uses=3), {"searches": 40}, 41 * TIMES),
        (check_response({"model": "m", "input": "Hi", "tools": [SEARCH], "max_tool_calls": 5}), {}, 16 * TIMES),
        (check_chat({**HELLO, "messages": [{"role": "user", "content": [FILE]}]}), {}, TIMES),
    ],
)
async def test_a_report_of_more_than_every_call_could_have_read_is_charged_as_what_it_can_be(
    asked_for: Checked, calls: dict[str, Any], most: int
) -> None:
    async def charged(told: int, context: int | None = CONTEXT) -> Measured:
        request, held = Request(Caller("ada", KeyTerms("key-1"), None), asked_for, "r1", RENDERING), 100
        said = Answered(Usage(told, 7, **calls))
        return await measure(said, request, Admitted(NO_HOLD, 100, held, 100), longest_context=lambda: context)

    assert await charged(most) == Measured(Usage(most, 7, **calls), "provider")
    measured = await charged(most + 1)
    assert measured.usage == Usage(most, 7, **calls)
    assert measured.beyond == Usage(most + 1, 7, **calls) and measured.why_beyond
    assert (await charged(99_000_000, None)).beyond is None, "of a model whose context nobody knows"


async def test_no_answer_takes_any_number_of_searches() -> None:
    measured = await counted(Answered(Usage(10, 7, searches=1_000_000)))
    assert measured.usage == Usage(10, 7, searches=1_000)


async def test_what_it_did_not_count_is_counted_choice_by_choice() -> None:
    assert await counted(Answered(said=["one two three", "four"])) == Measured(Usage(8, 4), "counted")


async def test_no_more_is_counted_than_was_held_for() -> None:
    measured = await counted(Answered(said=["one two three", "one two three"]), cap=2, choices=2, prompt_bound=3)
    assert measured.usage == Usage(3, 4)


async def test_media_that_nobody_counted_are_not_charged() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
    body = {**HELLO, "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}, image]}]}
    admitted = Admitted(NO_HOLD, 100, 100_000, 100)
    measured = await measure(Answered(said=[]), asked(body), admitted)
    assert measured.usage.prompt_tokens < 20
    assert measured.source == "estimated"


async def test_an_embedding_has_no_completion() -> None:
    request = asked({"model": "text-embedding-3-small", "input": "Hello"})
    measured = await measure(Answered(), request, Admitted(NO_HOLD, None, 100, 0))
    assert measured.usage.completion_tokens == 0
    assert measured.usage.prompt_tokens > 0


async def test_a_report_that_came_early_makes_nothing_cheaper_that_was_said_since() -> None:
    early = Answered(Usage(prompt_tokens=9, completion_tokens=1), said=["one two three", "four"], is_final=False)
    assert (await counted(early)).usage == Usage(9, 4)


async def test_what_an_early_report_had_counted_is_not_counted_again() -> None:
    said = ["one two three four five six", "seven"]
    for told, since, charged in ((3, ["seven"], 4), (3, [], 3), (1, ["seven"], 7), (9, ["seven"], 9)):
        early = Answered(Usage(9, told), said, is_final=False, said_since=Answered(said=since))
        assert (await counted(early)).usage == Usage(9, charged), "never fewer than a fourth of what came"
    sealed = Answered(Usage(9, 3), said, is_final=False, media=500, said_since=Answered(said=["seven"]))
    assert (await counted(sealed)).usage == Usage(9, 4)


async def test_a_prompt_that_was_not_told_is_counted_and_the_rest_is_the_upstreams_word() -> None:
    told = Usage(completion_tokens=1_000, reasoning_tokens=900, prompt_is_told=False)
    alone = (await counted(Answered(None))).usage.prompt_tokens
    for is_final in (True, False):
        measured = await counted(Answered(told, is_final=is_final))
        assert (measured.usage, measured.source) == (replace(told, prompt_tokens=alone, prompt_is_told=True), "counted")


async def test_a_total_that_may_still_grow_makes_no_prompt_smaller() -> None:
    told = Usage(3, prompt_is_told=False, is_total=True)
    measured = await counted(Answered(told, is_final=False))
    assert (measured.usage.prompt_tokens, measured.usage.completion_tokens) == (8, 3)
    assert (await counted(Answered(told))).usage.prompt_tokens == 3


async def test_of_a_total_alone_the_prompt_is_counted_and_the_rest_was_generated() -> None:
    told = Usage(60, prompt_is_told=False, is_total=True)
    prompt = (await counted(Answered(None))).usage.prompt_tokens
    for is_final in (True, False):
        measured = await counted(Answered(told, is_final=is_final))
        assert measured == Measured(Usage(prompt, 60 - prompt), "counted")
    lost = measure_loss(Loss(cast("Source", None), usage=told), Admitted(NO_HOLD, 100, 100, 100))
    assert lost.usage == Usage(0, 60), "all of it may be what is dearest"


async def test_an_early_report_of_more_than_was_said_is_taken() -> None:
    early = Answered(Usage(prompt_tokens=9, completion_tokens=50), said=["one two three"], is_final=False)
    assert await counted(early) == Measured(Usage(9, 50), "provider")


async def test_media_that_were_generated_are_charged_at_their_bound() -> None:
    assert await counted(Answered(said=["four"], media=20)) == Measured(Usage(8, 21), "estimated")
