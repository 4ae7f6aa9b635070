"""A scripted upstream: it plays whole sessions in the dialects that it speaks, as strictly as their vendors.

session = ScriptedUpstream(speaks=("chat",))
stand_in.default = session.answer            # of a `StandIn`
...                                          # a program works with the model `gpt-5-loop`
assert session.heard[-1].results             # what it was told, request by request
assert session.bodies[-1]["tools"]           # the same in the words of its dialect
"""

from collections.abc import Callable, Sequence
from typing import Any

from tests.support.sessions.hearing import DIALECT_OF, Dialect, Heard, hear
from tests.support.sessions.scenes import play
from tests.support.sessions.turns import Turn, chat_reply, message_content, response_output
from tests.support.stand_ins.anthropic import AnthropicApi
from tests.support.stand_ins.responses import ResponsesApi
from tests.support.stand_ins.upstream import USAGE, Received, Reply, status


class ScriptedUpstream:
    """It. `model` decides what is said; what it is asked in a dialect that it does not speak it answers with 404."""

    def __init__(self, speaks: Sequence[Dialect], model: Callable[[Heard], Turn] = play) -> None:
        self.heard: list[Heard] = []
        self.bodies: list[dict[str, Any]] = []
        self.anthropic = AnthropicApi(model=None, thinks="")
        self.responses = ResponsesApi(thinks="")
        self._speaks = speaks
        self._model = model

    def answer(self, received: Received) -> Reply:
        """Answer one request."""
        dialect = DIALECT_OF.get(received.path)
        if dialect is None or dialect not in self._speaks:
            return status(404, message=f"there is nothing at {received.path}")
        heard = hear(dialect, received.json)
        self.heard.append(heard)
        self.bodies.append(received.json)
        if heard.fault is not None:
            return status(400, message=heard.fault, error={"type": "invalid_request_error"})
        turn = self._model(heard)
        if dialect == "chat":
            return _answer_chat(received, turn, f"chatcmpl-{len(self.bodies)}")
        if dialect == "messages":
            self.anthropic.content, self.anthropic.thinks = message_content(turn), turn.thought
            self.anthropic.stop_reason = "tool_use" if turn.calls else "end_turn"
            return self.anthropic.answer(received)
        self.responses.output, self.responses.thinks = tuple(response_output(turn)), turn.thought
        return self.responses.answer(received)


def _answer_chat(received: Received, turn: Turn, id: str) -> Reply:
    body = received.json
    for n, message in enumerate(body["messages"]):
        content = message.get("content")
        if message["role"] == "tool" and isinstance(content, list) and any(part["type"] != "text" for part in content):
            fault = f"Invalid 'messages[{n}]'. Image URLs are only allowed for messages with role 'user'."
            return status(400, message=fault, error={"type": "invalid_request_error"})
    return chat_reply(turn, id, stream=bool(body.get("stream")), usage=USAGE)
