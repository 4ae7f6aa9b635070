"""How long a password may be. Apart from `passwords.py`, so that a check of a body needs no hashing library."""

MIN_PASSWORD_LENGTH = 8  # NIST SP 800-63B: at least eight, and no rules about which
MAX_PASSWORD_LENGTH = 200
