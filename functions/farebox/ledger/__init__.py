"""The ledger: wallets and their entries. `book` is the one file that changes a balance.

Owns `wallets/` and `wallets/{uid}/transactions/`. The sum of the entries is the balance, always; an entry's id is the
idempotency key of what made it. `funds` is a wallet with every budget that counts beside it.
"""
