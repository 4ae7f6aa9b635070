"""API keys: their format, their life (made, changed, rotated, revoked), and authenticating whoever presents one.

Owns `api_keys/`. Only a keyed hash of a secret is stored. What a key may spend is counted in `limits`. May import: the
floor of `accounts` and below.
"""
