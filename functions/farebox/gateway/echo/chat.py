"""The echo upstream's `/chat/completions`: OpenAI's shapes, whole and streamed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from functions.farebox.gateway.echo.counting import count_prompt
from functions.farebox.gateway.echo.replies import Reply, reply

MAX_CHOICES = 128


class Refused(Exception):
    """The request cannot be understood."""

    def __init__(self, message: str, param: str | None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply, as often as it was asked for, and the request it belongs to."""

    id: str
    created: int
    request: Mapping[str, Any]
    reply: Reply
    choices: int

    def whole(self) -> bytes:
        """The body of a `chat.completion`."""
        message: dict[str, Any] = {"role": "assistant", "content": self.reply.text, "refusal": None}
        if self.reply.tool is not None:
            message |= {"content": None, "tool_calls": [self._tool_call(self.reply.text)]}
        choices = [
            {"index": n, "message": message, "logprobs": None, "finish_reason": self.reply.finish_reason}
            for n in range(self.choices)
        ]
        return orjson.dumps({**self._head("chat.completion"), "choices": choices, "usage": self._usage()})

    def events(self) -> Iterator[bytes]:
        """The events of the same as a stream: the role, a word at a time, the finish, the usage if it is wanted."""
        options = self.request.get("stream_options")
        with_usage = isinstance(options, dict) and options.get("include_usage") is True
        quiet = {"usage": None} if with_usage else {}
        for delta, finish_reason in self._deltas():
            choices = [
                {"index": n, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
                for n in range(self.choices)
            ]
            for choice in choices:
                yield self._event({"choices": [choice], **quiet})
        if with_usage:
            yield self._event({"choices": [], "usage": self._usage()})
        yield b"data: [DONE]\n\n"

    def _deltas(self) -> Iterator[tuple[dict[str, Any], str | None]]:
        said = self.reply
        if said.tool is None:
            yield {"role": "assistant", "content": "", "refusal": None}, None
            for word in _words(said.text):
                yield {"content": word}, None
        else:
            yield {"role": "assistant", "content": None, "tool_calls": [{"index": 0, **self._tool_call("")}]}, None
            for word in _words(said.text):
                yield {"tool_calls": [{"index": 0, "function": {"arguments": word}}]}, None
        yield {}, said.finish_reason

    def _tool_call(self, arguments: str) -> dict[str, Any]:
        function = {"name": self.reply.tool, "arguments": arguments}
        return {"id": self.id.replace("chatcmpl", "call"), "type": "function", "function": function}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.request["model"]}

    def _event(self, fields: Mapping[str, Any]) -> bytes:
        return b"data: " + orjson.dumps({**self._head("chat.completion.chunk"), **fields}) + b"\n\n"

    def _usage(self) -> dict[str, Any]:
        prompt = count_prompt(self.request)
        completion = self.reply.tokens * self.choices
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }


def complete(request: Mapping[str, Any], *, id: str, created: int) -> Completion:
    """The completion of a chat request. Raises `Refused`."""
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(one, dict) for one in messages):
        raise Refused("messages must be a list of at least one message.", "messages")
    n = _whole(request, "n", 1, MAX_CHOICES) or 1
    caps = [_whole(request, name, 1, 2**31) for name in ("max_completion_tokens", "max_tokens")]
    cap = min((cap for cap in caps if cap is not None), default=None)
    try:
        said = reply(request, cap)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Refused("The tools or the response_format are not in OpenAI's form.", None) from error
    return Completion(id, created, request, said, n)


def _whole(request: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    value = request.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Refused(f"{name} must be a whole number from {least} to {most}.", name)
    return value


def _words(text: str) -> list[str]:
    """The words of a text with the white space before them; put together, they are the text."""
    return [word for word in re.findall(r"\s*\S*", text) if word]
