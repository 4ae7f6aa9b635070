"""LangGraph's agent, with LangChain's chat completions and its Messages."""

import sys
from importlib.metadata import version

from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI
from scenes import BASE_URL, IMAGE, QUESTION, play, weather

DIALECT = sys.argv[1]


def ask(scene: str, model: str, key: str) -> str:
    if DIALECT == "chat":
        chosen = ChatOpenAI(model=model, base_url=f"{BASE_URL}/v1", api_key=key)
    else:
        thinks = {"thinking": {"type": "enabled", "budget_tokens": 1024}} if scene == "reasoning" else {}
        chosen = ChatAnthropic(model=model, base_url=BASE_URL, api_key=key, max_tokens=4096, **thinks)
    content = [{"type": "text", "text": QUESTION}]
    if scene == "image":
        content.append({"type": "image", "source_type": "base64", "mime_type": "image/png", "data": IMAGE})
    said = {"messages": [{"role": "user", "content": content}]}
    agent = create_agent(chosen, [weather])
    if scene == "stream":
        return "".join(chunk.text for chunk, _ in agent.stream(said, stream_mode="messages"))
    return str(agent.invoke(said)["messages"][-1].text)


family = "gpt-4.1" if DIALECT == "chat" else "claude-sonnet-4-5"
package = "langchain-openai" if DIALECT == "chat" else "langchain-anthropic"
play(f"LangGraph with {package} {version(package)}", family, ask)
