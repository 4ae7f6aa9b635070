"""What a request costs: prices, their immutable versions, the list that is in force, and the bill of one request.

Owns `pricing/`. A model without a price is refused. Pure but for reading and seeding the list.
"""
