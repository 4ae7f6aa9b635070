"""API keys: what one looks like, how it is made, changed, rotated and revoked, and whose a presented one is.

Owns `api_keys/`. Only a keyed hash of a secret is stored. What a key may spend is counted in `limits`.
"""
