"""Credentials that end: short-lived tokens, had in the background and kept fresh.

The vendor's library is imported when the first token is asked for, in a thread. May import: `kit`, `errors`.
"""
