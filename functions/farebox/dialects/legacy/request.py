"""Translates a legacy completion request to a chat completion request: its prompt is what a user says.

Refused by name is what no chat can do: several prompts at once, tokens in place of a text, a text that the answer is to
lead to (`suffix`), and the probabilities of a prompt that is repeated.
"""

from collections.abc import Mapping
from typing import Any

from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.reading import unsupported

_OWN = frozenset({"prompt", "suffix", "echo", "logprobs", "best_of"})
_WHERE = "the servers of this model complete chats alone, not texts."


def chat_of(asked: Mapping[str, Any]) -> Json:
    """The chat completion request. Raises `InvalidRequest`."""
    if asked.get("suffix"):
        raise unsupported("suffix", f"{_WHERE} Leave it out, or say in the prompt what is to follow.")
    wanted = asked.get("logprobs")
    if wanted is not None and asked.get("echo"):
        raise unsupported("logprobs", f"{_WHERE} They tell the probabilities of an answer alone: leave out 'echo'.")
    chat: Json = {name: value for name, value in asked.items() if name not in _OWN}
    chat["messages"] = [{"role": "user", "content": prompt_of(asked)}]
    if asked.get("best_of") not in (None, asked.get("n", 1)):
        chat["best_of"] = asked["best_of"]
    if wanted is not None:
        chat["logprobs"] = True
        chat["top_logprobs"] = wanted
    return chat


def prompt_of(asked: Mapping[str, Any]) -> str:
    """The one text that is to be completed. Raises `InvalidRequest` where there are others."""
    prompt = asked["prompt"]
    if isinstance(prompt, list) and len(prompt) == 1:
        [prompt] = prompt
    if isinstance(prompt, str):
        return prompt
    if isinstance(prompt, list) and prompt and isinstance(prompt[0], str):
        raise unsupported("prompt", f"{_WHERE} Send one prompt in a request.")
    raise unsupported("prompt", f"{_WHERE} Send a text, not its tokens.")
