"""E-mail addresses as identities: one spelling, and an id that gives nothing away."""

import hashlib


def normalise_email(address: str) -> str:
    """The one spelling under which an address counts as the same: trimmed, lower case.

    The local part is case-sensitive by RFC 5321, and no provider in use treats it so: two accounts that differ in
    case alone are one person, or somebody who wants to be taken for them.
    """
    return address.strip().lower()


def email_id(address: str) -> str:
    """A document id for an address: its SHA-256, so that ids in logs and paths name nobody."""
    return hashlib.sha256(normalise_email(address).encode()).hexdigest()
