"""What goes wrong at upstreams: what an error says in its vendor's shape, whose fault it is, what a
client is told, whether the vendor may charge for it all the same.

May import: the floor of `gateway` and below.
"""
