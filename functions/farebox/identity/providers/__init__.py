"""Sign-in with other providers, for the local identity: Google, GitHub, and whoever speaks OpenID Connect.

Owns `sign_ins/` (one that has begun) and `identities/` (whose account an identity elsewhere opens). Firebase has
providers of its own. May import: `identity`'s port and below.
"""
