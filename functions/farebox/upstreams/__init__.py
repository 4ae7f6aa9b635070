"""The upstreams that there are, as admins keep them, and how they are: probes, and what instances tell each other.

Owns `upstreams/` and `upstream_health/`. Calling them is the `gateway`'s.
"""
