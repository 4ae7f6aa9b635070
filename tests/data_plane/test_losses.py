"""Upstream cost = charges + recorded losses: what was sent and came to nothing, and what an answer does not tell, is in
the books up to what was held for, and is not the client's."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from functions.edge.chat.receipt import receipt
from functions.farebox.data_plane.reply import PaidAnswer
from functions.farebox.data_plane.stream import PaidStream
from functions.farebox.errors import UpstreamFailed, UpstreamTimeout
from functions.farebox.gateway.answers import Answer, Loss, PlainAnswer, RejectedAnswer, StreamAnswer
from functions.farebox.gateway.stream import transcript
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event
from functions.farebox.gateway.trail import Attempt
from functions.farebox.gateway.transport import ConnectionLost
from functions.farebox.storage import Data
from functions.farebox.tokens.usage.places import usage_in
from functions.farebox.tokens.usage.usage import Usage
from functions.farebox.usage.aggregates import upstream_counter
from functions.farebox.usage.receipts import Receipted
from functions.farebox.usage.record import UsageRecord
from tests.data_plane.test_drain import NANOS, ROLE, THINKING, Slow
from tests.data_plane.test_inference import COST, Chunks, Plane, plane, said, source, streaming
from tests.support.fixtures.lease_pools import instance, wallet

__all__ = ["instance", "plane", "wallet"]

WORDS = "one two three four five six seven eight nine ten"  # as many tokens


def failed(upstream: str = "up", *, may_be_billed: bool = True) -> Attempt:
    return Attempt(upstream, "m", "timeout", None, 0, 5, "no answer in time", "m", may_be_billed)


def after(answer: Answer, *attempts: Attempt) -> Answer:
    answer.source = replace(answer.source, attempts=(*attempts, *answer.source.attempts))
    return answer


def completion(text: str = "Hello", **fields: Any) -> PlainAnswer:
    payload = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}], **fields}
    return PlainAnswer(source(), orjson.dumps(payload), payload, usage_in(payload))


async def asked(plane: Plane, answer: Answer, **fields: Any) -> Data:
    """The record of a request that is answered so."""
    plane.upstreams.answer = lambda: answer
    reply = await plane.inference.serve(plane.request(stream=isinstance(answer, StreamAnswer), **fields))
    if isinstance(reply, PaidStream):
        assert [block async for block in reply.blocks()]
    return await plane.record()


async def refused(plane: Plane, *attempts: Attempt) -> Data:
    """The record of one that nobody answers."""

    def fail() -> Answer:
        error = UpstreamTimeout("It did not answer in time.")
        error.attempts = attempts
        raise error

    plane.upstreams.answer = fail
    with pytest.raises(UpstreamFailed):
        await plane.inference.serve(plane.request())
    return await plane.record()


async def test_an_attempt_that_may_be_billed_is_a_loss_of_what_was_held_for_it(plane: Plane) -> None:
    record = await refused(plane, failed("a"), failed("b", may_be_billed=False), failed("a"))
    assert (record["status"], record["charged"], record["cost"], record["shortfall"]) == ("error", 0, 0, 0)
    assert [attempt.get("lost") for attempt in record["attempts"]] == [record["held"], None, record["held"]]
    assert record["lost"] == 2 * record["held"] > 50 * NANOS


async def test_an_attempt_that_told_its_usage_is_a_loss_of_what_that_comes_to(plane: Plane) -> None:
    told = replace(failed("a"), usage=Usage(prompt_tokens=10, completion_tokens=2))
    record = await refused(plane, told, failed("b"))
    assert [attempt["lost"] for attempt in record["attempts"]] == [COST, record["held"]]
    assert (record["charged"], record["lost"]) == (0, COST + record["held"])


@pytest.mark.parametrize(
    "failure",
    [{"error": {"code": 502}}, {"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]}],
)
async def test_a_stream_that_breaks_and_tells_its_usage_is_charged_by_that(
    plane: Plane, failure: dict[str, Any]
) -> None:
    error = data_event({"id": "c1", **failure, "usage": {"prompt_tokens": 10, "completion_tokens": 2}})
    record = await asked(plane, streaming(Chunks(said("lo"), error + DONE_EVENT))())
    assert (record["status"], record["usage_source"]) == ("error", "provider")
    assert (record["charged"], record["cost"], record.get("lost", 0)) == (COST, COST, 0)


@pytest.mark.parametrize("stream", [False, True])
async def test_an_attempt_that_was_lost_stays_one_when_somebody_else_answers(plane: Plane, stream: bool) -> None:
    answer: Answer = completion(usage={"prompt_tokens": 10, "completion_tokens": 2})
    if stream:
        report = data_event({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 2}})
        answer = streaming(Chunks(said("lo", "stop"), report + DONE_EVENT))()
    record = await asked(plane, after(answer, failed("a")))
    assert (record["status"], record["charged"], record["cost"], record["shortfall"]) == ("ok", COST, COST, 0)
    assert [attempt.get("lost") for attempt in record["attempts"]] == [record["held"], None]
    assert (record["lost"], record.get("lost_why")) == (record["held"], None)
    shown = receipt(Receipted("use_1", UsageRecord.from_data(record)))
    assert [attempt["upstream"] for attempt in shown["attempts"]] == ["a", "up"]
    assert "lost" not in {name for attempt in shown["attempts"] for name in attempt}, "what it cost us is not told"
    await plane.inference._leases.close()
    [day] = await plane.days()
    assert day["shortfall"] == day[upstream_counter("shortfall", "a")] == record["held"]
    assert day["list_cost"] == COST + record["held"]


async def test_an_attempt_that_was_lost_stays_one_when_somebody_else_refuses(plane: Plane) -> None:
    record = await asked(plane, after(RejectedAnswer(source(), b"{}", 400), failed("a")))
    assert (record["charged"], record["lost"]) == (0, record["held"])


async def test_an_answer_without_losses_says_nothing_of_them(plane: Plane) -> None:
    record = await asked(plane, completion(usage={"prompt_tokens": 10, "completion_tokens": 2}))
    assert {"lost", "lost_why"}.isdisjoint(record)
    assert record["extended"] == 0


async def test_more_text_than_could_be_asked_for_is_lost_where_nobody_counted_it(plane: Plane) -> None:
    record = await asked(plane, completion("word " * 500))
    assert 0 < record["charged"] <= record["held"]
    assert record["lost"] > 0
    assert record["lost_why"] == "more came than was asked for"


async def test_what_is_taken_beyond_the_hold_is_stored(plane: Plane) -> None:
    record = await asked(plane, completion(usage={"prompt_tokens": 10, "completion_tokens": 900}))
    assert record["charged"] == 910 * NANOS == record["held"] + record["extended"]


async def test_a_paid_answer_that_reported_nothing_is_lost_up_to_what_was_held_for(plane: Plane) -> None:
    def fail() -> Answer:
        error = UpstreamFailed("It failed.")
        error.loss = Loss(source(), None, 20, "the answer is too long")
        raise error

    plane.upstreams.answer = fail
    with pytest.raises(UpstreamFailed):
        await plane.inference.serve(plane.request())
    record = await plane.record()
    assert record["shortfall"] + record["lost"] == record["held"] > record["shortfall"]
    assert record["lost_why"] == "the answer is too long"


async def test_a_call_that_fails_of_itself_after_it_was_sent_is_a_loss(plane: Plane) -> None:
    def fail() -> Answer:
        raise RuntimeError("a mistake of ours")

    slow = Slow(plane, 0.01, fail, is_graceful=False)
    plane.inference._gateway = slow  # type: ignore[assignment]
    with pytest.raises(RuntimeError):
        await plane.inference.serve(plane.request())
    record = await plane.record()
    assert (record["status"], record["charged"]) == ("error", 0)
    assert record["shortfall"] + record["lost"] == record["held"]


class Breaks(Chunks):
    async def read(self) -> bytes:
        if not self._chunks:
            raise ConnectionLost("the connection broke")
        return await super().read()


@pytest.mark.parametrize(
    "incoming",
    [lambda: Chunks(said("lo")), lambda: Breaks(said("lo")), lambda: Chunks(said("lo"), b"data: " + b"x" * 2000)],
    ids=["it ended early", "it broke", "an event was too large"],
)
async def test_a_stream_that_breaks_off_may_have_gone_on_up_to_what_was_held_for(
    plane: Plane, incoming: Callable[[], Chunks]
) -> None:
    inspector = StreamInspector(max_event_bytes=1000)
    record = await asked(plane, StreamAnswer(source(), incoming(), inspector, inspector.feed(said("Hel"))))
    assert (record["status"], record["shortfall"]) == ("error", 0)
    assert 0 < record["charged"] < record["held"]
    assert record["charged"] + record["lost"] == record["held"]
    assert record["lost_why"] == "it broke off, and may have gone on"


async def test_a_stream_whose_upstream_says_that_it_failed_has_done_no_more_than_it_said(plane: Plane) -> None:
    record = await asked(plane, streaming(Chunks(data_event({"error": {"message": "It failed."}})))())
    assert record["status"] == "error"
    assert record["charged"] > 0
    assert "lost" not in record


@pytest.mark.parametrize("kind", [Chunks, Breaks], ids=["ended", "broke"])
async def test_a_stream_that_finished_without_its_report_may_have_been_thought_about(
    plane: Plane, kind: type[Chunks]
) -> None:
    record = await asked(plane, streaming(kind(said("lo", "stop")))(), **THINKING)
    assert (record["status"], record["shortfall"]) == ("ok", 0)
    assert record["charged"] + record["lost"] == record["held"]
    assert record["lost_why"] == "what was done unseen was never told"


@pytest.mark.parametrize("fields", [{}, THINKING])
async def test_a_whole_answer_without_a_report_is_lost_only_where_it_may_have_been_thought_about(
    plane: Plane, fields: dict[str, Any]
) -> None:
    record = await asked(plane, completion("Hello"), **fields)
    assert record["charged"] > 0
    assert ("lost" in record) == bool(fields)
    assert not fields or record["charged"] + record["lost"] == record["held"]


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_says_and_reports_nothing_may_have_cost_what_was_held_for(
    plane: Plane, stream: bool
) -> None:
    silent: Answer = streaming(Chunks(DONE_EVENT), ROLE)() if stream else completion("")
    record = await asked(plane, silent)
    assert record["charged"] + record["lost"] == record["held"]


def reporting(stream: bool, text: str, usage: dict[str, Any]) -> Answer:
    if not stream:
        return completion(text, usage=usage)
    pieces = [said(word) for word in text.split(" ")]
    return streaming(Chunks(*pieces, said("", "stop"), data_event({"choices": [], "usage": usage}) + DONE_EVENT))()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("told", [0, 1, 2])
async def test_a_report_of_less_than_what_came_is_charged_as_it_is_and_the_rest_is_lost(
    plane: Plane, caplog: pytest.LogCaptureFixture, told: int, stream: bool
) -> None:
    text = " ".join([WORDS] * 3)
    record = await asked(plane, reporting(stream, text, {"prompt_tokens": 10, "completion_tokens": told}))
    assert record["usage_source"] == "provider"
    assert record["charged"] == record["cost"] == (10 + told) * NANOS
    assert (28 - told) * NANOS <= record["lost"] <= (45 - told) * NANOS
    assert record["lost_why"] == "its report tells of less than what was sent or came"
    assert "its report tells of less" in caplog.text


@pytest.mark.parametrize("chars", [4, 60])
async def test_a_text_that_comes_in_one_piece_longer_than_can_be_counted_is_doubted_as_any_other(
    plane: Plane, monkeypatch: pytest.MonkeyPatch, chars: int
) -> None:
    monkeypatch.setattr(transcript, "MAX_COUNTED_CHARS", chars)
    piece = " ".join([WORDS] * 3)
    report = data_event({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 0}})
    record = await asked(plane, streaming(Chunks(said(piece), said("", "stop"), report + DONE_EVENT))())
    assert record["charged"] == 10 * NANOS
    assert record["lost"] > 28 * NANOS
    assert record["lost_why"] == "its report tells of less than what was sent or came"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_report_within_what_vocabularies_differ_by_is_believed(plane: Plane, stream: bool) -> None:
    record = await asked(plane, reporting(stream, WORDS, {"prompt_tokens": 10, "completion_tokens": 4}))
    assert record["charged"] == 14 * NANOS
    assert "lost" not in record


async def test_a_report_of_a_smaller_prompt_than_was_sent_is_charged_as_it_is_and_the_rest_is_lost(
    plane: Plane,
) -> None:
    long = [{"role": "user", "content": "many words " * 1_000}]
    record = await asked(plane, completion("Hi", usage={"prompt_tokens": 3, "completion_tokens": 1}), messages=long)
    assert record["charged"] == 4 * NANOS
    assert 1_900 * NANOS < record["lost"] < 2_100 * NANOS


async def test_a_report_of_a_smaller_prompt_is_doubted_where_the_prompt_was_counted_too(plane: Plane) -> None:
    """Where the money was short, what is held for a prompt is its tokens, and no longer its bytes."""
    long = [{"role": "user", "content": "many words " * 50}]
    plane.upstreams.answer = lambda: completion("Hi", usage={"prompt_tokens": 15, "completion_tokens": 1})
    counted = await plane.inference.serve(plane.request(messages=long, max_tokens=10**6))
    assert isinstance(counted, PaidAnswer)
    record = await plane.record()
    assert record["held"] < 10**6 * NANOS, "its cap is what the money allowed"
    assert 80 * NANOS < record["lost"] < 110 * NANOS


@pytest.mark.parametrize("told", [1, 9])
async def test_a_report_of_less_than_came_in_few_large_events_is_doubted_as_any_other(plane: Plane, told: int) -> None:
    text = " ".join([WORDS] * 40)
    report = data_event({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": told}})
    record = await asked(plane, streaming(Chunks(said(text), said("", "stop"), report + DONE_EVENT))())
    assert record["charged"] == (10 + told) * NANOS
    assert record["lost"] >= (400 - told) * NANOS


async def test_a_prompt_of_nothing_from_which_something_was_generated_is_counted(plane: Plane) -> None:
    long = [{"role": "user", "content": "many words " * 1_000}]
    record = await asked(plane, completion("Hi", usage={"prompt_tokens": 0, "completion_tokens": 1}), messages=long)
    assert 1_900 * NANOS < record["charged"] < 2_100 * NANOS
    assert "lost" not in record


@pytest.mark.parametrize("stream", [False, True])
async def test_a_report_of_more_than_can_have_been_read_is_charged_as_what_can_be_and_the_rest_is_lost(
    plane: Plane, caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    record = await asked(plane, reporting(stream, "Hello", {"prompt_tokens": 50_000_000, "completion_tokens": 1}))
    assert record["usage_source"] == "provider"
    assert record["charged"] + record.get("shortfall", 0) < 2_100_000 * NANOS
    assert record["charged"] + record.get("shortfall", 0) + record["lost"] == 50_000_001 * NANOS
    assert record["tokens"]["prompt"] < 2_100_000
    assert "it can have read" in caplog.text


async def test_a_search_without_a_price_is_lost_up_to_what_was_held_for_and_told(
    plane: Plane, caplog: pytest.LogCaptureFixture
) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "server_tool_use": {"web_search_requests": 1}}
    record = await asked(plane, completion(usage=usage))
    assert record["charged"] == COST
    assert record["charged"] + record["lost"] == record["held"]
    assert "it searched, and there is no price for that" in caplog.text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("cost", "lost"), [(0.001, 1_000_000 - COST), (0.00012, 0), (0.00001, 0)])
async def test_a_cost_of_its_own_above_the_bill_is_lost(plane: Plane, stream: bool, cost: float, lost: int) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "cost": cost}
    record = await asked(plane, reporting(stream, "Hello", usage))
    assert (record["charged"], record["cost"], record.get("lost", 0)) == (COST, COST, lost)


async def test_what_the_cache_answers_costs_no_upstream_anything(plane: Plane) -> None:
    answer = completion("")
    answer.source = replace(answer.source, cache="hit", cached_share_bp=5_000)
    assert "lost" not in await asked(plane, answer, **THINKING)
