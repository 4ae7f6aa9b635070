"""Routes of the function `wallet` beyond reading it: payments, alerts, redemption codes.

Owns request and response models alone; paying is `farebox/billing`'s, alerts are `farebox/notifications`'. May import:
`rest` and below, but not `admin` or `standalone`.
"""
