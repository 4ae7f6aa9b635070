"""Models for sessions: each scene on an upstream of each kind, by names such as `gpt-5-loop-on-chat`."""

from collections.abc import Iterable
from typing import Any, get_args

from tests.support.sessions.hearing import Dialect
from tests.support.sessions.scenes import SCENES
from tests.support.stand_ins.anthropic import KEY, PRICE
from tests.support.stand_ins.upstream import StandIn

KINDS: tuple[Dialect, ...] = get_args(Dialect)


def model_of(family: str, scene: str, kind: Dialect) -> str:
    """The name of a model: some programs know families, such as `gpt-5` or `claude-sonnet-4-5`."""
    return f"{family}-{scene}-on-{kind}"


def entry_of(stand_in: StandIn, kind: Dialect, families: Iterable[str]) -> dict[str, Any]:
    """The entry of an upstream that speaks one dialect alone, and plays every scene in it."""
    models = {model_of(family, scene, kind): f"{family}-{scene}" for family in families for scene in SCENES}
    auth = {"auth": {"header": "x-api-key"}, "api_key": KEY} if kind == "messages" else {}
    return {"id": f"speaks-{kind}", "base_url": stand_in.base_url, "models": models, "speaks": [kind], **auth}


def pricing_of(families: Iterable[str]) -> dict[str, Any]:
    """A price for each of them."""
    return {model_of(family, scene, kind): PRICE for family in families for scene in SCENES for kind in KINDS}
