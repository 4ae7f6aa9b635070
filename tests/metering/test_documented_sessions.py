"""The sessions on the page of the billing API run word by word."""

import json
import re
import shlex
from pathlib import Path

import httpx

PAGE = (Path(__file__).parents[2] / "docs/metering.md").read_text()
SESSIONS = re.findall(r"^    \$ (curl .+?)\n    (\{[^\n]+\})$", PAGE, re.MULTILINE | re.DOTALL)


def request_of(command: str, key: str) -> tuple[str, dict[str, str], str]:
    """The path, the headers and the body that a command sends."""
    words = shlex.split(command.replace("\\\n", " ").replace("$BILLING_API_KEY", key))
    assert words[:2] == ["curl", "-s"]
    headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
    return words[2].removeprefix("localhost:8080"), headers, words[words.index("-d") + 1]


async def test_each_session_answers_as_the_page_says(gateway: httpx.AsyncClient, uid: str) -> None:
    assert len(SESSIONS) == 5
    for command, told in SESSIONS:
        path, headers, body = request_of(command, gateway.headers["x-api-key"])
        answer = await gateway.post(path, headers=headers, content=body.replace('"u1"', f'"{uid}"'))
        said, expected = json.loads(answer.text.replace(f'"{uid}"', '"u1"')), json.loads(told)
        assert list(said) == list(expected)
        assert {**said, "expires_at": None} == {**expected, "expires_at": None}
