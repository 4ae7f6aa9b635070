"""What may be spent and asked in a period: budgets of a month, and windows of a minute and a day.

Owns `key_windows/` and `tenants/`. All counters are read and written in the transaction that takes from them.
"""
