"""LiteLLM's own client."""

from importlib.metadata import version

import litellm
from checks import BASE_URL, KEY, QUESTION, SAID, TOOL, report

litellm.suppress_debug_info = True
REACH = {"api_base": f"{BASE_URL}/v1", "api_key": KEY}


def plain() -> bool:
    answer = litellm.completion(model="openai/plain", messages=QUESTION, **REACH)
    return answer.choices[0].message.content == SAID


def stream() -> bool:
    chunks = litellm.completion(model="openai/plain", messages=QUESTION, stream=True, **REACH)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == SAID


def tools() -> bool:
    answer = litellm.completion(model="openai/tools", messages=QUESTION, tools=[TOOL], **REACH)
    return answer.choices[0].message.tool_calls[0].function.name == "weather"


def refusal() -> bool:
    try:
        litellm.completion(model="openai/plain", messages=QUESTION, api_base=REACH["api_base"], api_key="wrong")
    except litellm.AuthenticationError:
        return True
    return False


report(
    f"litellm {version('litellm')}",
    {
        "plain": plain,
        "stream": stream,
        "tools": tools,
        "embeddings": lambda: len(litellm.embedding(model="openai/vectors", input=["Hello"], **REACH).data) == 1,
        "refusal": refusal,
    },
)
