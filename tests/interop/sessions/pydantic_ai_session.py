"""Pydantic AI, with chat completions, Messages and Responses."""

import base64
import sys
from importlib.metadata import version

from anthropic import AsyncAnthropic
from pydantic_ai import Agent, BinaryContent
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from scenes import BASE_URL, IMAGE, QUESTION, play, weather

DIALECT = sys.argv[1]


def ask(scene: str, model: str, key: str) -> str:
    settings = None
    if DIALECT != "messages":
        kind = OpenAIChatModel if DIALECT == "chat" else OpenAIResponsesModel
        chosen = kind(model, provider=OpenAIProvider(base_url=f"{BASE_URL}/v1", api_key=key))
    else:
        client = AsyncAnthropic(base_url=BASE_URL, api_key=key)
        chosen = AnthropicModel(model, provider=AnthropicProvider(anthropic_client=client))
        if scene == "reasoning":
            thinking = {"type": "enabled", "budget_tokens": 1024}
            settings = AnthropicModelSettings(max_tokens=4096, anthropic_thinking=thinking)
    agent = Agent(chosen, tools=[weather], model_settings=settings)
    if scene == "stream":
        with_stream = agent.run_stream_sync(QUESTION)
        return str(with_stream.get_output())
    said = [QUESTION]
    if scene == "image":
        said.append(BinaryContent(base64.b64decode(IMAGE), media_type="image/png"))
    return str(agent.run_sync(said).output)


family = {"chat": "gpt-4.1", "responses": "gpt-5.5"}.get(DIALECT, "claude-sonnet-4-5")
play(f"pydantic-ai, {DIALECT} {version('pydantic-ai-slim')}", family, ask)
