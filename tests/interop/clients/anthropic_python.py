"""Anthropic's client for Python."""

import anthropic
from checks import BASE_URL, CITY, KEY, QUESTION, SAID, report

client = anthropic.Anthropic(base_url=BASE_URL, api_key=KEY)
ASKED = {"max_tokens": 64, "messages": QUESTION}


def stream() -> bool:
    with client.messages.stream(model="plain", **ASKED) as events:
        message = events.get_final_message()
    return message.content[0].text == SAID and message.usage.output_tokens > 0


def tools() -> bool:
    tool = {"name": "weather", "input_schema": CITY}
    message = client.messages.create(model="tools", tools=[tool], **ASKED)
    return [block.input for block in message.content if block.type == "tool_use"] == [{"city": "Rome"}]


def refusal() -> bool:
    try:
        client.with_options(api_key="wrong").messages.create(model="plain", **ASKED)
    except anthropic.AuthenticationError:
        return True
    return False


report(
    f"anthropic (Python) {anthropic.__version__}",
    {
        "plain": lambda: client.messages.create(model="plain", **ASKED).content[0].text == SAID,
        "stream": stream,
        "tools": tools,
        "refusal": refusal,
    },
)
