"""Whose an address is, by its host."""

from urllib.parse import SplitResult, urlsplit

OPENAI = ("api.openai.com", ".api.openai.com")
AZURE = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com", ".openai.azure.us")


def address(base_url: str) -> SplitResult:
    """Its parts; none where it is no address, which is refused where it is read."""
    try:
        url = urlsplit(base_url)
        _ = url.hostname
    except ValueError:
        return urlsplit("")
    return url


def is_of(url: SplitResult, hosts: tuple[str, ...]) -> bool:
    """Whether its host is one of these, or ends in one that begins with a dot or a dash."""
    host = url.hostname or ""
    return any(host == name or (name[0] in ".-" and host.endswith(name)) for name in hosts)


def knows_openais_newest(url: SplitResult) -> bool:
    """Whether OpenAI's newest fields and roles are known: OpenAI deprecates `max_tokens`, and its reasoning models
    refuse it, in every region and on Azure too; most others know no newer. On Azure the same hosts also have an older
    way, below `/models`, which knows `max_tokens` alone."""
    return is_of(url, OPENAI) or (is_of(url, AZURE) and not url.path.startswith("/models"))
