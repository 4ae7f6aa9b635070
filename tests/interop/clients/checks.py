"""What every client's script does: run its checks, and print what came of each as one line of JSON."""

import json
import os
from collections.abc import Callable, Mapping

BASE_URL = os.environ["BASE_URL"]
KEY = os.environ["API_KEY"]
SAID = "Hello from LiteLLM"
QUESTION = [{"role": "user", "content": "Hello"}]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL = {"type": "function", "function": {"name": "weather", "description": "The weather", "parameters": CITY}}


def report(client: str, checks: Mapping[str, Callable[[], bool]]) -> None:
    """Print `{client, results: {check: null or what was wrong}}`."""
    results = {name: _outcome(check) for name, check in checks.items()}
    print(json.dumps({"client": client, "results": results}))


def _outcome(check: Callable[[], bool]) -> str | None:
    try:
        return None if check() else "another answer than was expected"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
