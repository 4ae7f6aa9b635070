"""What a request costs: prices, their immutable versions, the list that is in force, and the bill of one request.

Owns `pricing/` and its versions. Knows no wallet. A model without a price is refused; a bill is rounded once, up. Pure
but for reading and seeding the list. May import: the floor of `gateway` and below.
"""
