"""What an entry need not say, since its host says it: the dialects that are spoken there, what their vendor wants in
each request's head, the field of its cap, and whether it knows the role `developer`."""

from urllib.parse import SplitResult, urlsplit

from msgspec.structs import replace

from functions.farebox.gateway.entry.form import Entry, KeyHeader

ANTHROPIC_VERSION = "anthropic-version"  # https://docs.anthropic.com/en/api/versioning
_ANTHROPIC = "api.anthropic.com"
VERTEX_CLAUDE = "/publishers/anthropic/models"  # how its address ends on Vertex AI
_OPENAI = ("api.openai.com", ".api.openai.com")
_AZURE = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com", ".openai.azure.us")
# Beside OpenAI and Azure. All others know `system`, which means the same, and some know nothing else.
_KNOW_DEVELOPER = ("openrouter.ai", "api.x.ai")


def with_defaults(entry: Entry) -> Entry:
    """The entry with what its host says, wherever it says nothing itself."""
    url = _split(entry.base_url)
    host = url.hostname or ""
    if _is_of(host, _OPENAI):
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
    is_openais = _is_openais(url)
    knows_developer = is_openais or _is_of(host, _KNOW_DEVELOPER)
    return replace(
        entry,
        cap_field=entry.cap_field or ("max_completion_tokens" if is_openais else None),
        developer_role=knows_developer if entry.developer_role is None else entry.developer_role,
    )


def _is_openais(url: SplitResult) -> bool:
    """Whether OpenAI's newest fields and roles are known: OpenAI deprecates `max_tokens`, and its reasoning models
    refuse it, in every region and on Azure too; most others know no newer. On Azure the same hosts also have an older
    way, below `/models`, which knows `max_tokens` alone."""
    host = url.hostname or ""
    return _is_of(host, _OPENAI) or (_is_of(host, _AZURE) and not url.path.startswith("/models"))


def _is_of(host: str, names: tuple[str, ...]) -> bool:
    """Whether a host is one of these, or ends in one that begins with a dot."""
    return any(host == name or (name.startswith(".") and host.endswith(name)) for name in names)


def _split(base_url: str) -> SplitResult:
    try:
        url = urlsplit(base_url)
        _ = url.hostname
    except ValueError:
        return urlsplit("")  # it is refused where it is read
    return url
