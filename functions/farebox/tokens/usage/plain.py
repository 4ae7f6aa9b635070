"""The counts of OpenAI's own answers. Nearly every report has this shape, so it has a short way.

It comes to what `reading` would say of the same report.
"""

from functions.farebox.tokens.usage.counts import Object
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage

_PLAIN = frozenset(
    {"prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details"}
)
_PLAIN_READ = frozenset({"cached_tokens", "audio_tokens"})
_PLAIN_WRITTEN = frozenset(
    {"reasoning_tokens", "audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"}
)
_NO_DETAILS: Object = {}


def read_plain(report: Object) -> Usage | None:
    """What a report in this shape tells; `None` for any other, and for one that does not add up."""
    prompt, completion, total = report.get("prompt_tokens"), report.get("completion_tokens"), report.get("total_tokens")
    if not (type(prompt) is int and type(completion) is int and type(total) is int and report.keys() <= _PLAIN):
        return None
    read = report.get("prompt_tokens_details") or _NO_DETAILS
    written = report.get("completion_tokens_details") or _NO_DETAILS
    if not (isinstance(read, dict) and isinstance(written, dict)):
        return None
    if not (read.keys() <= _PLAIN_READ and written.keys() <= _PLAIN_WRITTEN):
        return None
    cached, heard = read.get("cached_tokens", 0), read.get("audio_tokens", 0)
    reasoning, spoken = written.get("reasoning_tokens", 0), written.get("audio_tokens", 0)
    if not (type(cached) is int and type(heard) is int and type(reasoning) is int and type(spoken) is int):
        return None
    adds_up = (
        prompt + completion == total <= MAX_TOKENS and cached + heard <= prompt and reasoning + spoken <= completion
    )
    if not adds_up or (completion and not prompt) or min(prompt, completion, cached, heard, reasoning, spoken) < 0:
        return None
    return Usage(prompt, completion, cached, 0, heard, reasoning, spoken)
