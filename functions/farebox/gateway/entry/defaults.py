"""What an entry need not say, since its host says it: the dialects that are spoken there, what their vendor wants in
each request's head, the field of its cap, whether it knows the role `developer`, and the fields that it refuses."""

from msgspec.structs import replace

from functions.farebox.gateway.entry.form import Entry, KeyHeader
from functions.farebox.gateway.entry.hosts import OPENAI, address, is_of, knows_openais_newest
from functions.farebox.gateway.entry.refused_fields import refused_at

ANTHROPIC_VERSION = "anthropic-version"  # https://docs.anthropic.com/en/api/versioning
_ANTHROPIC = "api.anthropic.com"
VERTEX_CLAUDE = "/publishers/anthropic/models"  # how its address ends on Vertex AI
# Beside OpenAI and Azure. All others know `system`, which means the same, and some know nothing else.
_KNOW_DEVELOPER = ("openrouter.ai", "api.x.ai")


def with_defaults(entry: Entry) -> Entry:
    """The entry with what its host says, wherever it says nothing itself."""
    url = address(entry.base_url)
    if is_of(url, OPENAI):
        entry = replace(entry, speaks=entry.speaks or ["chat", "responses"])
    if url.hostname == _ANTHROPIC:
        entry = replace(
            entry,
            speaks=entry.speaks or ["messages"],
            auth=entry.auth or (KeyHeader("x-api-key") if entry.api_key is not None else None),
        )
    elif entry.base_url.rstrip("/").endswith(VERTEX_CLAUDE):
        entry = replace(entry, speaks=entry.speaks or ["messages"])
    if "messages" in (entry.speaks or ()):
        if entry.pass_headers is None:  # what is in beta is refused without its name there
            entry = replace(entry, pass_headers=["anthropic-beta"])
        headers = entry.headers or {}
        if not any(name.lower() == ANTHROPIC_VERSION for name in headers):
            entry = replace(entry, headers={ANTHROPIC_VERSION: "2023-06-01", **headers})
    # `drop_fields` counts in every dialect, and Messages have fields of the same names.
    refused = refused_at(url) if "messages" not in (entry.speaks or ()) else frozenset[str]()
    is_openais = knows_openais_newest(url)
    knows_developer = is_openais or is_of(url, _KNOW_DEVELOPER)
    return replace(
        entry,
        cap_field=entry.cap_field or ("max_completion_tokens" if is_openais else None),
        developer_role=knows_developer if entry.developer_role is None else entry.developer_role,
        drop_fields=sorted(refused.difference(entry.pass_fields or ()).union(entry.drop_fields or ())),
    )
