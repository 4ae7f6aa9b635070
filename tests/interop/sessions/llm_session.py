"""Simon Willison's `llm`, by its library, with a model that is configured as its documentation has it."""

import base64
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import llm
from scenes import BASE_URL, IMAGE, QUESTION, play, weather

MODEL = """\
- model_id: {model}
  model_name: {model}
  api_base: "{base_url}/v1"
  api_key_name: farebox
  vision: true
  supports_tools: true
"""


def ask(scene: str, model: str, key: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LLM_USER_PATH"] = folder
        (Path(folder) / "extra-openai-models.yaml").write_text(MODEL.format(model=model, base_url=BASE_URL))
        chosen = llm.get_model(model)
        if scene == "image":
            seen = llm.Attachment(type="image/png", content=base64.b64decode(IMAGE))
            return str(chosen.prompt(QUESTION, attachments=[seen], key=key).text())
        if scene in ("text", "stream"):
            return str(chosen.prompt(QUESTION, stream=scene == "stream", key=key).text())
        return str(chosen.chain(QUESTION, tools=[weather], key=key).text())


play(f"llm {version('llm')}", "gpt-4.1", ask)
