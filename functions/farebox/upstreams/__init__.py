"""The upstreams that there are, as admins keep them, and their health, as probes find it and instances share it.

Owns `upstreams/` and `upstream_health/`. Calling an upstream is the `gateway`'s. API keys of upstreams are stored
sealed. May import: the floor of `pricing` and below.
"""
