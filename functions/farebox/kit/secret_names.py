"""How Google's Secret Manager names a secret: `projects/P/secrets/S`, or one version of it, `…/versions/V`."""

import re

SECRET_NAME = r"projects/[^/]+/secrets/[^/]+(/versions/[^/]+)?"
_RESOURCE = re.compile(SECRET_NAME)


def is_resource(name: str) -> bool:
    """Whether this is how Secret Manager names a secret, or one version of it."""
    return _RESOURCE.fullmatch(name) is not None


def is_pinned(resource: str) -> bool:
    """Whether a resource name is that of one version, which never changes."""
    return "/versions/" in resource and not resource.endswith("/versions/latest")
