"""Routes of the function `accounts` beyond registering and one's profile: sessions, recovery, second factors.

Owns request and response models alone; who people are is `farebox/identity`'s. May import: `rest` and below, but not
`admin`, `wallet` or `standalone`.
"""
