"""Second factors: codes of an app (TOTP), passkeys (WebAuthn), and codes for recovery.

Owns `factors/`: one document a person, whoever keeps their password. May import: `identity`'s port and below.
"""
