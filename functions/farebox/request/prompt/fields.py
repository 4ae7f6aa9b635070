"""What is known of the objects inside a prompt, a table a place: a message, a part, a call, an item. `places` says what
becomes of the rest."""

from typing import Final

from functions.farebox.tokens.media import MEDIA_FIELDS

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
