"""What upstreams answer: honest ones within the cap that they read, the liar as it likes."""

import json
import random
from typing import Any

from functions.farebox.tokens.usage.usage import MAX_TOKENS
from tests.support.money_fuzz.price_table import Worked
from tests.support.money_fuzz.reading import Asked
from tests.support.money_fuzz.values import WORDS
from tests.support.money_fuzz.work import Step, Work

THOUGHTS_A_SECOND = 200


def script(rng: random.Random, asked: Asked, work: Work) -> list[Step]:
    """What a server does for a request, step by step."""
    lie = rng.choice(LIES) if work.upstream == "liar" and rng.random() < 0.8 else None
    work.lies = lie
    words = min(rng.choice([0, 1, 5, 20]), asked.cap) if asked.made <= 8 else 1
    thinks = work.model.startswith("thinker") or (asked.thinks and work.model in ("rich", "gpt-4o"))
    slow = rng.random() < 0.03
    thoughts = min(rng.choice([0, 100, 2000 if not slow else 6000]), asked.cap - words) if thinks else 0
    final = _all(rng, asked, work, words, thoughts)
    if asked.tier in ("flex", "priority", "scale") and rng.random() < 0.7:
        work.tier = asked.tier
    if lie == "over cap":
        over = final.completion * rng.choice([2, 50]) + asked.cap
        final.completion = min(over, MAX_TOKENS)  # no server writes more for one request
    elif lie == "dearer model":
        work.swapped, work.model = work.model, "dear"
    steps = [Step(rng.choice([0.0, 0.02, 0.5, 3.0]))]
    left = thoughts * asked.made
    while left > 0:
        steps.append(Step(1.0, reasoning=min(left, THOUGHTS_A_SECOND * asked.made)))
        left -= THOUGHTS_A_SECOND * asked.made
    maker = _Maker(rng, asked, work, lie)
    pause_s = rng.choice([0.0, 0.0, 0.05, 0.4, 5.0])
    if not asked.stream:
        steps += [Step(pause_s, completion=asked.choices) for _ in range(words)]
        return [*steps, *maker.plain(words, final)]
    return [*steps, *maker.stream(words, final, pause_s)]


LIES = ("over cap", "dearer model", "nonsense usage", "broken off", "junk", "no usage", "error inside", "no done")


def _all(rng: random.Random, asked: Asked, work: Work, words: int, thoughts: int) -> Worked:
    """All that is done where nobody stops it: up to the cap, for every completion that is made."""
    made = asked.made
    most = asked.cap - words - thoughts
    extra = rng.choice([0, 0, most // 2, most])
    worked = Worked(
        prompt=work.worked.prompt,
        completion=(words + thoughts + extra) * made,
        reasoning=thoughts * made,
        searches=rng.choice([0, asked.searches]),
    )
    kept = rng.randint(0, worked.prompt)
    if work.model == "rich" and asked.cache_s == 3600:
        worked.written_1h = kept
    elif work.model == "rich" and asked.cache_s is not None:
        worked.written = kept
    elif rng.random() < 0.2:
        worked.cached = kept
    if asked.speaks:
        worked.spoken = worked.completion - worked.reasoning - words * made
    return worked


_NONSENSE: list[Any] = [
    {"prompt_tokens": -5, "completion_tokens": -(10**6), "total_tokens": -1},
    {"prompt_tokens": 1.5, "completion_tokens": 2.5},
    {"prompt_tokens": "many", "completion_tokens": None},
    {"prompt_tokens": 10**12, "completion_tokens": 10**18, "total_tokens": 10**30},
    {"prompt_tokens": 1e300, "completion_tokens": True},
    {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 900}},
    {"prompt_tokens": 3, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": -900}},
    {"prompt_tokens": [], "completion_tokens": {}},
    {"total_tokens": 5},
    {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    {"server_tool_use": {"web_search_requests": 10**9}, "prompt_tokens": 1, "completion_tokens": 1},
    {"server_tool_use": {"web_search_requests": -3}, "prompt_tokens": 1, "completion_tokens": 1},
    [],
    "none",
    5,
]


_JUNK = [b"", b"<html>", b"[]", b"{}", b'{"choices":5}', b'{"choices":[]}', b"\xff\xfe", b'{"choices":[null]}']
_JUNK_EVENTS = [
    b"",
    b"data: {}\n\n",
    b"data: [DONE]\n\n",
    b"data: {\n\n",
    b"{}",
    b"data: []\n\n",
    b"\xff\xff\n\n",
    b"data: " + b"x" * 3_000_000,
]


class _Maker:
    """Writes answers."""

    def __init__(self, rng: random.Random, asked: Asked, work: Work, lie: str | None) -> None:
        self._rng, self._asked, self._work, self._lie = rng, asked, work, lie
        self._mute = work.mute = lie == "no usage" or rng.random() < 0.08
        self._head: dict[str, Any] = {"id": "chatcmpl-1", "created": 1, "model": work.model}
        if work.tier is not None or (asked.tier is not None and rng.random() < 0.5):
            self._head["service_tier"] = work.tier or "default"

    def plain(self, words: int, final: Worked) -> list[Step]:
        """A whole answer."""
        if self._lie == "junk":
            junk = [
                b"",
                b"<html>",
                b"[]",
                b"{}",
                b'{"choices":5}',
                b'{"choices":[]}',
                b"\xff\xfe",
                b'{"choices":[null]}',
            ]
            return [Step(0.0, self._rng.choice(junk))]
        if self._lie == "error inside":
            return [Step(0.0, b'{"error":{"message":"no"}}')]
        if self._lie == "broken off":
            return [Step(0.0, b'{"choices":[{"mess'), Step(0.1, fails=True)]
        text = " ".join(self._rng.choices(WORDS, k=words))
        choices = [
            self._choice(n, "message", {"role": "assistant", "content": text}, "stop")
            for n in range(self._asked.choices)
        ]
        kind = "text_completion" if self._asked.is_legacy else "chat.completion"
        answer = {**self._head, "object": kind, "choices": choices}
        usage = self._usage(final)
        if usage is not None:
            answer["usage"] = usage
        return [Step(0.0, json.dumps(answer).encode(), final=final if self._tells else None)]

    def stream(self, words: int, final: Worked, pause_s: float) -> list[Step]:
        """A stream of words."""
        rng, asked = self._rng, self._asked
        if self._lie == "junk":
            return [Step(0.0, rng.choice(_JUNK_EVENTS))]
        steps = []
        for n in range(words):
            deltas = [
                self._choice(i, "delta", {"content": f" {rng.choice(WORDS)}"}, None) for i in range(asked.choices)
            ]
            steps += [
                Step(pause_s if not i else 0.0, self._event([delta]), completion=1) for i, delta in enumerate(deltas)
            ]
            if n == words // 2 and (self._lie == "broken off" or rng.random() < 0.02):
                return [*steps, Step(0.1, fails=True)]
            if n == words // 2 and self._lie == "error inside":
                return [*steps, Step(0.1, b'data: {"error":{"message":"no"}}\n\n')]
        ends = [self._choice(i, "delta", {}, "stop") for i in range(asked.choices)]
        usage = self._usage(final)
        done = Step(0.0, b"" if self._lie == "no done" else b"data: [DONE]\n\n")
        told = final if self._tells else None
        if usage is None:
            return [*steps, Step(0.0, self._event(ends)), done]
        if rng.random() < 0.3:
            return [*steps, Step(pause_s, self._event(ends, usage), final=told), done]
        return [*steps, Step(pause_s, self._event(ends)), Step(0.0, self._event([], usage), final=told), done]

    @property
    def _tells(self) -> bool:
        return not self._mute and self._lie != "nonsense usage"

    def _choice(self, index: int, name: str, message: dict[str, Any], finish: str | None) -> dict[str, Any]:
        said = {"text": message.get("content", "")} if self._asked.is_legacy else {name: message}
        return {"index": index, **said, "finish_reason": finish}

    def _event(self, choices: list[dict[str, Any]], usage: Any = None) -> bytes:
        kind = "text_completion" if self._asked.is_legacy else "chat.completion.chunk"
        chunk = {**self._head, "object": kind, "choices": choices}
        if usage is not None:
            chunk["usage"] = usage
        return b"data: " + json.dumps(chunk).encode() + b"\n\n"

    def _nonsense(self) -> Any:
        told = self._rng.choice(_NONSENSE)
        if isinstance(told, dict):
            prompt, completion = told.get("prompt_tokens"), told.get("completion_tokens")
            if type(prompt) is int and type(completion) is int and min(prompt, completion) > 0:
                self._work.says = prompt, completion
        return told

    def _usage(self, final: Worked) -> Any:
        """What it tells, in one of the shapes that vendors have."""
        rng = self._rng
        if self._mute:
            return None
        if self._lie == "nonsense usage":
            return self._nonsense()
        usage: dict[str, Any] = {
            "prompt_tokens": final.prompt,
            "completion_tokens": final.completion,
            "total_tokens": final.prompt + final.completion,
        }
        if final.cached or final.written or final.written_1h:
            usage["prompt_tokens_details"] = {"cached_tokens": final.cached}
        if final.written or final.written_1h:
            usage["cache_creation_input_tokens"] = final.written + final.written_1h
            usage["cache_creation"] = {
                "ephemeral_5m_input_tokens": final.written,
                "ephemeral_1h_input_tokens": final.written_1h,
            }
        if final.reasoning or final.spoken:
            parts = {"reasoning_tokens": final.reasoning, "audio_tokens": final.spoken}
            usage["completion_tokens_details"] = parts
        if final.searches:
            usage["server_tool_use"] = {"web_search_requests": final.searches}
        if rng.random() < 0.05:
            wrong = rng.choice([float, str])
            for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
                usage[name] = wrong(usage[name])
        return usage
