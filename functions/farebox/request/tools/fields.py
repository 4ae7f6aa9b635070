"""What is known of tools, a table a kind, by the vendors' own libraries of 2026-11."""

from typing import Final

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
