"""Tools that Anthropic's models know by their type and that the caller carries out, described as functions for models
that know them not (https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview).

A call of one comes back by the tool's own name with the input that its type has, so that callers need not know.
"""

import re
from collections.abc import Mapping
from typing import Any

from functions.farebox.dialects.dialect import Json

_TEXT: Json = {"type": "string"}
_LINE: Json = {"type": "integer"}
_POINT: Json = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}

_BASH: Json = {
    "command": {**_TEXT, "description": "What to run. Left out with 'restart' alone."},
    "restart": {"type": "boolean", "description": "True starts the session anew."},
}
_EDITS: Json = {
    "path": {**_TEXT, "description": "The file, or a directory to view."},
    "view_range": {**_POINT, "description": "For 'view': the first and the last line, from 1; -1 is the end."},
    "file_text": {**_TEXT, "description": "For 'create': what the file is to hold."},
    "old_str": {**_TEXT, "description": "For 'str_replace': a text that is in the file exactly once."},
    "new_str": {**_TEXT, "description": "For 'str_replace': what stands in its place."},
    "insert_line": {**_LINE, "description": "For 'insert': the line after which to insert; 0 is the beginning."},
    "insert_text": {**_TEXT, "description": "For 'insert': what to insert."},
}
_EDITOR = ("view", "create", "str_replace", "insert")
_OLD_EDITOR = re.compile(r"text_editor_(?:2024\d{4}|20250124)$")  # those can undo, and insert `new_str`
_MEMORY: Json = {
    **_EDITS,
    "old_path": {**_TEXT, "description": "For 'rename': what is to be renamed."},
    "new_path": {**_TEXT, "description": "For 'rename': its new path."},
}
_COMPUTER: Json = {
    "coordinate": {**_POINT, "description": "Where, as x and y in pixels."},
    "start_coordinate": {**_POINT, "description": "For 'left_click_drag': where it begins."},
    "text": {**_TEXT, "description": "What to type, or the keys to press or hold, such as ctrl+s."},
    "duration": {"type": "number", "description": "For 'hold_key' and 'wait': how long, in seconds."},
    "scroll_direction": {"type": "string", "enum": ["up", "down", "left", "right"]},
    "scroll_amount": {**_LINE, "description": "How many clicks of the wheel."},
    "region": {"type": "array", "items": {"type": "integer"}, "description": "For 'zoom': x0, y0, x1, y1."},
}
_OLD_ACTIONS = (
    *("screenshot", "cursor_position", "mouse_move", "left_click", "left_click_drag", "right_click"),
    *("middle_click", "double_click", "key", "type"),
)
_ACTIONS = (
    *_OLD_ACTIONS,
    *("left_mouse_down", "left_mouse_up", "triple_click", "scroll", "hold_key", "wait"),
)
_KIND = re.compile(r"(bash|text_editor|memory|computer)_\d{8}$")


def function_of(tool: Mapping[str, Any]) -> Json | None:
    """The description and the parameters of such a tool as a function has them; `None` for any other tool."""
    kind = str(tool.get("type"))
    known = _KIND.match(kind)
    match known and known[1]:
        case "bash":
            return _function("Runs commands in one bash session, which lasts from call to call.", _BASH, [])
        case "text_editor":
            return _editor(kind)
        case "memory":
            return _memory()
        case "computer":
            return _computer(kind, tool)
    return None


def _editor(kind: str) -> Json:
    is_old = _OLD_EDITOR.match(kind) is not None
    properties = {"command": _one_of(*_EDITOR, *(["undo_edit"] if is_old else [])), **_EDITS}
    if is_old:
        del properties["insert_text"]
        properties["new_str"] = {**_TEXT, "description": "For 'str_replace' and 'insert': the new text."}
    return _function("Views, creates and edits files of text.", properties, ["command", "path"])


def _memory() -> Json:
    about = (
        "Keeps notes from conversation to conversation, as files in the directory /memories. View that directory "
        "before anything else: it may hold earlier work on this. Keep what matters there as you go."
    )
    return _function(about, {"command": _one_of(*_EDITOR, "delete", "rename"), **_MEMORY}, ["command"])


def _computer(kind: str, tool: Mapping[str, Any]) -> Json:
    width, height = tool.get("display_width_px"), tool.get("display_height_px")
    about = f"Uses a computer by its screen, of {width} x {height} pixels, its mouse and its keyboard."
    actions = _OLD_ACTIONS if kind == "computer_20241022" else _ACTIONS
    if tool.get("enable_zoom"):
        actions = (*actions, "zoom")
    return _function(about, {"action": _one_of(*actions), **_COMPUTER}, ["action"])


def _one_of(*words: str) -> Json:
    return {"type": "string", "enum": list(words)}


def _function(description: str, properties: Json, required: list[str]) -> Json:
    return {
        "description": description,
        "parameters": {"type": "object", "properties": properties, "required": required},
    }
