"""Names that stand in documents' paths and in addresses: those that operators give to a plan or a tenant, and ids."""

import re

SLUG = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
ID = r"^[^/]{1,128}$"  # behind a slash would be another document than is meant

_SLUG = re.compile(SLUG)


def is_slug(name: str) -> bool:
    """Whether a name may be given."""
    return _SLUG.fullmatch(name) is not None
