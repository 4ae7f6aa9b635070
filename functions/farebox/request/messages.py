"""Anthropic's Messages (https://docs.anthropic.com/en/api/messages): the fate of each field."""

from typing import Final

from functions.farebox.request.bounds import (
    AMOUNTS,
    MAX_CAP,
    read_cap,
    read_model,
    read_stream,
    read_tier,
    word_for,
)
from functions.farebox.request.chat import CACHE_CONTROL, THINKING
from functions.farebox.request.checked import Checked, check
from functions.farebox.request.enumerated import answer_format, effort
from functions.farebox.request.fate import LEFT_OUT, Feature, Reach, Reading, Table, bounding, free, priced, refused
from functions.farebox.request.places import keep, keep_held
from functions.farebox.request.prompt.messages import read_messages
from functions.farebox.request.prompt.parts import read_content
from functions.farebox.request.steering import REFUSED
from functions.farebox.request.tools.choice import read_tool_choice
from functions.farebox.request.tools.offered import read_added_tool, read_messages_tools
from functions.farebox.request.values import (
    label,
    labels,
    list_of,
    mapping,
    nested,
    number,
    object_at,
    objects_at,
    refuse_stored_text,
    text_at,
    whole,
    word,
)

MAX_STOPS = 8_192


def _read_turns(value: object, at: str, reading: Reading) -> object:
    reading.read_tool = read_added_tool
    return read_messages(value, at, reading)


def _read_system(value: object, at: str, reading: Reading) -> object:
    refuse_stored_text(value, at)
    return read_content(value, at, reading)


def _leave_out_diagnostics(value: object, at: str, reading: Reading) -> object:
    """They tell how far a prompt is alike another that the vendor keeps, by its id: it need not be the same customer's.
    Nothing is wrong with who asks for it, as programs do by default, and the answer is the same without."""
    reading.drop(at)
    return LEFT_OUT


def _read_context_management(value: object, at: str, reading: Reading) -> object:
    """Edits take out of the prompt what is old, and cost nothing; a compaction is an answer of its own, with no cap."""
    management = keep(object_at(value, at), _MANAGEMENT, at, reading)
    edits = management.get("edits")
    if edits is None:
        return management
    kept = []
    for n, edit in enumerate(objects_at(edits, f"{at}.edits")):
        if not text_at(edit.get("type"), f"{at}.edits.{n}.type").startswith("clear_"):
            reading.ask(Feature("compaction", f"{at}.edits.{n}", None))
        for name in _AMOUNTS_OF_EDITS:
            edit = keep_held(edit, name, _AMOUNT, f"{at}.edits.{n}", reading)
        kept.append(keep(edit, _EDIT, f"{at}.edits.{n}", reading))
    return {**management, "edits": kept}


_MANAGEMENT = frozenset({"edits"})
_AMOUNTS_OF_EDITS = ("trigger", "keep", "clear_at_least")
_AMOUNT = frozenset({"type", "value"})
_EDIT = frozenset(
    {"type", *_AMOUNTS_OF_EDITS, "exclude_tools", "clear_tool_inputs", "instructions", "pause_after_compaction"}
)
_FORMAT: Table = {"type": free(answer_format), "schema": free(mapping), "name": free(label)}
_tokens = free(whole(0, MAX_CAP))
_OUTPUT_CONFIG: Table = {
    "effort": free(effort),
    "format": free(nested(_FORMAT), Reach.PROMPT),
    "task_budget": free(nested({"type": free(word), "total": _tokens, "remaining": _tokens}), Reach.PROMPT),
}

MESSAGES: Final[Table] = {
    **AMOUNTS,
    **{name: refused(advice) for name, advice in REFUSED.items()},
    "model": bounding(read_model),
    "messages": bounding(_read_turns, Reach.PROMPT),
    "system": bounding(_read_system, Reach.PROMPT),
    "max_tokens": bounding(read_cap),
    "stream": free(read_stream),
    "stop_sequences": free(list_of(str, "a list of texts", most=MAX_STOPS), Reach.LABEL),
    "temperature": free(number(0, 2)),
    "top_p": free(number(0, 1)),
    "top_k": free(whole(-1, 1_000_000)),
    "tools": priced(read_messages_tools, Reach.PROMPT),
    "tool_choice": priced(read_tool_choice, Reach.PROMPT),
    "metadata": free(labels, Reach.LABEL),
    "thinking": bounding(nested(THINKING)),
    "output_config": free(nested(_OUTPUT_CONFIG), Reach.PROMPT),
    "output_format": free(nested(_FORMAT), Reach.PROMPT),
    "service_tier": priced(read_tier),
    "speed": priced(word_for("speed", "standard", "fast")),
    "cache_control": priced(nested(CACHE_CONTROL)),
    "context_management": priced(_read_context_management, Reach.LABEL),
    "diagnostics": free(_leave_out_diagnostics),
}


def check_message(body: dict[str, object]) -> Checked:
    """A request for a message, checked. Raises `InvalidRequest` that names the field at fault."""
    return check("/messages", body, MESSAGES, ("model", "messages", "max_tokens"))


def check_prompt(body: dict[str, object]) -> Checked:
    """The same of a prompt that is only to be counted, and needs no cap."""
    return check("/messages", body, MESSAGES, ("model", "messages"))
