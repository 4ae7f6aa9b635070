"""How requests are served, and for whose pages, read from the environment."""

from collections.abc import Mapping

from functions.farebox.caching.rules import CacheRules, parse_cache_rules
from functions.farebox.environment import Environment
from functions.farebox.errors import BadConfig
from functions.farebox.gateway.policy.fallbacks import Fallbacks, parse_fallbacks
from functions.farebox.gateway.policy.strategies import Strategies, parse_strategies

ANY_ORIGIN = "*"


def read_routing(env: Environment) -> Strategies:
    """How upstreams are chosen. Raises `BadConfig`."""
    try:
        return parse_strategies(env.document("FAREBOX_ROUTING", dict) or {})
    except ValueError as error:
        raise BadConfig("FAREBOX_ROUTING", str(error)) from error


def read_fallbacks(env: Environment) -> Mapping[str, Fallbacks]:
    """The models that answer in another's place. Raises `BadConfig`."""
    try:
        return parse_fallbacks(env.document("FAREBOX_FALLBACKS", dict) or {})
    except ValueError as error:
        raise BadConfig("FAREBOX_FALLBACKS", str(error)) from error


def read_cache(env: Environment) -> CacheRules:
    """What is answered from memory. Raises `BadConfig`."""
    try:
        return parse_cache_rules(env.document("FAREBOX_CACHE", dict) or {})
    except ValueError as error:
        raise BadConfig("FAREBOX_CACHE", str(error)) from error


def read_data_plane_origins(env: Environment) -> tuple[str, ...]:
    """The origins of the pages that may call the data plane; `*` is all of them. Raises `BadConfig`."""
    name = "FAREBOX_DATA_PLANE_CORS"
    text = env.text(name) or ANY_ORIGIN
    if text == ANY_ORIGIN:
        return (ANY_ORIGIN,)
    return () if text == "off" else read_origins(env, name)


def read_origins(env: Environment, name: str) -> tuple[str, ...]:
    """Origins of pages, in a variable. Raises `BadConfig`."""
    origins = env.words(name)
    for origin in origins:
        scheme, _, host = origin.partition("://")
        if scheme not in ("http", "https") or not host or "/" in host or "*" in host:
            raise BadConfig(name, f"{origin!r} is no origin such as https://app.example.com")
    return origins
