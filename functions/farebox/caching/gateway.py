"""A gateway with a cache: an exact repetition of a request may be answered without any upstream.

It is a gateway like the one behind it, so a cached answer is held for, journalled, relayed and receipted as any other;
only its source says that it comes from the cache, and what share of the price it costs.
"""

import hashlib
from collections.abc import Callable

import orjson

from functions.farebox.caching.answers import MOST_BYTES, AnswerCache, KeptAnswer
from functions.farebox.caching.rules import CacheRules
from functions.farebox.gateway.answers import Answer, PlainAnswer, Source, StreamAnswer
from functions.farebox.gateway.call import Call, passed_headers
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.speech.forms import Speaker, dialect_of
from functions.farebox.gateway.speech.inspector import SpokenInspector
from functions.farebox.gateway.speech.readers import READERS, endpoint_of_kept
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.own_events import DONE_EVENT, usage_event
from functions.farebox.gateway.stream.transcript import choices_of
from functions.farebox.gateway.upstream import Routes
from functions.farebox.kit.party import Party
from functions.farebox.request.checked import CAP_FIELDS
from functions.farebox.tokens.usage.places import usage_in
from functions.farebox.tokens.usage.told_cost import tells_cost, without_cost

_STANDARD = "default"
UPSTREAM = "cache"  # what answers and receipts call it


class CachedGateway:
    """Answers from the cache where the rules and the client allow it, else through `gateway`."""

    def __init__(self, gateway: Gateway, cache: AnswerCache, rules: CacheRules, clock: Callable[[], float]) -> None:
        self._gateway = gateway
        self._cache = cache
        self._rules = rules
        self._clock = clock

    @property
    def routes(self) -> Routes:
        """See `Gateway`."""
        return self._gateway.routes

    def told_context(self, model: str) -> int | None:
        """See `Gateway`."""
        return self._gateway.told_context(model)

    def speakers(self, model: str) -> list[Speaker]:
        """See `Gateway`."""
        return self._gateway.speakers(model)

    async def open(self, call: Call) -> Answer:
        """Open a call, as `Gateway.open` does."""
        if not self._rules.apply_to(call.checked, call.cache):
            return await self._gateway.open(call)
        user = None if self._rules.is_shared else call.user
        key = _key(call, user, self.routes)
        kept = await self._cache.get(key, call.cache.max_age_s)
        if kept is not None:
            return self._replay(call, kept)
        answer = await self._gateway.open(call)
        answer.source.cache = "miss"
        if answer.source.public != call.model:
            return answer  # a fallback's answer is none of this model's
        if isinstance(answer, PlainAnswer):
            if call.cache.on or not _calls_tools(answer):
                self._keep(key, answer, answer.body, answer.source, user)
        elif isinstance(answer, StreamAnswer):
            answer.keep(MOST_BYTES, lambda blocks: self._keep_stream(key, answer, blocks, user))
        return answer

    def _keep_stream(self, key: str, answer: StreamAnswer, blocks: bytes, user: Party | None) -> None:
        seen = answer.inspector
        ending = seen.withheld
        if ending is None:
            is_told = seen.usage is not None and seen.usage_is_final
            report = usage_event(seen.envelope, seen.usage_report) if is_told else b""
            ending = report + DONE_EVENT
        self._keep(key, seen, blocks + ending, answer.source, user)

    def _keep(
        self, key: str, told: PlainAnswer | StreamInspector, body: bytes, source: Source, user: Party | None
    ) -> None:
        """Keep an answer with what it is charged by, as it was `told`."""
        self._cache.put(
            key,
            body,
            source.model,
            source.price,
            told.answered_model,
            user=user,
            usage=told.usage if told.usage_is_final else None,
            tier=told.served_tier or (_STANDARD if source.went_without_tier else None),
        )

    def _replay(self, call: Call, kept: KeptAnswer) -> Answer:
        source = Source(
            UPSTREAM, kept.model, (), self._clock(), kept.price, "hit", self._rules.share_bp, public=call.model
        )
        endpoint = endpoint_of_kept(kept.body, stream=call.stream)
        source.passed_on = None if endpoint is None else dialect_of(endpoint)
        reader = None if endpoint is None else READERS.get(endpoint)
        if not call.stream:
            payload, body = read_object(kept.body) or {}, kept.body
            if tells_cost(payload):  # it was kept by a version before this one
                payload = without_cost(payload)
                body = orjson.dumps(payload)
            if reader is not None:
                payload = reader.completion(payload)
            payload["model"] = kept.answered  # it has the public name by now, and is charged by whoever answered
            if kept.tier is not None:
                payload["service_tier"] = kept.tier
            return PlainAnswer(source, body, payload, kept.usage or usage_in(payload))
        if reader is not None:
            inspector: StreamInspector = SpokenInspector(reader, passes_on=True, model=None)
        else:
            inspector = StreamInspector(choices=call.checked.choices)
        block = inspector.feed(kept.body)
        inspector.answered_model = kept.answered  # likewise
        inspector.served_tier = kept.tier or inspector.served_tier
        if kept.usage is not None:
            inspector.take_usage(kept.usage)
        return StreamAnswer(source, _AllRead(), inspector, block)


class _AllRead:
    """What comes in when everything is there already: nothing more."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.is_whole = True

    def allow(self, seconds: float) -> None:
        pass

    async def read(self) -> bytes:
        return b""

    async def pass_on(self, take: Callable[[bytes], bool]) -> None:
        pass

    async def aclose(self, *, drained: bool = False) -> None:
        pass


def _key(call: Call, user: Party | None, routes: Routes) -> str:
    """What makes two requests the same: all that is sent, but for the wish for a usage chunk. Answers of earlier
    versions are found as well, by the body that was sent then."""
    checked = call.checked
    body = checked.body()
    body |= {name: checked.unknown[name] for name in routes.pass_fields(call.model) if name in checked.unknown}
    parts: list[object] = [user, call.endpoint, call.cap, body]
    if call.forms is not None and call.forms.own is not checked and checked.endpoint in CAP_FIELDS:
        parts.append(call.forms.own.endpoint)  # in whose words its answers are kept
    if call.calls is not None:
        parts.append({"calls": call.calls})
    passed = passed_headers(call.headers or {}, routes.pass_headers(call.model))
    if passed:
        parts.append(passed)
    text = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()


def _calls_tools(answer: PlainAnswer) -> bool:
    messages = [choice.get("message") for _, choice in choices_of(answer.payload)]
    return any(isinstance(said, dict) and said.get("tool_calls") for said in messages)
