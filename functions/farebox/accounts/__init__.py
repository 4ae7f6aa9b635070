"""Accounts and their terms: profile, plan, limits, allowed models, the multiplier of list prices.

Owns `users/`, `emails/` and `plans/`. Knows no password (`identity`) and no payment (`billing`). A change of terms
reaches the wallet in the same commit. May import: the floor of `ledger` and below.
"""
