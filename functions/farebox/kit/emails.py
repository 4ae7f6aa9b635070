"""E-mail addresses as identities: one spelling, and an id that gives nothing away."""

import hashlib


def normalise_email(address: str) -> str:
    """The one spelling under which an address counts as the same: trimmed, lower case.

    The local part is case-sensitive by RFC 5321, and no provider in use treats it so: two accounts that differ in
    case alone are one person, or somebody who wants to be taken for them.
    """
    return address.strip().lower()


def canonical_email(address: str) -> str:
    """One spelling for all the addresses that surely lead to one mailbox: without what follows a plus (RFC 5233, which
    most providers follow) and, at Google's, without dots.

    It is for counting, never for signing in: where a provider does not follow the custom, two people share it.
    """
    local, _, domain = normalise_email(address).rpartition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def email_id(address: str) -> str:
    """A document id for an address: its SHA-256, so that ids in logs and paths name nobody."""
    return hashlib.sha256(normalise_email(address).encode()).hexdigest()
