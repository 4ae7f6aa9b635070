"""Anthropic's models on Vertex AI: Messages whose address names the model, and whose body names the version
(https://docs.anthropic.com/en/api/claude-on-vertex-ai)."""

from urllib.parse import quote

BODY_HEAD = b'"anthropic_version":"vertex-2023-10-16"'  # in the place of the model's name


def vertex_path(model: str, *, stream: bool) -> str:
    """The address of a model, below those of all. A client may have chosen a part of its name: nothing in it leads
    elsewhere."""
    return f"/{quote(model, safe='@')}:{'streamRawPredict' if stream else 'rawPredict'}"
