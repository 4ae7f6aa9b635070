"""Who has an account and on which terms: profile, plan, limits, allowed models, the factor on list prices.

Owns `users/` and `plans/`. A change of terms reaches the wallet in the same commit. Knows no password (`identity`)
and no payment (`billing`).
"""
