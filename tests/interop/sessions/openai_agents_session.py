"""OpenAI's Agents SDK, over Responses as it is by default."""

import asyncio
from importlib.metadata import version

from agents import Agent, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI
from scenes import BASE_URL, IMAGE, QUESTION, play, weather

set_tracing_disabled(True)


def ask(scene: str, model: str, key: str) -> str:
    client = AsyncOpenAI(base_url=f"{BASE_URL}/v1", api_key=key)
    agent = Agent(name="agent", model=OpenAIResponsesModel(model, client), tools=[function_tool(weather)])
    return asyncio.run(_ask(scene, agent))


async def _ask(scene: str, agent: Agent) -> str:
    if scene == "stream":
        streamed = Runner.run_streamed(agent, QUESTION)
        async for _ in streamed.stream_events():
            pass
        return str(streamed.final_output)
    said = [{"type": "input_text", "text": QUESTION}]
    if scene == "image":
        url = f"data:image/png;base64,{IMAGE}"
        said.append({"type": "input_image", "image_url": url, "detail": "auto"})
    return str((await Runner.run(agent, [{"role": "user", "content": said}])).final_output)


play(f"openai-agents {version('openai-agents')}", "gpt-5.5", ask)
