"""Billing for other gateways: where an account stands, and holds that are authorized, captured or voided.

Owns `authorizations/`. An authorization is a lease of one request, and is captured into the same usage records. What is
reported and refused has a record as well: nobody pays for it.
"""
