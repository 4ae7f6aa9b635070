"""LangChain's client for OpenAI."""

from importlib.metadata import version

from checks import BASE_URL, KEY, SAID, TOOL, report
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

REACH = {"base_url": f"{BASE_URL}/v1", "api_key": KEY}
chat = ChatOpenAI(model="plain", stream_usage=True, **REACH)
vectors = OpenAIEmbeddings(model="vectors", check_embedding_ctx_length=False, **REACH)


def tools() -> bool:
    answer = ChatOpenAI(model="tools", **REACH).bind_tools([TOOL]).invoke("Hello")
    return [call["args"] for call in answer.tool_calls] == [{"city": "Rome"}]


def refusal() -> bool:
    try:
        ChatOpenAI(model="plain", base_url=REACH["base_url"], api_key="wrong").invoke("Hello")
    except Exception as error:
        return getattr(error, "code", None) == "invalid_api_key"
    return False


report(
    f"langchain-openai {version('langchain-openai')}",
    {
        "plain": lambda: chat.invoke("Hello").content == SAID,
        "stream": lambda: "".join(chunk.content for chunk in chat.stream("Hello")) == SAID,
        "tools": tools,
        "embeddings": lambda: len(vectors.embed_query("Hello")) == 3,
        "refusal": refusal,
    },
)
