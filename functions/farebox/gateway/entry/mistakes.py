"""What is well formed in an entry, and can't be meant."""

from functions.farebox.gateway.entry.form import Entry, KeyHeader

# What each request adds to the address; the longest first.
_ENDPOINTS = ("/chat/completions", "/completions", "/embeddings", "/messages", "/responses")


def refuse_mistakes(entry: Entry) -> None:
    """Raise `ValueError` that names the field."""
    address = entry.base_url.rstrip("/")
    endpoint = next((each for each in _ENDPOINTS if address.lower().endswith(each)), None)
    if endpoint is not None:
        raise ValueError(f"base_url: leave {endpoint} out at its end, for each request adds its own")
    if isinstance(entry.auth, KeyHeader) and entry.api_key is None:
        raise ValueError(f"auth: there is no api_key to put into {entry.auth.header}")
