"""Tools that vendors run, by the names that vendors have for them, each with the one name that it is priced by."""

import re
from typing import Final

MAX_KIND_CHARS = 64  # twice the longest that a vendor has
_KIND = re.compile(r"[A-Za-z0-9_.$:/-]*")  # it may be named in a header
_DATE = re.compile(r"(?:_preview|_\d{4}_?\d{2}_?\d{2}){1,4}$")
# By their bare names.
HOSTED_KINDS: Final = {
    "web_search": "search",
    "$web_search": "search",
    "google_search": "search",
    "googlesearch": "search",
    "google_search_retrieval": "search",
    "googlesearchretrieval": "search",
    "enterprisewebsearch": "search",
    "enterprise_web_search": "search",
    "x_search": "x_search",
    "google_maps": "google_maps",
    "googlemaps": "google_maps",
    "file_search": "file_search",
    "collections_search": "file_search",
    "code_interpreter": "code_interpreter",
    "code_execution": "code_execution",
    "codeexecution": "code_execution",
    "image_generation": "image_generation",
    "computer": "computer_use",
    "computer_use": "computer_use",
    "computeruse": "computer_use",
    "programmatic_tool_calling": "programmatic_tool_calling",
    "tool_search_tool_regex": "tool_search",
    "tool_search_tool_bm25": "tool_search",
}
# What vendors call the steps of those tools in their answers and reports, where that is another name.
_STEPS: Final = {
    "python": "code_interpreter",
    "bash_code_execution": "code_execution",
    "text_editor_code_execution": "code_execution",
    "tool_search": "tool_search",
    "document_search": "file_search",
    "maps": "google_maps",
}
_COUNTED = re.compile(r"^server_side_tool_|_(?:requests|calls|call|count)$")


def bare_kind(kind: str) -> str:
    """A tool's name without a vendor's prefix, `preview` and dates. One that is longer than any, or has what stands in
    none, is left as it is, and known to nobody."""
    if len(kind) > MAX_KIND_CHARS or not _KIND.fullmatch(kind):
        return kind
    return _DATE.sub("", kind.rpartition(":")[2].lower())


def priced_as(step: str) -> str | None:
    """What a step of an answer is priced as (`code_interpreter_call`), or what a report counts by such a name
    (`code_execution_requests`, `SERVER_SIDE_TOOL_X_SEARCH`); `None` for what no vendor is known to run."""
    name = _COUNTED.sub("", bare_kind(step))
    return HOSTED_KINDS.get(name) or _STEPS.get(name)
