"""Claude on Vertex AI: the address names the model, the body the version."""

from typing import Any

import orjson
import pytest

from functions.farebox.gateway.call import Call, outgoing
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.speech.messages.vertex import vertex_path
from functions.farebox.gateway.upstream import parse_upstream
from functions.farebox.request.messages import check_message

PROJECT = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5"
ENTRY: dict[str, Any] = {
    "id": "vertex",
    "base_url": f"{PROJECT}/publishers/anthropic/models/",
    "models": {"claude": "claude-sonnet-4-5@20250929"},
    "auth": "google",
}
SAID = [{"role": "user", "content": "Hello"}]


@pytest.mark.parametrize(("streamed", "way"), [(False, "rawPredict"), (True, "streamRawPredict")])
def test_a_message_is_sent_to_the_address_of_its_model(streamed: bool, way: str) -> None:
    upstream = parse_upstream(ENTRY)
    assert upstream.speaks == {"messages"}
    asked = {"model": "claude", "max_tokens": 50, "messages": SAID, "stream": streamed}
    candidate = Candidate(upstream, "claude-sonnet-4-5@20250929", "claude", "claude")
    sent = outgoing(Call(check_message(asked), 50), candidate)
    assert sent.path == f"/claude-sonnet-4-5@20250929:{way}"
    told = {"anthropic_version": "vertex-2023-10-16", "max_tokens": 50, "messages": SAID}
    assert orjson.loads(sent.body) == ({**told, "stream": True} if streamed else told)


def test_no_name_leads_elsewhere() -> None:
    assert vertex_path("../../x?y#z", stream=False) == "/..%2F..%2Fx%3Fy%23z:rawPredict"
