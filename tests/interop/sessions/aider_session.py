"""aider. It calls no tools: what a model changes is in its texts."""

import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from scenes import BASE_URL, QUESTION, image, play, run

PROGRAM = str(Path(sys.executable).with_name("aider"))
QUIET = ("--no-git", "--yes-always", "--no-check-update", "--no-show-model-warnings", "--no-pretty")
KNOWN = {
    "litellm_provider": "openai",
    "mode": "chat",
    "max_input_tokens": 128_000,
    "supports_vision": True,
    "input_cost_per_token": 3e-6,
    "output_cost_per_token": 15e-6,
}
FAILED = "litellm."  # how the name of each of its errors begins
PATIENCE_S = 100.0  # it tries a 402 again for a minute, whatever it is told


def ask(scene: str, model: str, key: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / ".aider.model.metadata.json").write_text(json.dumps({f"openai/{model}": KNOWN}))
        command = [PROGRAM, *QUIET, "--model", f"openai/{model}", "--message", QUESTION]
        if scene != "stream":
            command.append("--no-stream")
        if scene == "image":
            command.append(str(image(home)))
        told = run(command, home, {"OPENAI_API_BASE": f"{BASE_URL}/v1", "OPENAI_API_KEY": key})
    if FAILED in told:
        raise RuntimeError(told[told.index(FAILED) :])
    if "Cost: $" not in told:
        raise RuntimeError(f"it told no cost: {told}")
    return told


SCENES = ("text", "stream", "image", "empty", "wrong")
play(f"aider {version('aider-chat')}", "gpt-4.1", ask, SCENES, PATIENCE_S, guesses=True)
