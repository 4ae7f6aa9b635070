"""A stand-in for an upstream, on a real socket: it answers as it is told to, and remembers what it was asked.

    async with StandIn() as upstream:
        upstream.script(status(503), stream(["Hel", "lo"]))  # one reply a request, then the default again
        ...                                                  # call upstream.base_url
        assert upstream.requests[0].json["model"] == "up-model"
        await upstream.requests[1].hang_up()                 # until the client has closed the connection

Without a script it answers every request well: a completion or, if asked for, a stream, with `USAGE`. A product that
runs also looks in whenever it likes, by `GET /models`: these `checks` are kept apart and have an answer of their own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import orjson
from aiohttp import web

from tests.support.patience import PATIENCE_S

USAGE: dict[str, Any] = {
    "prompt_tokens": 9,
    "completion_tokens": 12,
    "total_tokens": 21,
    "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 0},
}
DONE = b"data: [DONE]\n\n"
MODEL = "up-model"
WORDS = ("Hello", ", ", "wörld", " 👋", "!")


@dataclass
class Received:
    """One request as it arrived, and how far its answer got."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""
    deltas_sent: int = 0
    finished: bool = False
    broken: bool = False
    _hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def hung_up(self) -> bool:
        """Whether the client closed the connection before the answer ended."""
        return self._hung_up.is_set()

    async def hang_up(self, within_s: float = PATIENCE_S) -> None:
        """Wait until the client has hung up; `TimeoutError` if it does not."""
        await asyncio.wait_for(self._hung_up.wait(), within_s)


@dataclass(frozen=True)
class Delta:
    """Bytes of a stream that count as one delta."""

    data: bytes


@dataclass(frozen=True)
class Pause:
    """Say nothing for a while; without an end, until the client hangs up."""

    seconds: float | None = None


class Break:
    """Break the connection off, in the middle of the answer."""


Step = bytes | Delta | Pause | Break


@dataclass(frozen=True)
class Reply:
    """What to answer. Before the status come `after`, which is waited for, and `delay_s`; `split` sends the steps'
    bytes in pieces of that many.

    With `status` 0 the connection is closed without a word.
    """

    status: int
    headers: Mapping[str, str]
    steps: Sequence[Step]
    delay_s: float = 0.0
    split: int | None = None
    after: Callable[[], Awaitable[object]] | None = None


Rule = Reply | Callable[[Received], Reply]


def completion(
    text: str = "".join(WORDS),
    *,
    usage: Mapping[str, Any] | None = USAGE,
    n: int = 1,
    message: Mapping[str, Any] | None = None,
    finish_reason: str = "stop",
    id: str = "chatcmpl-stand-in",
    headers: Mapping[str, str] | None = None,
    delay_s: float = 0.0,
    split: int | None = None,
) -> Reply:
    """A whole `chat.completion`; `message` adds to the message or changes it."""
    said = {"role": "assistant", "content": text, "refusal": None, **(message or {})}
    choice = {"message": said, "logprobs": None, "finish_reason": finish_reason}
    body = {
        "id": id,
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": MODEL,
        "choices": [{"index": index, **choice} for index in range(n)],
    }
    if usage is not None:
        body["usage"] = usage
    return json_reply(body, headers=headers, delay_s=delay_s, split=split)


def embedding(vectors: Sequence[object] = ([0.6, 0.8],), *, usage: Mapping[str, Any] | None = None) -> Reply:
    """A list of embeddings."""
    data = [{"object": "embedding", "index": n, "embedding": vector} for n, vector in enumerate(vectors)]
    counted = usage or {"prompt_tokens": 7, "total_tokens": 7}
    return json_reply({"object": "list", "data": data, "model": MODEL, "usage": counted})


def json_reply(
    body: object,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    delay_s: float = 0.0,
    split: int | None = None,
) -> Reply:
    """Any JSON."""
    sent = {"content-type": "application/json", **(headers or {})}
    return Reply(status, sent, [orjson.dumps(body)], delay_s, split)


def status(
    code: int,
    *,
    message: str = "The stand-in was told to say no.",
    error: Mapping[str, Any] | None = None,
    retry_after: str | None = None,
    delay_s: float = 0.0,
) -> Reply:
    """A status with an OpenAI-shaped error."""
    shape = {"message": message, "type": "stand_in_error", "param": None, "code": None, **(error or {})}
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return json_reply({"error": shape}, status=code, headers=headers, delay_s=delay_s)


def raw(*steps: Step, headers: Mapping[str, str], status: int = 200, split: int | None = None) -> Reply:
    """Exactly these steps under exactly these headers."""
    return Reply(status, headers, steps, split=split)


def drop(*, delay_s: float = 0.0) -> Reply:
    """Close the connection without an answer."""
    return Reply(0, {}, (), delay_s)


def stream(
    deltas: Sequence[str] | int = WORDS,
    *,
    usage: Mapping[str, Any] | None = USAGE,
    usage_in: Literal["chunk", "last_delta", "finish", "every_delta", "empty_choice"] = "chunk",
    null_usage: bool = False,
    n: int = 1,
    role: bool = True,
    finish: bool = True,
    done: bool = True,
    error_after: int | None = None,
    break_after: int | None = None,
    stall_after: int | None = None,
    pause_s: float = 0.0,
    keep_alive: bool = False,
    ending: bytes = b"\n\n",
    delay_s: float = 0.0,
    split: int | None = None,
) -> Reply:
    """A stream: the role, the deltas (or that many words), the finish, the usage, `[DONE]`.

    `usage_in`: the chunk that reports it: one without choices, the last delta's, the finish's, every delta's with
    the count so far, or one with one empty choice as LiteLLM's. `null_usage` puts a null into the others, as OpenAI
    does. `error_after`, `break_after`, `stall_after` so many deltas an error event comes, the connection breaks or
    nothing comes any more; with `error_after=0` the error is the first event. `pause_s` lies before every delta.
    `ending` is what ends an event.
    """
    words = [f" word{index}" for index in range(deltas)] if isinstance(deltas, int) else list(deltas)
    build = _Chunks(usage, usage_in, null_usage, ending)
    steps: list[Step] = [build.comment()] if keep_alive else []
    if role and error_after != 0:
        steps += [build.chunk(index, {"role": "assistant", "content": ""}) for index in range(n)]
    faults: dict[int | None, Step] = {error_after: build.error(), break_after: Break(), stall_after: Pause()}
    for position, word in enumerate(words):
        if position in faults:
            return Reply(200, _EVENTS, [*steps, faults[position], Break()], delay_s, split)
        if pause_s:
            steps.append(Pause(pause_s))
        steps += [build.delta(index, word, position, len(words)) for index in range(n)]
    if len(words) in faults:
        return Reply(200, _EVENTS, [*steps, faults[len(words)], Break()], delay_s, split)
    if finish:
        steps += [build.finish(index) for index in range(n)]
    if usage is not None and usage_in in ("chunk", "empty_choice"):
        steps.append(build.usage_chunk(usage))
    if done:
        steps.append(DONE.replace(b"\n\n", ending))
    return Reply(200, _EVENTS, steps, delay_s, split)


_EVENTS = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}


class _Chunks:
    """Builds the events of one stream."""

    def __init__(self, usage: Mapping[str, Any] | None, usage_in: str, null_usage: bool, ending: bytes) -> None:
        self._usage = usage
        self._usage_in = usage_in
        self._null_usage = null_usage
        self._ending = ending

    def chunk(
        self,
        index: int,
        delta: Mapping[str, Any],
        finish_reason: str | None = None,
        usage: Mapping[str, Any] | None = None,
    ) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._event([choice], usage)

    def delta(self, index: int, word: str, position: int, of: int) -> Delta:
        last = position == of - 1
        usage = self._usage if last and self._usage_in in ("last_delta", "every_delta") else None
        if self._usage is not None and self._usage_in == "every_delta" and not last:
            usage = {**self._usage, "completion_tokens": position + 1}
        return Delta(self.chunk(index, {"content": word}, usage=usage))

    def finish(self, index: int) -> bytes:
        return self.chunk(index, {}, "stop", self._usage if self._usage_in == "finish" else None)

    def usage_chunk(self, usage: Mapping[str, Any]) -> bytes:
        empty = [{"index": 0, "delta": {}}] if self._usage_in == "empty_choice" else []
        return self._event(empty, usage)

    def error(self) -> bytes:
        error = {"message": "The engine fell over.", "type": "server_error", "param": None, "code": None}
        return b"data: " + orjson.dumps({"error": error}) + self._ending

    def comment(self) -> bytes:
        return b": keep-alive" + self._ending

    def _event(self, choices: Sequence[object], usage: Mapping[str, Any] | None) -> bytes:
        chunk = {
            "id": "chatcmpl-stand-in",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": MODEL,
            "choices": choices,
        }
        if usage is not None or self._null_usage:
            chunk["usage"] = usage
        return b"data: " + orjson.dumps(chunk) + self._ending


class StandIn:
    """The server: an async context manager in the test's own loop, on a free port of this machine."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.default: Rule = _well
        self.checks: list[Received] = []
        self.on_check: Reply = json_reply({"object": "list", "data": [{"id": MODEL, "object": "model"}]})
        self._script: deque[Rule] = deque()
        self._closing = False
        self._runner: web.AppRunner | None = None
        self._peers: set[object] = set()
        self._arrived = asyncio.Event()
        self._port = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def connections(self) -> int:
        """How many connections requests have come over."""
        return len(self._peers)

    def script(self, *rules: Rule) -> None:
        """Answer the next requests with these, one each."""
        self._script.extend(rules)

    def entry(self, id: str = "stand-in", *models: str, **fields: Any) -> dict[str, Any]:
        """An entry for `FAREBOX_UPSTREAMS`; each public model goes by `MODEL` here."""
        named = dict.fromkeys(models or ("test-model",), MODEL)
        return {"id": id, "base_url": self.base_url, "models": named, **fields}

    async def asked(self, times: int = 1, within_s: float = PATIENCE_S) -> None:
        """Wait until so many requests have arrived."""
        async with asyncio.timeout(within_s):
            while len(self.requests) < times:
                self._arrived.clear()
                await self._arrived.wait()

    @property
    def last(self) -> Received:
        """The latest request."""
        return self.requests[-1]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        received = Received(request.path, request.headers, await request.read(), request.raw_path.partition("?")[2])
        assert request.transport is not None
        if request.method == "GET":
            self.checks.append(received)
            reply = self.on_check
        else:
            self.requests.append(received)
            self._arrived.set()
            self._peers.add(request.transport.get_extra_info("peername"))
            rule = self._script.popleft() if self._script else self.default
            reply = rule if isinstance(rule, Reply) else rule(received)
        response = web.StreamResponse(status=reply.status or 200, headers=reply.headers)
        try:
            if reply.after is not None:
                await reply.after()
            await asyncio.sleep(reply.delay_s)
            if reply.status == 0:
                _break(request, received)
            else:
                await response.prepare(request)
                await self._send(response, request, received, reply)
        except (asyncio.CancelledError, ConnectionError):
            if not self._closing and not received.broken:
                received._hung_up.set()
            raise
        return response

    async def _send(self, response: web.StreamResponse, request: web.Request, received: Received, reply: Reply) -> None:
        for step in reply.steps:
            if isinstance(step, Break):
                await asyncio.sleep(0.01)  # let what was written go out
                _break(request, received)
                return
            if isinstance(step, Pause):
                await (asyncio.Event().wait() if step.seconds is None else asyncio.sleep(step.seconds))
                continue
            data = step.data if isinstance(step, Delta) else step
            size = reply.split or len(data) or 1
            for start in range(0, len(data), size):
                await response.write(data[start : start + size])
                if reply.split:
                    await asyncio.sleep(0)
            received.deltas_sent += isinstance(step, Delta)
        await response.write_eof()
        received.finished = True


def _break(request: web.Request, received: Received) -> None:
    received.broken = True
    if request.transport is not None:
        request.transport.abort()


def _well(received: Received) -> Reply:
    if received.path.endswith("/embeddings"):
        return embedding()
    return stream() if received.json.get("stream") else completion()
