"""E-mail addresses as identities: one spelling, and an id that gives nothing away."""

import hashlib
from contextlib import suppress
from typing import Final

# Domains of one provider whose addresses lead to one mailbox.
SAME_MAILBOX: Final = {
    "googlemail.com": "gmail.com",
    "mac.com": "icloud.com",
    "me.com": "icloud.com",
    "pm.me": "proton.me",
    "protonmail.ch": "proton.me",
    "protonmail.com": "proton.me",
    "ya.ru": "yandex.ru",
    "yandex.com": "yandex.ru",
}
# What a provider passes over in what stands before the @.
PASSED_OVER: Final = {"gmail.com": ".", "proton.me": ".-_"}


def normalise_email(address: str) -> str:
    """The one spelling under which an address counts as the same: trimmed, lower case, a domain in letters.

    The local part is case-sensitive by RFC 5321, and no provider in use treats it so: two accounts that differ in
    case alone are one person, or somebody who wants to be taken for them. A domain may come in the form that the net
    uses (`xn--`, RFC 5891), which is the same one.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    if "xn--" in domain:
        with suppress(UnicodeError):  # it may only look so
            domain = domain.encode("ascii").decode("idna")
    return f"{local}{at}{domain}"


def is_address(text: str) -> bool:
    """Whether a text can be an address at all: something on both sides of one @."""
    local, _, domain = text.strip().partition("@")
    return bool(local and domain) and "@" not in domain


def canonical_email(address: str) -> str:
    """One spelling for all the addresses that surely lead to one mailbox: without what follows a plus (RFC 5233, which
    most providers follow), with one domain for those of one provider, and without what it passes over.

    It is for counting, never for signing in: where a provider does not follow the custom, two people share it.
    """
    local, _, domain = normalise_email(address).rpartition("@")
    local, domain = local.partition("+")[0] or local, SAME_MAILBOX.get(domain, domain)
    kept = local.translate(str.maketrans("", "", PASSED_OVER.get(domain, "")))
    return f"{kept or local}@{domain}"


def email_id(address: str) -> str:
    """A document id for an address: its SHA-256, so that ids in logs and paths name nobody."""
    return hashlib.sha256(normalise_email(address).encode()).hexdigest()
