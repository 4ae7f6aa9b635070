"""What an entry need not say, since its host says it: the dialects that are spoken there, and what their vendor wants
in each request's head."""

from urllib.parse import urlsplit

from msgspec.structs import replace

from functions.farebox.gateway.entry.form import Entry, KeyHeader

ANTHROPIC_VERSION = "anthropic-version"  # https://docs.anthropic.com/en/api/versioning
_ANTHROPIC = "api.anthropic.com"
VERTEX_CLAUDE = "/publishers/anthropic/models"  # how its address ends on Vertex AI
_OPENAI = "api.openai.com"


def with_defaults(entry: Entry) -> Entry:
    """The entry with what its host says, wherever it says nothing itself."""
    host = _host(entry.base_url)
    if host == _OPENAI or host.endswith(f".{_OPENAI}"):
        entry = replace(entry, speaks=entry.speaks or ["chat", "responses"])
    if host == _ANTHROPIC:
        entry = replace(
            entry,
            speaks=entry.speaks or ["messages"],
            auth=entry.auth or (KeyHeader("x-api-key") if entry.api_key is not None else None),
            pass_headers=["anthropic-beta"] if entry.pass_headers is None else entry.pass_headers,
        )
    elif entry.base_url.rstrip("/").endswith(VERTEX_CLAUDE):
        entry = replace(
            entry,
            speaks=entry.speaks or ["messages"],
            pass_headers=["anthropic-beta"] if entry.pass_headers is None else entry.pass_headers,
        )
    if "messages" in (entry.speaks or ()):
        headers = entry.headers or {}
        if not any(name.lower() == ANTHROPIC_VERSION for name in headers):
            entry = replace(entry, headers={ANTHROPIC_VERSION: "2023-06-01", **headers})
    return entry


def _host(base_url: str) -> str:
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:
        return ""  # it is refused where it is read
