"""Upstreams that speak other dialects, for whoever has an `upstream`."""

from tests.support.fixtures.dialect_upstreams import other, vendor

__all__ = ["other", "vendor"]
