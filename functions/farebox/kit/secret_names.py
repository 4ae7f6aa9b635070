"""How Google's Secret Manager names a secret: `projects/P/secrets/S`, or one version of it, `…/versions/V`."""

import re

SECRET_NAME = r"projects/[^/]+/secrets/[^/]+(/versions/[^/]+)?"
_RESOURCE = re.compile(SECRET_NAME)

# Farebox's own, as they are named here and by `infra/`.
_OWN = (
    "farebox-secret-key",
    "farebox-upstreams",
    "admin-secret-key",
    "billing-api-key",
    "stripe-api-key",
    "stripe-webhook-secret",
    "creem-api-key",
    "creem-webhook-secret",
)


def is_own(resource: str) -> bool:
    """Whether a resource name is that of a secret of Farebox's own, which nobody else may be sent."""
    id = resource.split("/")[3].lower().replace("_", "-")
    return any(own in id for own in _OWN)


def is_resource(name: str) -> bool:
    """Whether this is how Secret Manager names a secret, or one version of it."""
    return _RESOURCE.fullmatch(name) is not None


def is_pinned(resource: str) -> bool:
    """Whether a resource name is that of one version, which never changes."""
    return "/versions/" in resource and not resource.endswith("/versions/latest")
