"""What a chat completion request may ask for and no other dialect has words for: refused by name, since it changes what
is answered."""

from typing import Final

from functions.farebox.request.checked import Checked
from functions.farebox.request.fate import unsupported

_ADVICE: Final = {
    "audio": "this model says nothing aloud.",
    "function_call": "write 'tool_choice'.",
    "functions": "offer them as 'tools'.",
    "web_search_options": "this model is offered no search here.",
    "documents": "put them into 'messages'.",
}


def refuse_what_chat_alone_says(chat: Checked) -> None:
    """Raises `InvalidRequest` where a request has any of it."""
    if chat.choices != 1 or chat.best_of is not None:
        raise unsupported("n", "this model gives one answer at a time. Ask several times.")
    for name, advice in _ADVICE.items():
        refuse(chat, name, advice)
    if any(each != "text" for each in chat.fields.get("modalities", ())):
        raise unsupported("modalities", "this model answers in text alone.")


def refuse(chat: Checked, name: str, advice: str) -> None:
    """Raises `InvalidRequest` where a request has something in a field. An empty object is something."""
    if chat.fields.get(name) or chat.fields.get(name) == {}:
        raise unsupported(name, advice)
