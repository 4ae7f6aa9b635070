"""Paying: packages, checkout, subscriptions, plan credit, auto-recharge, and what a provider's events do to the books.

Owns the port that a payment provider implements (`provider`) and the facts it tells (`events`), in no vendor's words.
The vendors are in `payments`. An event, its payment, the ledger entries and the wallet are one commit, in any order.
"""
