"""Names that operators give: of a plan or a tenant. They stand in documents' paths and in addresses."""

import re

SLUG = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

_SLUG = re.compile(SLUG)


def is_slug(name: str) -> bool:
    """Whether a name may be given."""
    return _SLUG.fullmatch(name) is not None
