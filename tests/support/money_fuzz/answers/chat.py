"""Chat completions and legacy completions, as many vendors write them."""

import json
import random
from typing import Any

from tests.support.money_fuzz.answers.maker import Maker
from tests.support.money_fuzz.price_table import Worked
from tests.support.money_fuzz.reading import Asked
from tests.support.money_fuzz.values import WORDS
from tests.support.money_fuzz.work import Step, Work


class ChatMaker(Maker):
    """See `Maker`."""

    junk = (*Maker.junk, b'{"choices":5}', b'{"choices":[]}', b'{"choices":[null]}')

    def __init__(self, rng: random.Random, asked: Asked, work: Work, lie: str | None) -> None:
        super().__init__(rng, asked, work, lie)
        self._head: dict[str, Any] = {"id": "chatcmpl-1", "created": 1, "model": work.model}
        if work.tier is not None or (asked.tier is not None and rng.random() < 0.5):
            self._head["service_tier"] = work.tier or "default"

    def _whole(self, words: int, final: Worked) -> list[Step]:
        if self._lie == "broken off":
            return [Step(0.0, b'{"choices":[{"mess'), Step(0.1, fails=True)]
        text = self._text(words)
        choices = [
            self._choice(n, "message", {"role": "assistant", "content": text}, "stop")
            for n in range(self._asked.choices)
        ]
        if ran := self._ran(final):
            choices[0]["message"]["executed_tools"] = ran
        kind = "text_completion" if self._asked.is_legacy else "chat.completion"
        answer = {**self._head, "object": kind, "choices": choices}
        usage = self._usage(final)
        if usage is not None:
            answer["usage"] = usage
        return [Step(0.0, json.dumps(answer).encode(), final=self._told(final))]

    def _events(self, words: int, final: Worked, pause_s: float) -> list[Step]:
        rng, asked = self._rng, self._asked
        steps = []
        for n in range(words):
            deltas = [
                self._choice(i, "delta", {"content": f" {rng.choice(WORDS)}"}, None) for i in range(asked.choices)
            ]
            steps += [
                Step(pause_s if not i else 0.0, self._event([delta]), completion=1) for i, delta in enumerate(deltas)
            ]
            if self._breaks(n, words):
                return [*steps, Step(0.1, fails=True)]
            if n == words // 2 and self._lie == "error inside":
                return [*steps, Step(0.1, b'data: {"error":{"message":"no"}}\n\n')]
        ends = [self._choice(i, "delta", {}, "stop") for i in range(asked.choices)]
        steps += [
            Step(0.0, self._event([self._choice(0, "delta", {"executed_tools": [each]}, None)]))
            for each in self._ran(final)
        ]
        usage = self._usage(final)
        done = Step(0.0, b"" if self._lie == "no done" else b"data: [DONE]\n\n")
        told = self._told(final)
        if usage is None:
            return [*steps, Step(0.0, self._event(ends)), done]
        if rng.random() < 0.3:
            return [*steps, Step(pause_s, self._event(ends, usage), final=told), done]
        return [*steps, Step(pause_s, self._event(ends)), Step(0.0, self._event([], usage), final=told), done]

    def _choice(self, index: int, name: str, message: dict[str, Any], finish: str | None) -> dict[str, Any]:
        said = {"text": message.get("content", "")} if self._asked.is_legacy else {name: message}
        return {"index": index, **said, "finish_reason": finish}

    def _event(self, choices: list[dict[str, Any]], usage: Any = None) -> bytes:
        kind = "text_completion" if self._asked.is_legacy else "chat.completion.chunk"
        chunk = {**self._head, "object": kind, "choices": choices}
        if usage is not None:
            chunk["usage"] = usage
        return b"data: " + json.dumps(chunk).encode() + b"\n\n"

    def _usage(self, final: Worked) -> Any:
        """What it tells, in one of the shapes that vendors have."""
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
        if (final.searches or final.code) and not self._lists_calls:
            usage["server_tool_use"] = {"web_search_requests": final.searches, "code_interpreter_requests": final.code}
        return self._bent(usage)

    @property
    def _lists_calls(self) -> bool:
        """Some list them, and count none."""
        return self._work.upstream == "new" or len(self._work.model) % 2 == 0

    def _ran(self, final: Worked) -> list[dict[str, Any]]:
        if not self._lists_calls or not self._tells or self._asked.is_legacy:
            return []
        kinds = ["search"] * final.searches + ["python"] * final.code
        return [{"index": n, "type": kind} for n, kind in enumerate(kinds)]
