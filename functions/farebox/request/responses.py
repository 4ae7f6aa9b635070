"""OpenAI's Responses (https://platform.openai.com/docs/api-reference/responses/create), without anything that is
stored: the fate of each field."""

import re
from typing import Any, Final

from functions.farebox.request.bounds import read_cap, word_for
from functions.farebox.request.chat import MAX_TOP_LOGPROBS, OPENAI_SHARED
from functions.farebox.request.checked import Checked, check
from functions.farebox.request.enumerated import answer_format, effort, summary, verbosity
from functions.farebox.request.fate import (
    Feature,
    Reach,
    Reading,
    Table,
    bounding,
    free,
    priced,
    refused,
    unsupported,
)
from functions.farebox.request.places import keep, keep_held, refuse_held, refuse_references, refuse_references_but
from functions.farebox.request.prompt.fields import ITEM
from functions.farebox.request.prompt.messages import ROLES, SYSTEM_ROLES, not_a_role
from functions.farebox.request.prompt.parts import read_content, read_part
from functions.farebox.request.tools.choice import read_tool_choice
from functions.farebox.request.tools.hosted import MOST_USES
from functions.farebox.request.tools.offered import read_responses_tools
from functions.farebox.request.values import (
    flag,
    label,
    labels,
    list_of,
    mapping,
    nested,
    object_at,
    objects_at,
    one_of,
    refuse_stored_text,
    text,
    text_at,
    whole,
    whole_at,
    word,
    wrong_type,
    wrong_value,
)

MAX_ITEMS = 10_000
SEALS = "reasoning.encrypted_content"
# https://platform.openai.com/docs/guides/reasoning: by their names, whoever resells them.
_THINKING_MODEL = re.compile(r"(?:^|/)(?:o[1-9]|gpt-(?:[5-9]|\d\d)(?!.{0,200}-chat)|codex)", re.ASCII)

_STORED = "nothing is stored here: send the whole conversation in 'input', and leave this out."
_FORGOTTEN = (
    "this item is not known here, or not any more: nothing is stored. Send the item itself, and 'store': false, which "
    "has clients send items whole (in Vercel's AI SDK: providerOptions.openai.store)."
)
# Items whose `content`, `output` or `summary` is walked for media; the rest of each is text.
_ITEMS = frozenset(
    {
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
        "custom_tool_call",
        "custom_tool_call_output",
        "local_shell_call",
        "local_shell_call_output",
        "shell_call",
        "shell_call_output",
        "apply_patch_call",
        "apply_patch_call_output",
        "computer_call",
        "computer_call_output",
        "web_search_call",
        "file_search_call",
        "code_interpreter_call",
        "image_generation_call",
        "tool_search_call",
        "tool_search_output",
        "additional_tools",
        "program",
        "program_output",
        "compaction",
        "compaction_summary",
    }
)
# Fields of items that only some kinds have.
_OF_KINDS = {
    "output": frozenset(kind for kind in _ITEMS if kind.endswith("_output")),
    "outputs": {"code_interpreter_call"},
    "results": {"file_search_call"},
    "result": {"image_generation_call", "program_output"},
    "action": {"web_search_call", "computer_call", "local_shell_call", "shell_call", "image_generation_call"},
    "actions": {"computer_call"},
    "operation": {"apply_patch_call"},
    "environment": {"shell_call", "shell_call_output"},
    "tools": {"tool_search_output", "additional_tools"},
}
_ITEM_OF_ANY = ITEM - _OF_KINDS.keys()
_ITEM_OF = {kind: _ITEM_OF_ANY | {name for name, kinds in _OF_KINDS.items() if kind in kinds} for kind in _ITEMS}
_READ_IN_ITEM = frozenset({"content", "output", "tools", "arguments", "input", "action"})
_LOGS = frozenset({"type", "logs"})  # an image is at an address of the vendor's
_PRINTED = frozenset({"stdout", "stderr", "outcome", "created_by"})
_OUTCOME = frozenset({"outcome"})
_ENDED = frozenset({"type", "exit_code"})
_IMAGE = {"type": "input_image"}


def _read_input(value: object, at: str, reading: Reading) -> object:
    if type(value) is str:
        return value
    if type(value) is not list:
        raise wrong_type(at, "a text or a list of items")
    if not 1 <= len(value) <= MAX_ITEMS:
        raise wrong_value(at, f"a list of 1 to {MAX_ITEMS} items")
    items = []
    for n, item in enumerate(objects_at(value, at)):
        if _is_kept_elsewhere(item):
            reading.drop(f"{at}.{n}")
        else:
            items.append(_read_item(item, f"{at}.{n}", reading))
    return items if len(items) == len(value) else [_unbound(item) for item in items]


def _unbound(item: dict[str, Any]) -> dict[str, Any]:
    """An item beside a thought that was left out. By its id OpenAI would know that the thought belongs to it, and
    refuse it alone; without one it is taken as it stands."""
    if item.get("type") == "reasoning" or "id" not in item:
        return item
    return {name: value for name, value in item.items() if name != "id"}


def _is_kept_elsewhere(item: dict[str, Any]) -> bool:
    """Whether an item is a thought without its text and without its seal: only who stored it could read it, and nothing
    is stored."""
    return item.get("type") == "reasoning" and not item.get("encrypted_content") and not item.get("content")


def _read_item(item: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    kind = text_at(item.get("type", "message"), f"{at}.type")
    if kind == "item_reference":
        raise unsupported(f"{at}.type", _FORGOTTEN)
    if kind == "compaction_trigger":
        reading.ask(Feature("compaction", at, None))
        return item
    if kind not in _ITEMS:
        raise unsupported(f"{at}.type", f"items of type {kind[:64]!r} are not offered here.")
    if kind == "message":
        if type(item.get("role")) is not str or item["role"] not in ROLES:
            raise not_a_role(item.get("role"), f"{at}.role")
        if item.get("content") is None:
            raise wrong_type(f"{at}.content", "a text or a list of parts")
        if item["role"] in SYSTEM_ROLES:
            refuse_stored_text(item["content"], f"{at}.content")
    return _known(item, kind, at, reading)


def _known(item: dict[str, Any], kind: str, at: str, reading: Reading) -> dict[str, Any]:
    """What is known of an item, with what it holds."""
    read = dict(keep(item, _ITEM_OF[kind], at, reading))
    if item.get("content") is not None:
        read["content"] = read_content(item["content"], f"{at}.content", reading)
    if read.get("output") is not None:
        read["output"] = _read_output(kind, read["output"], f"{at}.output", reading)
    if kind == "image_generation_call":
        if not read.get("result"):
            raise unsupported(f"{at}.result", _FORGOTTEN)
        reading.see(_IMAGE)
    if "tools" in read or kind == "additional_tools":
        read["tools"] = read_responses_tools(item.get("tools"), f"{at}.tools", reading)
    if kind == "code_interpreter_call" and read.get("outputs") is not None:
        outputs = enumerate(objects_at(read["outputs"], f"{at}.outputs"))
        read["outputs"] = [keep(each, _LOGS, f"{at}.outputs.{n}", reading) for n, each in outputs]
    action = read.get("action")
    if type(action) is dict:  # the variables that a command gets are the caller's
        refuse_references({name: value for name, value in action.items() if name != "env"}, f"{at}.action")
    refuse_references_but(read, _READ_IN_ITEM, at)
    return read


def _read_output(kind: str, output: object, at: str, reading: Reading) -> object:
    """What a call came to: text and media as in a message, a screenshot."""
    if kind == "computer_call_output":
        return read_part({"type": "computer_screenshot", **object_at(output, at)}, at, reading)
    if kind != "shell_call_output" or type(output) is str:
        return read_content(output, at, reading)
    printed = [keep(each, _PRINTED, f"{at}.{n}", reading) for n, each in enumerate(objects_at(output, at))]
    for n, each in enumerate(printed):
        refuse_held(each, _OUTCOME, f"{at}.{n}")
    return [keep_held(each, "outcome", _ENDED, f"{at}.{n}", reading) for n, each in enumerate(printed)]


def _read_instructions(value: object, at: str, reading: Reading) -> object:
    refuse_stored_text(text_at(value, at), at)
    return value


def _read_store(value: object, at: str, reading: Reading) -> object:
    """Nothing is stored, here or behind us."""
    flag(value, at, reading)
    return False


def _read_max_tool_calls(value: object, at: str, reading: Reading) -> object:
    reading.max_tool_calls = whole_at(value, at, 1, MOST_USES)
    return value


def _read_context_management(value: object, at: str, reading: Reading) -> object:
    entries = [keep(each, _MANAGED, f"{at}.{n}", reading) for n, each in enumerate(objects_at(value, at))]
    if entries:
        reading.ask(Feature("compaction", at, None))
    return entries


_REASONING: Table = {
    "effort": free(effort),
    "summary": free(summary),
    "generate_summary": free(summary),
    "context": free(word),
    "mode": priced(word_for("reasoning_mode", "standard", "pro")),
}
_MANAGED = frozenset({"type", "compact_threshold"})
_FORMAT: Table = {
    "type": free(answer_format),
    "name": free(label),
    "description": free(text),
    "schema": free(mapping),
    "strict": free(flag),
}
_TEXT: Table = {"format": free(nested(_FORMAT), Reach.PROMPT), "verbosity": free(verbosity)}

RESPONSES: Final[Table] = {
    **OPENAI_SHARED,
    "input": bounding(_read_input, Reach.PROMPT),
    "instructions": bounding(_read_instructions, Reach.PROMPT),
    "max_output_tokens": bounding(read_cap),
    "max_tool_calls": bounding(_read_max_tool_calls),
    "tools": priced(read_responses_tools, Reach.PROMPT),
    "tool_choice": priced(read_tool_choice, Reach.PROMPT),
    "text": free(nested(_TEXT), Reach.PROMPT),
    "reasoning": priced(nested(_REASONING)),
    "include": free(list_of(str, "a list of texts", most=64), Reach.LABEL),
    "stream_options": free(nested({"include_obfuscation": free(flag)})),
    "top_logprobs": free(whole(0, MAX_TOP_LOGPROBS)),
    "truncation": free(one_of("auto", "disabled")),
    "store": free(_read_store),
    "client_metadata": free(labels, Reach.LABEL),
    "context_management": priced(_read_context_management, Reach.LABEL),
    "previous_response_id": refused(_STORED),
    "conversation": refused(_STORED),
    "prompt": refused("stored prompts are not offered. Send the text in 'instructions' and 'input'."),
}


def check_response(body: dict[str, object]) -> Checked:
    """A request for a response, checked. Raises `InvalidRequest` that names the field at fault."""
    if body.get("store") is None or body["store"] is True:
        body = {**body, "store": False} | _sealed(body)  # OpenAI stores what does not say so
    return check("/responses", body, RESPONSES, ("model", "input"))


def _sealed(body: dict[str, object]) -> dict[str, object]:
    """What has the thoughts told, under a seal, to a client that trusts in their being stored: it sends back what it
    was answered, and they are in it. Only models that think take it."""
    model, wanted = body.get("model"), body.get("include") or []
    if type(model) is not str or type(wanted) is not list or SEALS in wanted or not _THINKING_MODEL.search(model):
        return {}
    return {"include": [*wanted, SEALS]}
