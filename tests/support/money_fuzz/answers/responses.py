"""OpenAI's Responses (https://platform.openai.com/docs/api-reference/responses-streaming)."""

import json
from typing import Any

from tests.support.money_fuzz.answers.maker import Maker
from tests.support.money_fuzz.price_table import Worked
from tests.support.money_fuzz.values import WORDS
from tests.support.money_fuzz.work import Step

_AT = {"item_id": "msg_1", "output_index": 0, "content_index": 0}


class ResponseMaker(Maker):
    """See `Maker`."""

    prompt, completion = "input_tokens", "output_tokens"
    junk = (*Maker.junk, b'{"object":"response","output":5}', b'{"object":"response","output":[null]}')
    junk_events = (*Maker.junk_events, b'data: {"type":"response.created","response":7}\n\n')

    def _whole(self, words: int, final: Worked) -> list[Step]:
        if self._lie == "broken off":
            return [Step(0.0, b'{"object":"response","output":[{"ty'), Step(0.1, fails=True)]
        response = self._ended(self._text(words), final)
        return [Step(0.0, json.dumps(response).encode(), final=None if "usage" not in response else self._told(final))]

    def _events(self, words: int, final: Worked, pause_s: float) -> list[Step]:
        rng = self._rng
        begun = self._response("in_progress", [])
        steps = [Step(0.0, _event("response.created", response=begun) + _event("response.in_progress", response=begun))]
        if words:
            item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
            steps.append(Step(0.0, _event("response.output_item.added", output_index=0, item=item)))
        text = ""
        for n in range(words):
            word = f" {rng.choice(WORDS)}"
            text += word
            if not n and rng.random() < 0.2:  # some say the first of it with the part that it begins
                piece = _event("response.content_part.added", **_AT, part={"type": "output_text", "text": word})
            else:
                piece = _event("response.output_text.delta", **_AT, delta=word)
            steps.append(Step(pause_s, piece, completion=1))
            if self._breaks(n, words):
                return [*steps, Step(0.1, fails=True)]
            if n == words // 2 and self._lie == "error inside":
                failed = {**self._response("failed", []), "error": {"code": "server_error", "message": "no"}}
                return [*steps, Step(0.1, _event("response.failed", response=failed))]
        ran = self._ran(final)
        for n, item in enumerate(ran, 2):
            steps.append(Step(0.0, _event("response.output_item.done", output_index=n, item=item)))
        response = self._ended(text, final)
        if ran and self._tells and rng.random() < 0.3:  # some end with a list of nothing
            response["output"] = []
        if self._lie == "no done":
            return steps
        kind = "response.incomplete" if response["status"] == "incomplete" else "response.completed"
        told = None if "usage" not in response else self._told(final)
        return [*steps, Step(pause_s, _event(kind, response=response), final=told)]

    def _ended(self, text: str, final: Worked) -> dict[str, Any]:
        part = {"type": "output_text", "text": text, "annotations": []}
        output: list[dict[str, Any]] = [{"id": "msg_1", "type": "message", "role": "assistant", "content": [part]}]
        if self._lie == "no end":  # nothing of it is there
            response = self._response(self._rng.choice(["in_progress", "queued"]), [])
            return response if self._rng.random() < 0.5 else {**response, "usage": self._usage(final)}
        if final.reasoning:
            output.insert(0, {"id": "rs_1", "type": "reasoning", "summary": []})
        output += self._ran(final)
        response = self._response(self._rng.choice(["completed", "completed", "incomplete"]), output)
        usage = self._usage(final)
        return response if usage is None else {**response, "usage": usage}

    def _ran(self, final: Worked) -> list[dict[str, Any]]:
        search = {"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"type": "search"}}
        code = {"id": "ci_1", "type": "code_interpreter_call", "status": "completed", "code": "1 + 1"}
        return [search] * final.searches + [code] * final.code

    def _response(self, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
        response: dict[str, Any] = {
            "id": "resp_1",
            "object": "response",
            "created_at": 1,
            "status": status,
            "model": self._work.model,
            "output": output,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        }
        if self._work.tier is not None or self._asked.tier is not None:
            response["service_tier"] = self._work.tier or "default"
        return response

    def _usage(self, final: Worked) -> Any:
        if self._mute:
            return None
        if self._lie == "nonsense usage":
            return self._nonsense()
        return self._bent(
            {
                "input_tokens": final.prompt,
                "input_tokens_details": {"cached_tokens": final.cached},
                "output_tokens": final.completion,
                "output_tokens_details": {"reasoning_tokens": final.reasoning},
                "total_tokens": final.prompt + final.completion,
            }
        )


def _event(kind: str, **fields: Any) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + json.dumps({"type": kind, **fields}).encode() + b"\n\n"
