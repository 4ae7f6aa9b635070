"""What is known of the objects inside a prompt, a table a place: a message, a part, a call, an item, a tool.

It is the rule of top-level fields, further in. What no table knows is left out and named, so that no server finds more
in a request than was counted, by whichever spelling. What refers to something that only the server has, and that would
be read without being counted, is refused by name.
"""

from typing import Any, Final

from functions.farebox.request.fate import MAX_NAME_CHARS, Reading, unsupported
from functions.farebox.request.steering import reference_advice
from functions.farebox.request.values import objects_in, wrong_type
from functions.farebox.tokens.media import MEDIA_FIELDS

_HOLDING = (dict, list)
_REASONING = frozenset(
    {
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "thinking",
        "thinking_blocks",
        "thought_signature",
        "signature",
        "encrypted_content",
        "extra_content",
        "provider_specific_fields",
    }
)
MESSAGE = _REASONING | {
    "role",
    "content",
    "name",
    "tool_calls",
    "tool_call_id",
    "tool_name",
    "function_call",
    "refusal",
    "audio",
    "annotations",
    "cache_control",
    "id",
    "index",
    "type",
    "status",
    "phase",
    "prefix",
    "partial",
    "output_config",
}
# What a message may say of the answers that follow it
# (https://docs.anthropic.com/en/docs/build-with-claude/effort).
TURN_CONFIG = frozenset({"effort"})
CALL = frozenset(
    {
        "id",
        "type",
        "index",
        "function",
        "custom",
        "cache_control",
        "thought_signature",
        "extra_content",
        "provider_specific_fields",
    }
)
CALLED: Final = {"function": frozenset({"name", "arguments"}), "custom": frozenset({"name", "input"})}
# What of a call and of a message is no word, number or flag.
HELD_BY_CALL: Final = _REASONING | {"function", "custom", "cache_control"}
HELD_BY_MESSAGE: Final = _REASONING | {
    "content",
    "tool_calls",
    "function_call",
    "audio",
    "annotations",
    "cache_control",
    "output_config",
}
# What servers that take notes of their own back look for in them.
NOTES = frozenset({"thought_signature", "thought_signatures", "thinking_blocks", "reasoning_content", "citations"})
PART = _REASONING | {
    "type",
    "text",
    "id",
    "index",
    "status",
    "refusal",
    "summary",
    "data",
    "name",
    "input",
    "caller",
    "content",
    "tool_use_id",
    "tool_name",
    "tool_references",
    "server_name",
    "reference_ids",
    "is_error",
    "closed",
    "title",
    "source",
    "url",
    "page_age",
    "retrieved_at",
    "error_code",
    "error_message",
    "stdout",
    "stderr",
    "return_code",
    "file_type",
    "start_line",
    "num_lines",
    "total_lines",
    "is_file_update",
    "old_start",
    "old_lines",
    "new_start",
    "new_lines",
    "lines",
    "annotations",
    "logprobs",
    "citations",
    "cache_control",
    "prompt_cache_breakpoint",
}
# Blocks whose `content` is a text, a block or a list of them.
HOLDING_KINDS: Final = frozenset(
    {
        "tool_result",
        "search_result",
        "mcp_tool_result",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "web_fetch_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
    }
)
RESULT_KINDS: Final = frozenset(
    {
        "web_search_result",
        "web_search_tool_result_error",
        "web_fetch_tool_result_error",
        "code_execution_result",
        "code_execution_tool_result_error",
        "bash_code_execution_result",
        "bash_code_execution_tool_result_error",
        "text_editor_code_execution_view_result",
        "text_editor_code_execution_create_result",
        "text_editor_code_execution_str_replace_result",
        "text_editor_code_execution_tool_result_error",
        "tool_search_tool_search_result",
        "tool_search_tool_result_error",
    }
)
# What a vendor's code wrote, by its name there.
FILES_OF_RESULTS: Final = frozenset({"code_execution_output", "bash_code_execution_output"})
# What of a part is no word, number or flag.
HELD_BY_PART: Final = _REASONING | {
    "content",
    "input",
    "summary",
    "caller",
    "tool_references",
    "reference_ids",
    "lines",
    "annotations",
    "citations",
    "logprobs",
    "cache_control",
    "prompt_cache_breakpoint",
}
# Tools that come and go in the course of a conversation of Anthropic's.
TOOL_CHANGE = frozenset({"type", "tool", "cache_control"})
CHANGED_TOOL = frozenset({"type", "name", "definition"})
MEDIA_PART = MEDIA_FIELDS | {
    "type",
    "url",
    "data",
    "detail",
    "format",
    "mime_type",
    "media_type",
    "filename",
    "file_name",
    "title",
    "context",
    "citations",
    "cache_control",
    "prompt_cache_breakpoint",
}
MEDIA = frozenset(
    {
        "type",
        "url",
        "data",
        "file_data",
        "file_id",
        "file_url",
        "id",
        "detail",
        "format",
        "mime_type",
        "media_type",
        "filename",
        "content",
    }
)
ITEM = _REASONING | {
    "type",
    "id",
    "role",
    "content",
    "status",
    "phase",
    "call_id",
    "name",
    "namespace",
    "arguments",
    "input",
    "output",
    "action",
    "actions",
    "operation",
    "environment",
    "max_output_length",
    "summary",
    "tools",
    "execution",
    "caller",
    "code",
    "outputs",
    "queries",
    "results",
    "result",
    "pending_safety_checks",
    "acknowledged_safety_checks",
    "fingerprint",
    "created_by",
}
FUNCTION = frozenset({"name", "description", "parameters", "strict", "cache_control"})
# Tools, by the vendors' own libraries of 2026-11. What a JSON schema holds is the caller's: it is text. Of what a
# vendor's tool is told, that is known which cannot make a call dearer than the price that it has.
_ANY_CALLER = frozenset({"type", "name", "description", "allowed_callers", "defer_loading"})
# Anthropic's, those that its models know by their type among them.
MESSAGES_TOOL: Final = _ANY_CALLER | {
    "input_schema",
    "input_examples",
    "cache_control",
    "strict",
    "eager_input_streaming",
    "display_width_px",
    "display_height_px",
    "display_number",
    "enable_zoom",
    "max_characters",
}
# OpenAI's, which the caller runs.
RESPONSES_TOOL: Final = _ANY_CALLER | {
    "parameters",
    "strict",
    "output_schema",
    "format",
    "cache_control",
}
# What some of these alone have: elsewhere it would be a way to tools and containers of the vendor's.
RESPONSES_TOOL_OF: Final = {
    "namespace": RESPONSES_TOOL | {"tools"},
    "shell": RESPONSES_TOOL | {"environment"},
    "tool_search": RESPONSES_TOOL | {"execution"},
}
# What in a caller's tool is no word, number or flag: schemas and examples, which are text, and what is read by itself.
HELD_BY_TOOL: Final = frozenset(
    {"parameters", "input_schema", "output_schema", "input_examples", "format", "tools", "environment"}
)
_KNOWN_REFERENCES = frozenset({"container"})  # of tools that have a price
CACHED: Final = frozenset({"type", "ttl"})
GRAMMAR: Final = frozenset({"type", "syntax", "definition", "grammar"})
CUSTOM: Final = frozenset({"name", "description", "format"})
ENVIRONMENT: Final = frozenset({"type", "skills"})
SKILL: Final = frozenset({"name", "description", "path"})
# What a vendor runs, whoever's it is. What it may be charged for is the call.
HOSTED: Final = _ANY_CALLER | {
    "function",
    "cache_control",
    "strict",
    "user_location",
    "allowed_domains",
    "blocked_domains",
    "excluded_domains",
    "filters",
    "search_context_size",
    "search_content_types",
    "external_web_access",
    "allowed_x_handles",
    "excluded_x_handles",
    "included_x_handles",
    "from_date",
    "to_date",
    "enable_image_understanding",
    "enable_video_understanding",
    "max_num_results",
    "ranking_options",
    "container",
    "display_width",
    "display_height",
    "environment",
    "action",
    "background",
    "input_fidelity",
    "moderation",
    "output_compression",
    "output_format",
    "partial_images",
    "quality",
    "size",
}
# What is known of the objects in such a tool.
HELD_BY_HOSTED: Final = {
    "user_location": frozenset({"type", "city", "country", "region", "timezone", "approximate"}),
    "filters": frozenset({"allowed_domains", "blocked_domains", "excluded_domains"}),
    "container": frozenset({"type"}),  # its memory has a price
}
MAX_USES: Final = "max_uses"  # bounds a tool for who reads it, which OpenAI's own do not


def keep(holder: dict[str, Any], known: frozenset[str], at: str, reading: Reading) -> dict[str, Any]:
    """An object with what is known of its place. Raises `InvalidRequest` for a reference to what cannot be counted."""
    if holder.keys() <= known:
        return holder
    kept = {}
    for name, value in holder.items():
        if name in known:
            kept[name] = value
        elif value is not None:
            path = f"{at}.{name[:MAX_NAME_CHARS]}"
            advice = reference_advice(name) if value else None
            if advice is not None:
                raise unsupported(path, advice)
            reading.drop(path)
    return kept


def keep_held(holder: dict[str, Any], name: str, known: frozenset[str], at: str, reading: Reading) -> dict[str, Any]:
    """An object, one field of which is an object of which that much is known."""
    held = holder.get(name)
    if type(held) is not dict or held.keys() <= known:
        return holder
    return {**holder, name: keep(held, known, f"{at}.{name}", reading)}


def refuse_held(holder: dict[str, Any], held: frozenset[str], at: str) -> None:
    """Refuse objects and lists outside the fields that have such, where words, numbers and flags belong."""
    for name, value in holder.items():
        if type(value) in _HOLDING and name not in held:
            raise wrong_type(f"{at}.{name}", "a text, a number, true or false")


def refuse_references(value: object, at: str) -> None:
    """Refuse what refers to something that a server keeps, on whatever level: a tool that the vendor runs is priced by
    the call, and not by files that it was given."""
    for holder in objects_in(value):
        for name, held in holder.items():
            advice = reference_advice(name) if held else None
            if advice is not None and (name not in _KNOWN_REFERENCES or (name == "container" and type(held) is str)):
                raise unsupported(f"{at}.{name[:MAX_NAME_CHARS]}", advice)


def refuse_references_but(holder: dict[str, Any], read: frozenset[str], at: str) -> None:
    """The same of all that an object holds, but for fields that are read by themselves or are a caller's own JSON."""
    for name, value in holder.items():
        if type(value) in _HOLDING and name not in read:
            refuse_references(value, f"{at}.{name}")


def keep_cited(holder: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """A message or a part without notes of what files it was made from: clients send back what they were answered."""
    notes = holder.get("annotations")
    if type(notes) is not list or not notes:
        return holder
    kept = [note for note in notes if not any(map(_names_reference, objects_in(note)))]
    if len(kept) == len(notes):
        return holder
    reading.drop(f"{at}.annotations")
    return {**holder, "annotations": kept}


def _names_reference(holder: dict[str, Any]) -> bool:
    return any(value and reference_advice(name) is not None for name, value in holder.items())
