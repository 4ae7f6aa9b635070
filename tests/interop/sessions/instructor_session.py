"""Instructor, which has answers in the form of a class by way of a call of a tool."""

import sys
from importlib.metadata import version

import instructor
from anthropic import Anthropic
from openai import OpenAI
from pydantic import create_model
from scenes import BASE_URL, QUESTION, play

DIALECT = sys.argv[1]


weather = create_model("weather", city=(str, ...))


def ask(scene: str, model: str, key: str) -> str:
    if DIALECT == "chat":
        client, more = instructor.from_openai(OpenAI(base_url=f"{BASE_URL}/v1", api_key=key)), {}
    else:
        client, more = instructor.from_anthropic(Anthropic(base_url=BASE_URL, api_key=key)), {"max_tokens": 1024}
    question = [{"role": "user", "content": QUESTION}]
    asked = {"messages": question, "model": model.replace("-text-", "-loop-"), "max_retries": 1, **more}
    told = client.create(response_model=weather, **asked)
    return f"Hello from the script: {told.city}"


family = "gpt-4.1" if DIALECT == "chat" else "claude-sonnet-4-5"
play(f"instructor, {DIALECT} {version('instructor')}", family, ask, ("text", "empty", "wrong"))
