"""Upstreams in this process that keep a meter of their own: what each did for which request, and what that costs.

Honest ones stay within the cap of the field that they read, think, search, fail, break off, are slow, and tell what
they did in some vendor's shape, if they tell it at all. The liar does whatever it likes.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from functions.farebox.gateway.transport import ConnectFailed, ConnectionLost, Outgoing, TimedOut, TransportError
from tests.support.money_fuzz.price_table import PRICING, Worked
from tests.support.money_fuzz.reading import UNTOLD_BYTES_A_TOKEN, Asked, read_request
from tests.support.money_fuzz.script import script
from tests.support.money_fuzz.work import Step, Work

UPSTREAMS: list[dict[str, Any]] = [
    {
        "id": "old",
        "base_url": "http://old.test/v1",
        "models": {name: name for name in ("plain", "rich", "thinker-reasoning", "embed")},
        "pass_fields": ["custom_hint"],
        "speaks": ["chat", "completions"],
    },
    {
        "id": "new",
        "base_url": "https://api.openai.com/v1",
        "speaks": ["chat"],  # the meter knows no other dialect
        "models": {name: name for name in ("plain", "gpt-4o", "boundless")},
    },
    {"id": "flaky", "base_url": "http://flaky.test/v1", "models": {"flaky": "plain"}},
    {"id": "spare", "base_url": "http://spare.test/v1", "models": {"flaky": "plain"}, "priority": 1},
    {
        "id": "liar",
        "base_url": "http://liar.test/v1",
        "models": {"liar": "plain"},
        "speaks": ["chat", "completions"],
    },
    {
        "id": "claude",
        "base_url": "http://claude.test/v1",
        "speaks": ["messages"],
        "models": {name: name for name in ("claude-sonnet-4-5", "rich")},
    },
    {
        "id": "responder",
        "base_url": "http://responder.test/v1",
        "speaks": ["responses"],
        "models": {name: name for name in ("gpt-5", "rich")},
    },
    # One model of which each upstream speaks another dialect.
    {"id": "mixed-a", "base_url": "http://a.test/v1", "speaks": ["messages"], "models": {"mixed": "plain"}},
    {
        "id": "mixed-b",
        "base_url": "http://b.test/v1",
        "speaks": ["responses"],
        "models": {"mixed": "plain"},
        "priority": 1,
    },
    {"id": "mixed-c", "base_url": "http://c.test/v1", "models": {"mixed": "plain"}, "priority": 2},
    {"id": "liar-m", "base_url": "http://m.test/v1", "speaks": ["messages"], "models": {"liar-m": "plain"}},
    {"id": "liar-r", "base_url": "http://r.test/v1", "speaks": ["responses"], "models": {"liar-r": "plain"}},
]
for _entry in UPSTREAMS:
    _entry |= {"timeout_s": 60, "idle_timeout_s": 30}
    if renamed := {name: model for name, model in _entry["models"].items() if name not in PRICING}:
        _entry["priced_as"] = renamed
FREE = ("429", "400", "401", "404", "413", "503", "529")  # turned away
LATE = ("lost", "slow", "408", "500", "502", "504", "524", "error inside", "page", "nothing", "junk")  # after its work
MOST_MADE = 10**6
_CAP_FIELDS = {"/messages": "max_tokens", "/responses": "max_output_tokens"}
_BYTES_A_TOKEN = {"flaky": 3, "spare": 2, "liar": 1, "liar-m": 1, "liar-r": 1}  # 4 of all others
_FAILS_OFTEN = ("flaky", "mixed-a", "mixed-b")
_KNOWN_VOCABULARY = ("gpt-4o", "gpt-5")  # so that nothing may be held beyond it


@dataclass(slots=True)
class Meter:
    """The work of all upstreams, by the id of the request that it was for."""

    rng: random.Random
    works: defaultdict[str, list[Work]] = field(default_factory=lambda: defaultdict(list))

    async def send(self, outgoing: Outgoing) -> "Incoming":
        """See `Transport`."""
        rng, upstream = self.rng, outgoing.upstream.id
        cap_field = _CAP_FIELDS.get(outgoing.path, "max_completion_tokens" if upstream == "new" else "max_tokens")
        asked = read_request(outgoing.path, outgoing.body, cap_field)
        work = Work(upstream, asked.model, Worked())
        self.works[outgoing.headers["x-request-id"]].append(work)
        fails = rng.random() < (0.5 if upstream in _FAILS_OFTEN else 0.04)
        if fails and rng.random() < 0.2:
            work.failed = "no connection"
            raise ConnectFailed("no connection")
        if hasattr(outgoing, "was_sent"):
            outgoing.was_sent = True
        work.untold_prompt = asked.plain_bytes // UNTOLD_BYTES_A_TOKEN + asked.tokens
        text_tokens = asked.text_bytes // _BYTES_A_TOKEN.get(upstream, 4)
        if asked.model in _KNOWN_VOCABULARY:
            text_tokens = asked.plain_bytes // UNTOLD_BYTES_A_TOKEN
        work.worked.prompt = text_tokens + asked.media_tokens + asked.tokens
        if fails:
            return await self._fail(work, asked)
        if outgoing.path == "/embeddings":
            return await self._embed(work, outgoing)
        incoming = Incoming(work, script(rng, asked, work), outgoing.upstream.timeouts, stream=asked.stream)
        await incoming.begin()
        return incoming

    async def close(self) -> None:
        """Nothing is open."""

    async def _fail(self, work: Work, asked: Asked) -> "Incoming":
        """It fails: at the door, or after all its work, of which nothing arrives."""
        rng = self.rng
        work.failed = rng.choice([*FREE, *LATE])
        await asyncio.sleep(rng.choice([0, 0.3, 3]))
        if work.failed in LATE:
            made = rng.choice([0, 1, asked.cap // 2, asked.cap]) * asked.made if asked.completes else 0
            work.worked.completion = min(made, MOST_MADE)
        if work.failed == "lost":
            raise ConnectionLost("lost")
        if work.failed == "slow":
            await asyncio.sleep(60)
            raise TimedOut("slow")
        error = json.dumps({"error": {"message": "It failed.", "type": "x", "code": None}}).encode()
        if not work.failed.isdecimal():
            body = {"error inside": error, "page": b"<html>Bad gateway</html>", "nothing": b"", "junk": b"{}"}[
                work.failed
            ]
            if work.failed == "error inside" and asked.stream:
                body = b"data: " + error + b"\n\n"
            return Incoming(work, [Step(0, body)] if body else [], None, stream=asked.stream)
        final = None
        if work.failed in LATE and rng.random() < 0.3:  # it tells what it cost all the same
            final = replace(work.worked)
            used = {"prompt_tokens": final.prompt, "completion_tokens": final.completion}
            error = json.dumps({"error": {"message": "It failed.", "type": "x"}, "usage": used}).encode()
        return Incoming(work, [Step(0, error, final=final)], None, stream=False, status=int(work.failed))

    async def _embed(self, work: Work, outgoing: Outgoing) -> "Incoming":
        body = json.loads(outgoing.body)
        given = body["input"]
        count = len(given) if isinstance(given, list) and not isinstance(given[0], int) else 1
        data = [{"object": "embedding", "index": n, "embedding": [0.1, 0.2]} for n in range(count)]
        tokens = work.worked.prompt
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        answer = {"object": "list", "model": work.model, "data": data, "usage": usage}
        step = Step(self.rng.choice([0.01, 0.5]), json.dumps(answer).encode(), final=replace(work.worked))
        incoming = Incoming(work, [step], outgoing.upstream.timeouts, stream=False)
        await incoming.begin()
        return incoming


class Incoming:
    """An answer, made as it is waited for."""

    def __init__(self, work: Work, steps: list[Step], timeouts: Any, *, stream: bool, status: int = 200) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {"content-type": "text/event-stream" if stream else "application/json"}
        self._work = work
        self._steps = steps
        self._stream = stream
        self._whole: list[bytes] = []
        self._failure: TransportError | None = None
        self._due_s: float | None = None  # when the next step is done
        loop = asyncio.get_running_loop()
        self._idle_s = 1e9 if timeouts is None else timeouts.idle_s
        self._until_s = loop.time() + (1e9 if timeouts is None else timeouts.first_byte_s)

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come."""
        return not self._steps

    def allow(self, seconds: float) -> None:
        """Give it longer."""
        self._until_s = asyncio.get_running_loop().time() + seconds

    async def begin(self) -> None:
        """Wait for its headers: a plain answer's come with its end."""
        while self._steps and not self._stream and not self._steps[0].fails:
            try:
                piece = await self._next()
            except asyncio.CancelledError:
                self._stop()
                raise
            if piece:
                self._whole.append(piece)

    async def read(self) -> bytes:
        """The next piece."""
        if self._failure is not None:
            raise self._failure
        if self._whole:
            return self._whole.pop(0)
        while self._steps:
            piece = await self._next()
            if piece:
                return piece
        return b""

    async def pass_on(self, take: Callable[[bytes], bool]) -> None:
        """Hand the pieces over one by one, until no more are wanted. What fails is left for `read`."""
        try:
            while (piece := await self.read()) and take(piece):
                pass
        except TransportError as error:
            self._failure = error

    async def aclose(self, *, drained: bool = False) -> None:
        """Stop: nothing more is done."""
        self._stop()

    def _stop(self) -> None:
        if self._steps:
            self._steps, self._work.cut_s = [], asyncio.get_running_loop().time()

    async def _next(self) -> bytes:
        step, work = self._steps[0], self._work
        await self._wait(step.after_s)
        self._due_s = None
        self._steps.pop(0)
        if step.fails:
            work.failed = "broken off"
            raise ConnectionLost("broken off")
        work.has_spoken = work.has_spoken or bool(step.piece)
        work.worked.completion += step.completion + step.reasoning
        work.worked.reasoning += step.reasoning
        if step.read is not None:
            done = work.worked
            work.worked = replace(step.read, completion=done.completion, reasoning=done.reasoning)
            work.told_prompt = True
        if step.final is not None:
            work.worked, work.told = step.final, True
        return step.piece

    async def _wait(self, seconds: float) -> None:
        """Wait for the next step: for what is left of it, where a reader has given up waiting before."""
        now_s = asyncio.get_running_loop().time()
        if self._due_s is None:
            self._due_s = now_s + seconds
        left_s = min(self._until_s - now_s, self._idle_s)
        if self._due_s - now_s > left_s:
            await asyncio.sleep(max(left_s, 0))
            self._work.failed = "timed out"
            self._stop()
            raise TimedOut("timed out")
        await asyncio.sleep(max(self._due_s - now_s, 0))
