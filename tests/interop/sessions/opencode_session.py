"""opencode, with the provider that its documentation has for such servers."""

import json
import tempfile
from pathlib import Path

from scenes import BASE_URL, QUESTION, image, play, run, spend
from scenes_node import BIN, version_of

# USD a million tokens: what `pricing_of` has.
COST = {"input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75}


def ask(scene: str, model: str, key: str) -> str:
    known = {
        "name": model,
        "attachment": True,
        "tool_call": True,
        "reasoning": True,
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "limit": {"context": 128_000, "output": 16_384},
        "cost": COST,
    }
    options = {"baseURL": f"{BASE_URL}/v1", "apiKey": "{env:FAREBOX_KEY}"}
    provider = {"npm": "@ai-sdk/openai-compatible", "name": "Farebox", "options": options, "models": {model: known}}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "opencode.json").write_text(json.dumps({"provider": {"farebox": provider}}))
        command = [str(BIN / "opencode"), "run", "--format", "json", "--model", f"farebox/{model}", QUESTION]
        if scene == "image":
            command += ["--file", str(image(home))]
        if scene not in ("text", "stream"):
            command += ["--title", scene]  # it would ask for one, and tells no cost of that
        told = run(command, home, {"FAREBOX_KEY": key, "OPENCODE_DISABLE_AUTOUPDATE": "1"})
    events = [json.loads(line) for line in told.splitlines()]
    faults = [event["error"] for event in events if event["type"] == "error"]
    if faults:
        raise RuntimeError(json.dumps(faults))
    if scene not in ("text", "stream"):
        spend(model, sum(event["part"]["cost"] for event in events if event["type"] == "step_finish"))
    return "".join(event["part"]["text"] for event in events if event["type"] == "text")


play(f"opencode {version_of('opencode-ai')}", "gpt-4.1", ask)
