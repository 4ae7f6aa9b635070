"""OpenAI's Codex."""

import tempfile
from pathlib import Path

from scenes import BASE_URL, QUESTION, image, play, run
from scenes_node import BIN, version_of

CONFIG = """\
model_provider = "farebox"
[model_providers.farebox]
name = "Farebox"
base_url = "{base_url}/v1"
env_key = "FAREBOX_KEY"
wire_api = "responses"
"""


def ask(scene: str, model: str, key: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "config.toml").write_text(CONFIG.format(base_url=BASE_URL))
        command = [str(BIN / "codex"), "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
        command += ["--model", model, QUESTION]
        if scene == "image":
            command += ["--image", str(image(home))]
        return run(command, home, {"CODEX_HOME": folder, "FAREBOX_KEY": key})


play(f"Codex {version_of('@openai/codex')}", "gpt-5.5", ask)
