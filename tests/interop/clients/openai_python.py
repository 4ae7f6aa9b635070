"""OpenAI's client for Python."""

import openai
from checks import BASE_URL, KEY, QUESTION, SAID, TOOL, report

client = openai.OpenAI(base_url=f"{BASE_URL}/v1", api_key=KEY)


def stream() -> bool:
    options = {"include_usage": True}
    chunks = list(client.chat.completions.create(model="plain", messages=QUESTION, stream=True, stream_options=options))
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    return said == SAID and chunks[-1].usage.total_tokens > 0


def tools() -> bool:
    answer = client.chat.completions.create(model="tools", messages=QUESTION, tools=[TOOL])
    return answer.choices[0].message.tool_calls[0].function.name == "weather"


def refusal() -> bool:
    try:
        client.with_options(api_key="wrong").models.list()
    except openai.AuthenticationError as error:
        return error.code == "invalid_api_key"
    return False


report(
    f"openai (Python) {openai.__version__}",
    {
        "plain": lambda: (
            client.chat.completions.create(model="plain", messages=QUESTION).choices[0].message.content == SAID
        ),
        "stream": stream,
        "tools": tools,
        "embeddings": lambda: len(client.embeddings.create(model="vectors", input="Hello").data[0].embedding) == 3,
        "responses": lambda: client.responses.create(model="plain", input="Hello").output_text == SAID,
        "refusal": refusal,
    },
)
