"""Terms with several sources: a user's multiplier of list prices, and the models that every list allows."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from functions.farebox.accounts.account import user_path
from functions.farebox.kit.wildcards import Names
from functions.farebox.pricing.bill import ONE_BP
from functions.farebox.storage import Store


def multiplier_of(user: Mapping[str, Any]) -> int:
    """The factor, in basis points, that the stored fields of a user come to."""
    chosen: int | None = user.get("multiplier_bp") or user.get("plan_multiplier_bp")
    return chosen or ONE_BP


async def read_multiplier(store: Store, uid: str) -> int:
    """The factor of a user now."""
    user = await store.get(user_path(uid))
    return ONE_BP if user is None else multiplier_of(user.data)


def allowed_models(*lists: Sequence[str] | None) -> Container[str] | None:
    """The models that are on every list there is, by name or by a pattern; `None` where nothing binds."""
    named = [names for names in lists if names is not None]
    return Names(*named) if named else None
