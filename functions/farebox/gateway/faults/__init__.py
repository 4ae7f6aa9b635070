"""What goes wrong at upstreams: what an error says in its vendor's shape, whose fault it is, what a client is told.

May import: the floor of `gateway` and below.
"""
