"""The gateway: calls upstreams, chooses among them, fails over, and relays what they answer.

Owns what a process knows of its upstreams: their health and load. It speaks HTTP to upstreams, but knows no money, no
users and no web framework. Before the first byte a failed candidate gives way to the next; after it, never. May import:
`observability`, `tokens`, `kit`, `errors`.
"""
