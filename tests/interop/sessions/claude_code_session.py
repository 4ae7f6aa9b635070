"""Anthropic's Claude Code."""

import json
import tempfile
from pathlib import Path

from scenes import BASE_URL, IMAGE, QUESTION, play, run, spend
from scenes_node import BIN, version_of

PROGRAM = str(BIN / "claude")
QUIET = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "IS_SANDBOX": "1"}


def ask(scene: str, model: str, key: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        reach = {"ANTHROPIC_BASE_URL": BASE_URL, "ANTHROPIC_AUTH_TOKEN": key, "ANTHROPIC_MODEL": model}
        how = ["--output-format", "stream-json", "--verbose", "--allowedTools", "Bash,Read"]
        said = {"role": "user", "content": [{"type": "text", "text": QUESTION}]}
        if scene == "image":
            source = {"type": "base64", "media_type": "image/png", "data": IMAGE}
            said["content"].append({"type": "image", "source": source})
        if scene == "stream":
            how.append("--include-partial-messages")
        line = json.dumps({"type": "user", "message": said}) + "\n"
        command = [PROGRAM, "-p", "--input-format", "stream-json", *how]
        told = run(command, Path(folder), {**QUIET, **reach}, input=line)
    last = json.loads(told.strip().splitlines()[-1])
    if last["is_error"]:
        raise RuntimeError(last["result"])
    spend(model, last["total_cost_usd"])
    return str(last["result"])


play(f"Claude Code {version_of('@anthropic-ai/claude-code')}", "claude-sonnet-4-5", ask)
