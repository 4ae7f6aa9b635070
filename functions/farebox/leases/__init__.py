"""Leases: a slice of wallet, budgets and rate windows that one running instance spends from without asking again.

    pool            what the data plane asks: take a hold, spend it, give it back
    wallet_queue    the requests that wait for one wallet here, and share one step in the store
    key_leases      the leases that one key has here
    held_lease      one of them, as the instance that holds it counts it
    allocation      who gets what of what is there
    protocol        the steps in the store, each one transaction
    lease           the document
    sweep           closes what dead instances left, by the journal
    late_charges    charges what came after that

Owns `wallets/{uid}/leases/`. At every moment `sum(granted - settled of open leases) == reserved` of the wallet.
"""
