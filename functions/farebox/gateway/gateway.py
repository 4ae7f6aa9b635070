"""The gateway: opens a call at the first candidate that answers, before a byte of it reaches the client."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence

from functions.farebox.errors import ModelUnknown, NotFound, UpstreamFailed, UpstreamTimeout, UpstreamUnavailable
from functions.farebox.gateway.answers import Answer, Loss, RejectedAnswer, StreamAnswer
from functions.farebox.gateway.attempt import attempt
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.faults.attempt_failed import AttemptFailed
from functions.farebox.gateway.faults.stream_options import Refusing
from functions.farebox.gateway.faults.told_operators import OperatorsFaults
from functions.farebox.gateway.health import Health, Lack, Target
from functions.farebox.gateway.listing.contexts import Contexts
from functions.farebox.gateway.load import Load
from functions.farebox.gateway.policy.fallbacks import FallbackReason
from functions.farebox.gateway.policy.strategies import BUILTIN, Strategies
from functions.farebox.gateway.routing import Candidate, Router
from functions.farebox.gateway.speech.forms import Speaker
from functions.farebox.gateway.trail import Outcome, Trail
from functions.farebox.gateway.transport import Transport
from functions.farebox.gateway.upstream import Routes, Upstream
from functions.farebox.kit.memory_budget import MemoryQueue
from functions.farebox.observability.telemetry import span

MAX_ATTEMPTS = 3  # at one model
MODELS_FULLY_TRIED = 2  # so many times that, over a model and all its fallbacks
MAX_BODY_BYTES = 64 * 1024 * 1024  # of a whole answer: 1,000 embeddings of 3,072 numbers are some 40 MB of text
SHARED_BYTES = 256 * 1024 * 1024  # of all large answers at a time
TRIES_PER_CANDIDATE = 2  # the second is for a pooled connection that turned out to be closed


class Gateway:
    """Routes calls to upstreams, fails over until the first byte, and hands back what answers.

    `http` carries calls to servers, `echo` those to the built-in upstream. At most `max_attempts` requests go out for
    one call, over all candidates, and as many again to fallback models. `memory` is shared by answers that are large.
    `health` is what is known of the upstreams, where others share it.
    """

    def __init__(
        self,
        upstreams: Sequence[Upstream],
        *,
        http: Transport,
        echo: Transport,
        rng: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
        max_attempts: int = MAX_ATTEMPTS,
        max_body_bytes: int = MAX_BODY_BYTES,
        memory: MemoryQueue | None = None,
        strategies: Strategies = BUILTIN,
        health: Health | None = None,
        contexts: Contexts | None = None,
    ) -> None:
        self._http = http
        self._echo = echo
        self._rng = rng or random.Random()
        self._clock = clock
        self._max_attempts = max_attempts
        self._max_body_bytes = max_body_bytes
        self._memory = memory or MemoryQueue(SHARED_BYTES, MAX_BODY_BYTES)
        self._strategies = strategies
        self._health = health or Health(clock)
        self._contexts = contexts or Contexts()
        self._load = Load(clock)
        self._refusing = Refusing(clock)
        self._operators = OperatorsFaults(clock)
        self.configure(upstreams)

    @property
    def routes(self) -> Routes:
        """The public names of all models that can be routed, each with the names of the prices that its answers may be
        charged by; which of them, an answer's source says."""
        return self._router.routes

    def told_context(self, model: str) -> int | None:
        """The shortest context, in tokens, that an upstream of a model tells; `None` where none does."""
        return self._contexts.least(self._router.answering(model)) if self._contexts else None

    def speakers(self, model: str) -> list[Speaker]:
        """The dialects that each upstream of a model speaks, and its name for it."""
        return [(candidate.upstream.speaks, candidate.model) for candidate in self._router.answering(model)]

    def configure(self, upstreams: Sequence[Upstream]) -> None:
        """Route to these upstreams from now on. Calls under way go on; what is known of their health stays."""
        self._router = Router(upstreams, self._health, self._load, self._rng, self._strategies)

    async def open(self, call: Call) -> Answer:
        """Open a call. The answer must be closed.

        Raises `NotFound` for a model that nobody has; when every candidate failed, `UpstreamFailed`,
        `UpstreamTimeout` if all were too slow, `UpstreamUnavailable` if none could be asked or all are at their
        limit, `ModelUnknown` if a pattern's upstreams have no such model. The latter four bear their `attempts`, and
        the `loss` of an answer that was paid for and is none: nobody else is asked then, and neither is where
        `call.progress` says that nobody waits any more.

        Where that, or a rejection, is a reason to ask `call.fallbacks`, they are; and where none of them answers, what
        the call's own model came to is what it comes to.
        """
        trail = Trail(self._clock, self._max_attempts)
        try:
            answer = await self._answer(call, trail)
        except UpstreamFailed as error:
            other = None if error.loss is not None else await self._fall_back(call, "unavailable", trail)
            if other is None:
                error.attempts = tuple(trail.attempts)
                raise
            return other
        if isinstance(answer, RejectedAnswer) and (answer.reason == "context" or answer.reason == "refused"):
            other = await self._fall_back(call, answer.reason, trail)
            answer.source.attempts = tuple(trail.attempts)
            return other or answer
        return answer

    async def _fall_back(self, call: Call, reason: FallbackReason, trail: Trail) -> Answer | None:
        """The answer of the first fallback model that gives one."""
        for other in call.fallbacks.get(reason, ()) if call.fallbacks else ():
            most = self._max_attempts * MODELS_FULLY_TRIED
            if call.progress.nobody_waits or len(trail.attempts) >= most:
                return None
            trail.most = min(len(trail.attempts) + self._max_attempts, most)
            try:
                answer = await self._answer(call.by(other), trail)
            except UpstreamFailed as error:
                if error.loss is not None:
                    raise
            except NotFound:
                pass  # it was taken away just now
            else:
                if not isinstance(answer, RejectedAnswer):
                    return answer
        return None

    async def _answer(self, call: Call, trail: Trail) -> Answer:
        """The answer of a call's own model. Raises as `open` does."""
        candidates = self._router.candidates(call.model, stream=call.stream, caller=call.user, asked=call.checked)
        if call.forms is not None:
            candidates = [candidate for candidate in candidates if call.form_for(candidate) is not None]
        if not candidates:
            raise NotFound(
                "There is no such model. List the models that there are with GET /v1/models.",
                code="model_not_found",
                param="model",
            )
        for candidate in candidates:
            answer = await self._try(call, candidate, trail)
            if answer is not None:
                return answer
            if call.progress.nobody_waits:
                break
        raise self._exhausted(call, candidates, trail)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._http.close()
        await self._echo.close()

    async def _try(self, call: Call, candidate: Candidate, trail: Trail) -> Answer | None:
        """Ask one candidate; `None` where it did not answer.

        One that refuses the wish for a stream's usage is asked again at once without it, as part of the same try.
        """
        stream_options = not (call.stream and self._refusing.know(candidate))
        answer = await self._ask(call, candidate, trail, stream_options=stream_options)
        if not isinstance(answer, RejectedAnswer) or not answer.of_stream_options:
            return answer
        if call.progress.nobody_waits or trail.is_full:
            return None
        answer = await self._ask(call, candidate, trail, stream_options=False, is_claimed=True)
        if isinstance(answer, StreamAnswer):
            self._refusing.note(candidate)
        return answer

    async def _ask(
        self, call: Call, candidate: Candidate, trail: Trail, *, stream_options: bool, is_claimed: bool = False
    ) -> Answer | None:
        upstream_id = candidate.upstream.id
        transport = self._echo if candidate.upstream.is_echo else self._http
        for _ in range(TRIES_PER_CANDIDATE):
            if trail.is_full:
                return None
            if not is_claimed and not self._health.claim(upstream_id, candidate.model, call.user):
                return None
            started_s = self._clock()
            self._load.begin(upstream_id)
            answer: Answer | None = None
            try:
                with span("upstream attempt", upstream=upstream_id, model=candidate.model, stream=call.stream):
                    answer = await attempt(
                        call,
                        candidate,
                        transport,
                        clock=self._clock,
                        max_body_bytes=self._max_body_bytes,
                        memory=self._memory,
                        stream_options=stream_options,
                    )
            except asyncio.CancelledError:
                trail.add(candidate, "abandoned", started_s=started_s, status=None)
                call.progress.attempts = trail.attempts
                raise
            except AttemptFailed as failure:
                call.progress.end()
                trail.add(
                    candidate,
                    failure.outcome,
                    started_s=started_s,
                    status=failure.status,
                    error=failure.error,
                    may_be_billed=failure.may_be_billed,
                    lacks_model=failure.lacks_model,
                    usage=failure.usage,
                )
                self._note_failure(failure, call, candidate, started_s)
                if failure.loss is not None:
                    raise self._exhausted(call, (), trail, failure.loss) from failure
                if not failure.was_stale or call.progress.nobody_waits:
                    return None
            else:
                call.progress.end()
                self._note(answer, call, candidate, trail, started_s)
                return answer
            finally:
                if not isinstance(answer, StreamAnswer):  # a stream is under way until it is closed
                    self._load.end(upstream_id)
        return None

    def _note(self, answer: Answer, call: Call, candidate: Candidate, trail: Trail, started_s: float) -> None:
        """Remember an answer's attempt, in its source too, and what it tells of the upstream."""
        upstream_id = candidate.upstream.id
        outcome: Outcome = "rejected" if isinstance(answer, RejectedAnswer) else "answered"
        may_be_billed, usage = False, None
        if isinstance(answer, RejectedAnswer):
            may_be_billed, usage = answer.may_be_billed, answer.usage
        trail.add(
            candidate, outcome, started_s=started_s, status=answer.status, may_be_billed=may_be_billed, usage=usage
        )
        answer.source.attempts = tuple(trail.attempts)
        if isinstance(answer, RejectedAnswer):
            self._health.reached(upstream_id)
        else:
            self._health.succeeded(upstream_id, candidate.model, call.user)
            assert answer.source.first_byte_s is not None, "it has answered"
            latency_s = answer.source.first_byte_s - started_s
            self._load.answered(
                upstream_id, candidate.model, stream=isinstance(answer, StreamAnswer), latency_s=latency_s
            )
        if isinstance(answer, StreamAnswer):
            answer.watch(
                on_broken=lambda: self._note_break(call, candidate),
                on_closed=lambda: self._load.end(upstream_id),
            )

    def _note_failure(self, failure: AttemptFailed, call: Call, candidate: Candidate, started_s: float) -> None:
        """Remember what a failure says of the upstream."""
        self._operators.note(failure, candidate, is_named=self._router.is_named(call.model))
        if failure.illness is None:
            return
        is_of_model = failure.illness == "model"
        self._health.failed(
            Target(candidate.upstream.id, candidate.model if is_of_model else None),
            caller=None if failure.illness == "connection" else call.user,
            started_s=started_s,
            retry_after_s=failure.retry_after_s,
            why=failure.why,
            is_shared=failure.is_shared,
            lacks=_lack(failure),
        )

    def _note_break(self, call: Call, candidate: Candidate) -> None:
        target = Target(candidate.upstream.id, candidate.model)
        self._health.failed(target, caller=call.user, started_s=self._clock(), why="a stream broke off")

    def _exhausted(
        self, call: Call, candidates: Sequence[Candidate], trail: Trail, loss: Loss | None = None
    ) -> UpstreamFailed:
        outcomes = {made.outcome for made in trail.attempts}
        lacks = None if loss is not None else self._lack(call, candidates, trail)
        error: UpstreamFailed
        if lacks == "said" and not self._router.is_named(call.model):
            error = ModelUnknown(
                f"There is no model {call.model!r} here. List the models that there are with GET /v1/models.",
                param="model",
            )
            error.would_recur = True
        elif lacks is not None:
            error = UpstreamFailed("The model's server does not have it. Whoever runs this gateway must look at it.")
            error.would_recur = True
        elif outcomes <= {"rate_limited"}:  # or nobody was asked
            error = UpstreamUnavailable("No server for this model can take requests now. Try again soon.")
            error.retry_after_s = self._next_probe_in_s(call, candidates)
        elif outcomes == {"timeout"}:
            error = UpstreamTimeout("The model's server did not answer in time. Try again.")
        else:
            error = UpstreamFailed("The model's server failed to answer. Try again.")
        error.attempts = tuple(trail.attempts)
        if loss is not None:
            loss.source.attempts = error.attempts
            error.loss = loss
        return error

    def _lack(self, call: Call, candidates: Sequence[Candidate], trail: Trail) -> Lack:
        """Whether all who might have answered have no such model: those who were asked, and those who were left alone
        because they said so before."""
        if not all(made.lacks_model for made in trail.attempts):
            return None
        lacks = {self._health.lack(each.upstream.id, each.model, call.user) for each in candidates}
        if not lacks or None in lacks:
            return None
        return "shown" if "shown" in lacks else "said"

    def _next_probe_in_s(self, call: Call, candidates: Sequence[Candidate]) -> float:
        untils = [self._health.cools_until(each.upstream.id, each.model, call.user) for each in candidates]
        now_s = self._clock()
        return min(now_s if until_s is None else until_s for until_s in untils) - now_s


def _lack(failure: AttemptFailed) -> Lack:
    """What a failure says of there being such a model."""
    if failure.fault is None or not failure.lacks_model:
        return None
    return "said" if failure.fault.says_no_model else "shown"
