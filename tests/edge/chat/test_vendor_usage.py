"""What vendors report is charged to the nano-USD, through the whole product: whole answers, streams, broken streams."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.kit.money import parse_usd
from functions.farebox.storage import Data, Store
from tests.support.money.customers import open_customer
from tests.support.money.wallet_books import books_of
from tests.support.processes import ROOT
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import Break, Reply, StandIn, Step, completion, json_reply

MODEL, SEARCHING = "m", "quick"
PRICE = {
    "input_usd_per_1m": "1",
    "cached_input_usd_per_1m": "0.1",
    "cache_write_usd_per_1m": "1.25",
    "output_usd_per_1m": "10",
    "context_tokens": 100_000,
    "max_output_tokens": 4_096,
}
ABOUT_USAGE = {
    "charged_usd", "charged_usd_between", "billed_completion_tokens", "usage_source", "no_usage_to_client",
    "usage_chunks_to_client",
}  # fmt: skip
CASES: dict[str, Any] = {
    name: case
    for name, case in orjson.loads((ROOT / "tests/gateway/data/upstream_answers.json").read_bytes()).items()
    if ABOUT_USAGE & case["want"].keys()
}
HI: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    upstreams = orjson.dumps([upstream.entry("up", MODEL, SEARCHING)]).decode()
    pricing = {MODEL: PRICE, SEARCHING: {**PRICE, "search_usd": "0.01"}}
    async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=upstreams) as instance:
        yield instance


def reply_of(case: dict[str, Any]) -> Reply:
    """The upstream's answer. A client that hangs up is, for the books, a stream that ends there."""
    answer = case["answer"]
    if "body" in answer:
        return Reply(answer["status"], answer["headers"], [answer["body"].encode()])
    events = []
    for event in answer["events"]:
        events += [event] if isinstance(event, str) else [event["event"]] * event["times"]
    steps: list[Step] = [event.encode() for event in events]
    if "hang_up_after_events" in case["want"]:
        steps = [*steps[: case["want"]["hang_up_after_events"]], Break()]
    return Reply(answer["status"], answer["headers"], steps)


def chunks_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """The chunks of a stream."""
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: {")]
    return [orjson.loads(line) for line in lines]


async def charged(
    store: Store, instance: Instance, upstream: StandIn, request: dict[str, Any], reply: Reply
) -> tuple[httpx.Response, Data]:
    """The answer to a request, and its record."""
    customer = await open_customer(store, "10")
    upstream.script(reply)
    path = "/v1/embeddings" if "input" in request else "/v1/chat/completions"
    answer = await instance.client.post(path, headers=customer.bearer, json=request)
    assert answer.status_code == 200, answer.text
    [record] = (await books_of(store, customer.uid)).records
    return answer, record


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_a_case_is_charged_as_it_should_be(
    sqlite_store: Store, instance: Instance, upstream: StandIn, case: dict[str, Any]
) -> None:
    want = case["want"]
    answer, record = await charged(sqlite_store, instance, upstream, case["request"], reply_of(case))
    if "charged_usd" in want:
        assert record["charged"] == parse_usd(want["charged_usd"])
    if "charged_usd_between" in want:
        least, most = map(parse_usd, want["charged_usd_between"])
        assert least <= record["charged"] <= most
    if "billed_completion_tokens" in want:
        assert record["tokens"]["completion"] == want["billed_completion_tokens"]
    if "usage_source" in want:
        assert record["usage_source"] == want["usage_source"]
    if "no_usage_to_client" in want:
        assert '"usage"' not in answer.text
    if "usage_chunks_to_client" in want:
        told = [chunk for chunk in chunks_of(answer) if chunk.get("usage")]
        assert len(told) == want["usage_chunks_to_client"]
        assert told[-1] == chunks_of(answer)[-1]
        assert told[-1]["choices"] == []


REPORT = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}


def chunk(finish_reason: str | None = None, content: str = "word ", **fields: Any) -> dict[str, Any]:
    """A chunk of a stream."""
    delta = {} if finish_reason else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice], **fields}


def in_choice(report: dict[str, Any]) -> dict[str, Any]:
    """The last chunk with the report in its choice, as Moonshot sends it."""
    last = chunk("stop")
    return {**last, "choices": [{**last["choices"][0], "usage": report}]}


def streamed(*chunks: dict[str, Any], is_broken: bool = False) -> Reply:
    """A stream of these chunks."""
    steps: list[Step] = [b"data: " + orjson.dumps(one) + b"\n\n" for one in chunks]
    return Reply(200, {"content-type": "text/event-stream"}, [*steps, Break() if is_broken else b"data: [DONE]\n\n"])


STREAMS: dict[str, Reply] = {
    "on the finish and again at the end": streamed(
        chunk(), chunk("stop", usage=REPORT), {**chunk(), "choices": [], "usage": REPORT}
    ),
    "in every chunk": streamed(
        chunk(usage={"prompt_tokens": 1000, "completion_tokens": 1, "total_tokens": 1001}), chunk("stop", usage=REPORT)
    ),
    "zero, then real": streamed(chunk(usage=dict.fromkeys(REPORT, 0)), chunk("stop", usage=REPORT)),
    "in a choice": streamed(chunk(), in_choice(REPORT)),
    "in two places": streamed(chunk(), chunk("stop", usage=REPORT, x_groq={"usage": REPORT})),
    "floats": streamed(chunk(), chunk("stop", usage={name: float(count) for name, count in REPORT.items()})),
    "words": streamed(chunk(), chunk("stop", usage={name: str(count) for name, count in REPORT.items()})),
    "Anthropic's, its counts growing": streamed(
        chunk(usage={"input_tokens": 1000, "output_tokens": 1}),
        chunk("stop", usage={"output_tokens": 60}),
        {**chunk(), "choices": [], "usage": {"output_tokens": 100}},
    ),
    "Google's": streamed(chunk(), chunk("stop", usageMetadata={"promptTokenCount": 1000, "candidatesTokenCount": 100})),
}


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("reply", STREAMS.values(), ids=STREAMS)
async def test_a_stream_tells_its_usage_once_and_last_to_who_asked(
    sqlite_store: Store, instance: Instance, upstream: StandIn, reply: Reply, asked: bool
) -> None:
    request = {**HI, "stream": True, "stream_options": {"include_usage": asked}}
    answer, record = await charged(sqlite_store, instance, upstream, request, reply)
    assert (record["charged"], record["usage_source"]) == (parse_usd("0.002"), "provider")
    told = [chunk for chunk in chunks_of(answer) if "usage" in chunk]
    assert answer.text.count('"usage') == len(told) == asked
    if asked:
        assert told == chunks_of(answer)[-1:]
        assert (told[0]["usage"], told[0]["choices"]) == (REPORT, [])


async def test_a_broken_stream_that_reported_more_than_it_relayed_is_charged_what_it_reported(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    reply = streamed(chunk(usage=REPORT), chunk(), is_broken=True)
    _, record = await charged(sqlite_store, instance, upstream, {**HI, "stream": True}, reply)
    assert (record["charged"], record["usage_source"]) == (parse_usd("0.002"), "provider")


def of(completion: int) -> dict[str, Any]:
    """A report of a completion of so many tokens."""
    return {"usage": {"prompt_tokens": 1000, "completion_tokens": completion, "total_tokens": 1000 + completion}}


LONG = [chunk(content="lorem ipsum dolor sit amet ") for _ in range(20)]
EARLY: dict[str, list[dict[str, Any]]] = {
    "nothing yet": [chunk(content="", **of(0)), *LONG, chunk("stop")],
    "the first token": [chunk(**of(1)), *LONG, chunk("stop")],
    "half": [*[chunk(**of(n)) for n in (1, 2, 3)], *LONG, chunk("stop")],
    "more than is looked through": [chunk(**of(1)), chunk(content="lorem ipsum " * 8_000), *LONG, chunk("stop")],
}


@pytest.mark.parametrize("chunks", EARLY.values(), ids=EARLY)
async def test_what_was_said_after_the_last_report_is_charged_by_its_count(
    sqlite_store: Store, instance: Instance, upstream: StandIn, chunks: list[dict[str, Any]]
) -> None:
    asked = {**HI, "stream": True, "stream_options": {"include_usage": True}}
    bare = [{name: value for name, value in one.items() if name != "usage"} for one in chunks]
    _, counted = await charged(sqlite_store, instance, upstream, asked, streamed(*bare))
    answer, record = await charged(sqlite_store, instance, upstream, asked, streamed(*chunks))
    assert record["tokens"] == counted["tokens"] | {"prompt": 1000}
    assert record["charged"] == 1_000_000 + counted["tokens"]["completion"] * 10_000
    assert chunks_of(answer)[-1]["usage"]["completion_tokens"] == counted["tokens"]["completion"]


async def test_a_report_that_comes_before_the_last_word_stands_where_it_tells_of_more(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    for after in ([chunk()], [chunk("stop")], [chunk("stop", citations=["https://example.com"])]):
        reply = streamed(chunk(), chunk(**of(100)), *after)
        _, record = await charged(sqlite_store, instance, upstream, {**HI, "stream": True}, reply)
        assert (record["charged"], record["usage_source"]) == (parse_usd("0.002"), "provider")


async def test_what_was_said_after_the_last_report_is_added_to_what_that_had_counted(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    """A vendor whose tokens are longer than those that are counted here, and that tells with each delta but the last
    what they come to so far."""
    sealed = {"reasoning_details": [{"type": "reasoning.encrypted", "data": "A" * 4_000}]}
    thought = {**chunk(), "choices": [{"index": 0, "delta": sealed, "finish_reason": None}]}
    told = [{**each, **of(3 * n)} for n, each in enumerate(LONG, 1)]
    for before in ([], [thought]):
        reply = streamed(*before, *told, chunk(content="yes"), chunk("stop"))
        _, record = await charged(sqlite_store, instance, upstream, {**HI, "stream": True}, reply)
        assert record["tokens"]["completion"] == 61
        assert record["charged"] == 1_000_000 + 61 * 10_000


async def test_a_message_that_repeats_a_stream_after_its_report_says_nothing_new(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    words = "".join(each["choices"][0]["delta"]["content"] for each in LONG)
    whole = {"choices": [{"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}]}
    reply = streamed(*LONG, chunk("stop", **of(60)), whole)
    _, record = await charged(sqlite_store, instance, upstream, {**HI, "stream": True}, reply)
    assert (record["tokens"]["completion"], record["usage_source"]) == (60, "provider")


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize(("model", "searches"), [("gemini-2.5-flash", 1), ("gemini-3-pro", 2)])
async def test_what_a_stream_was_grounded_in_is_charged_once_also_where_it_came_in_place_of_a_whole_answer(
    sqlite_store: Store, instance: Instance, upstream: StandIn, model: str, searches: int, *, is_streamed: bool
) -> None:
    said = {"content": "word ", "grounding_metadata": {"webSearchQueries": ["a", "b"]}}
    told = {"model": model, "choices": [{"index": 0, "delta": said, "finish_reason": None}]}
    reply = streamed({**chunk(), **told}, {**chunk(), **told}, {**chunk("stop"), "model": model, **of(100)})
    request = {**HI, "model": SEARCHING, "stream": is_streamed}
    _, record = await charged(sqlite_store, instance, upstream, request, reply)
    assert record["charged"] == parse_usd("0.002") + searches * parse_usd("0.01")


async def test_a_report_in_a_choice_of_a_whole_answer_is_no_estimate(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    body = orjson.loads(b"".join(step for step in completion(usage=None).steps if isinstance(step, bytes)))
    body["choices"][0]["usage"] = REPORT
    reply = Reply(200, {"content-type": "application/json"}, [orjson.dumps(body)])
    _, record = await charged(sqlite_store, instance, upstream, HI, reply)
    assert (record["charged"], record["usage_source"]) == (parse_usd("0.002"), "provider")


async def test_sound_that_nobody_counted_is_charged_by_its_bytes(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    said = chunk()
    said["choices"][0]["delta"] = {"audio": {"data": "A" * 40_000}}  # 30,000 bytes
    reply = streamed(said, chunk("stop"))
    _, record = await charged(sqlite_store, instance, upstream, {**HI, "stream": True}, reply)
    assert (record["tokens"]["completion"], record["usage_source"]) == (600, "estimated")


HALVES: list[dict[str, Any]] = [
    {"usage": {"completion_tokens": 2}},
    {"usage": {"prompt_tokens": None, "completion_tokens": 2, "total_tokens": None}},
    {"usage": {"prompt_tokens": "lots", "completion_tokens": 2}},
    {"usage": {"prompt_tokens": -1, "completion_tokens": 2, "total_tokens": 1}},
    {"usage": {"prompt_tokens": 200_000_001, "completion_tokens": 2}},
    {"usage": {"completion_tokens": 2, "total_tokens": 2}},
    {"usage": {"output_tokens": 2}},
    {"usage": {"completionTokens": 2}},
    {"usage": {"billed_units": {"output_tokens": 2}}},
    {"usageMetadata": {"candidatesTokenCount": 2}},
    {"eval_count": 2},
]


def telling(told: dict[str, Any], *, stream: bool) -> Reply:
    """A short answer that says this of what was used."""
    if stream:
        return streamed(chunk(), chunk("stop"), {**chunk(), "choices": [], **told})
    said = {"index": 0, "message": {"role": "assistant", "content": "word "}, "finish_reason": "stop"}
    return json_reply({**chunk(), "object": "chat.completion", "choices": [said], **told})


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_of_a_total_alone_what_is_no_prompt_was_generated_and_no_token_is_free(
    sqlite_store: Store, instance: Instance, upstream: StandIn, stream: bool
) -> None:
    for total in (1, 9, 700):
        request = {**HI, "stream": True, "stream_options": {"include_usage": True}} if stream else HI
        reply = telling({"usage": {"total_tokens": total}}, stream=stream)
        answer, record = await charged(sqlite_store, instance, upstream, request, reply)
        tokens = record["tokens"]
        assert tokens["prompt"] + tokens["completion"] == total
        assert tokens["prompt"] == min(total, 8)
        assert record["charged"] == tokens["prompt"] * 1_000 + tokens["completion"] * 10_000
        if stream:
            assert chunks_of(answer)[-1]["usage"]["total_tokens"] == total


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_a_prompt_is_counted_where_only_what_was_generated_is_told(
    sqlite_store: Store, instance: Instance, upstream: StandIn, stream: bool
) -> None:
    request = {**HI, "messages": [{"role": "user", "content": "word " * 400}]}
    asked = request | ({"stream": True, "stream_options": {"include_usage": True}} if stream else {})
    _, counted = await charged(sqlite_store, instance, upstream, asked, telling({"usage": None}, stream=stream))
    prompt = counted["tokens"]["prompt"]
    assert prompt > 400
    for told in HALVES:
        answer, record = await charged(sqlite_store, instance, upstream, asked, telling(told, stream=stream))
        tokens = record["tokens"]
        assert (tokens["prompt"], tokens["completion"]) == (prompt, 2), told
        assert (record["charged"], record["usage_source"]) == (prompt * 1_000 + 20_000, counted["usage_source"])
        usage = (chunks_of(answer)[-1] if stream else answer.json())["usage"]
        assert usage == {"prompt_tokens": prompt, "completion_tokens": 2, "total_tokens": prompt + 2}, told
