"""LlamaIndex's agent, with chat completions: its client for Anthropic takes no names that it does not know."""

import asyncio
import base64
from importlib.metadata import version

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock
from llama_index.llms.openai_like import OpenAILike
from scenes import BASE_URL, IMAGE, QUESTION, play, weather


async def work(scene: str, model: str, key: str) -> str:
    chosen = OpenAILike(
        model=model, api_base=f"{BASE_URL}/v1", api_key=key, is_chat_model=True, is_function_calling_model=True
    )
    blocks = [TextBlock(text=QUESTION)]
    if scene == "image":
        blocks.append(ImageBlock(image=base64.b64decode(IMAGE), image_mimetype="image/png"))
    said = ChatMessage(role="user", blocks=blocks)
    if scene in ("image", "text", "stream"):
        if scene == "stream":
            return "".join([part.delta or "" async for part in await chosen.astream_chat([said])])
        return str((await chosen.achat([said])).message.content)
    agent = FunctionAgent(tools=[weather], llm=chosen)
    return str(await agent.run(said))


def ask(scene: str, model: str, key: str) -> str:
    return asyncio.run(work(scene, model, key))


play(f"LlamaIndex {version('llama-index-core')}", "gpt-4.1", ask)
