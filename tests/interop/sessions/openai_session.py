"""OpenAI's client for Python, over Responses."""

import json

from openai import OpenAI, __version__
from scenes import BASE_URL, IMAGE, QUESTION, play, weather

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"type": "function", "name": "weather", "parameters": CITY, "strict": False}


def ask(scene: str, model: str, key: str) -> str:
    responses = OpenAI(base_url=f"{BASE_URL}/v1", api_key=key).responses
    said = [{"type": "input_text", "text": QUESTION}]
    if scene == "image":
        said.append({"type": "input_image", "image_url": f"data:image/png;base64,{IMAGE}"})
    items = [{"role": "user", "content": said}]
    asked = {
        "model": model,
        "tools": [TOOL],
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"effort": "low"},
    }
    while True:
        if scene == "stream":
            with responses.stream(input=items, **asked) as events:
                response = events.get_final_response()
        else:
            response = responses.create(input=items, **asked)
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return response.output_text
        items += response.output
        for call in calls:
            output = weather(**json.loads(call.arguments))
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": output})


play(f"openai (Python), responses {__version__}", "gpt-5.5", ask)
