"""Anthropic's Messages (https://docs.anthropic.com/en/docs/build-with-claude/streaming)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.support.money_fuzz.answers.maker import Maker
from tests.support.money_fuzz.price_table import Worked
from tests.support.money_fuzz.values import WORDS
from tests.support.money_fuzz.work import Step


class MessageMaker(Maker):
    """See `Maker`."""

    prompt, completion = "input_tokens", "output_tokens"
    junk = (*Maker.junk, b'{"type":"message","content":5}', b'{"type":"message","content":[null]}')
    junk_events = (*Maker.junk_events, b'data: {"type":"message_start","message":7}\n\n', b'data: {"type":"ping"}\n\n')

    def _whole(self, words: int, final: Worked) -> list[Step]:
        if self._lie == "broken off":
            return [Step(0.0, b'{"type":"message","content":[{"ty'), Step(0.1, fails=True)]
        content = [{"type": "text", "text": self._text(words)}] if words else []
        content += self._ran(final)
        if final.reasoning and self._rng.random() < 0.5:
            content.insert(0, {"type": "thinking", "thinking": "", "signature": "c2VhbA=="})
        message = self._message(content, None if self._lie == "no end" else "end_turn")
        usage = self._usage(final)
        if usage is not None:
            message["usage"] = usage
        return [Step(0.0, json.dumps(message).encode(), final=self._told(final))]

    def _events(self, words: int, final: Worked, pause_s: float) -> list[Step]:
        rng = self._rng
        start = self._message([], None)
        if self._tells:  # the count of the completion is not one yet
            start["usage"] = {**self._usage(final), "output_tokens": rng.choice([0, 1, 4])}
        read = replace(final, completion=0, reasoning=0, searches=0, code=0) if self._tells else None
        steps = [Step(0.0, _event("message_start", message=start) + _event("ping"), read=read)]
        if words:
            block = {"type": "text", "text": ""}
            steps.append(Step(0.0, _event("content_block_start", index=0, content_block=block)))
        for n in range(words):
            delta = {"type": "text_delta", "text": f" {rng.choice(WORDS)}"}
            steps.append(Step(pause_s, _event("content_block_delta", index=0, delta=delta), completion=1))
            if self._breaks(n, words):
                return [*steps, Step(0.1, fails=True)]
            if n == words // 2 and self._lie == "error inside":
                error = {"type": rng.choice(["api_error", "overloaded_error"]), "message": "no"}
                return [*steps, Step(0.1, _event("error", error=error))]
        if words:
            steps.append(Step(0.0, _event("content_block_stop", index=0)))
        for n, block in enumerate(self._ran(final), 1):
            piece = _event("content_block_start", index=n, content_block=block) + _event("content_block_stop", index=n)
            steps.append(Step(0.0, piece))
        usage = self._usage(final)
        if rng.random() < 0.5 and self._tells:  # older ones tell the completion alone
            counted = {name: usage[name] for name in ("server_tool_use",) if name in usage}
            usage = {"output_tokens": usage["output_tokens"], **counted}
        told: dict[str, Any] = {} if usage is None else {"usage": usage}
        if self._lie != "no end":
            change = {"stop_reason": "end_turn", "stop_sequence": None}
            steps.append(Step(pause_s, _event("message_delta", delta=change, **told), final=self._told(final)))
        return steps if self._lie == "no done" else [*steps, Step(0.0, _event("message_stop"))]

    def _message(self, content: list[dict[str, Any]], reason: str | None) -> dict[str, Any]:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self._work.model,
            "content": content,
            "stop_reason": reason,
            "stop_sequence": None,
        }

    def _usage(self, final: Worked) -> Any:
        """What it tells: its input is what the cache neither read nor wrote."""
        if self._mute:
            return None
        if self._lie == "nonsense usage":
            return self._nonsense()
        usage: dict[str, Any] = {
            "input_tokens": final.prompt - final.cached - final.written - final.written_1h,
            "cache_read_input_tokens": final.cached,
            "cache_creation_input_tokens": final.written + final.written_1h,
            "cache_creation": {
                "ephemeral_5m_input_tokens": final.written,
                "ephemeral_1h_input_tokens": final.written_1h,
            },
            "output_tokens": final.completion,
            "service_tier": self._work.tier or "standard",
        }
        if final.searches and self._counts_searches:
            usage["server_tool_use"] = {"web_search_requests": final.searches}
        return self._bent(usage)

    def _ran(self, final: Worked) -> list[dict[str, Any]]:
        call: dict[str, Any] = {"type": "server_tool_use", "id": "s1", "input": {}}
        found: dict[str, Any] = {
            "type": "web_search_tool_result",
            "tool_use_id": "s1",
            "content": [{"type": "web_search_result"}],
        }
        printed: dict[str, Any] = {
            "type": "code_execution_tool_result",
            "tool_use_id": "s1",
            "content": {"stdout": "2"},
        }
        searches = [{**call, "name": "web_search"}, found] * final.searches
        return searches + [{**call, "name": "code_execution"}, printed] * final.code

    @property
    def _counts_searches(self) -> bool:
        """Some proxies leave the count of them out."""
        return len(self._work.model) % 2 == 0


def _event(kind: str, **fields: Any) -> bytes:
    told: Mapping[str, Any] = {"type": kind, **fields}
    return b"event: " + kind.encode() + b"\ndata: " + json.dumps(told).encode() + b"\n\n"
