"""Where the health of upstreams, and of their models, is kept."""

import hashlib

from functions.farebox.gateway.health import Target
from functions.farebox.storage import Document

MOST_TOLD = 1000  # documents that are read at a time: what is shut somewhere, or was not long ago


def health_path(target: Target) -> str:
    """Where the health of an upstream, or of a model there, is kept."""
    if target.model is None:
        return f"upstream_health/{target.upstream}"
    return f"upstream_health/{target.upstream}:{hashlib.sha256(target.model.encode()).hexdigest()[:16]}"


def target_of(document: Document) -> Target:
    """Whose health a document tells."""
    return Target(document.data.get("upstream", document.id), document.data.get("model"))
