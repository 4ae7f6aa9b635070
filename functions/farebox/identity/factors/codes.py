"""Codes: of an authenticator app (TOTP, RFC 6238) and, for when that is lost, of a list on paper."""

import hmac
from datetime import datetime

import pyotp

from functions.farebox.kit.ids import Ids

STEP_S = 30
DRIFT = (0, -1, 1)  # steps that a phone's clock may be off
RECOVERY_CODES = 10
RECOVERY_LENGTH = 12  # characters of 32: 60 bits
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that looks like another


def new_secret() -> str:
    """A secret for an app: 160 bits in base 32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, email: str, issuer: str) -> str:
    """What an app reads from a QR code."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=email, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Which 30 seconds a code is of; `None` where it is none of the present ones."""
    totp, present = pyotp.TOTP(secret, interval=STEP_S), int(now.timestamp()) // STEP_S
    steps = (present + drift for drift in DRIFT)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)), None)


def new_recovery_codes(ids: Ids) -> list[str]:
    """Codes that work once each."""
    texts = (ids.text(RECOVERY_LENGTH, LETTERS) for _ in range(RECOVERY_CODES))
    return [f"{text[:4]}-{text[4:8]}-{text[8:]}" for text in texts]


def hash_recovery_code(code: str, key: bytes) -> str:
    """What is kept of a code, however it is written: a hash that is keyed, since a person's guesses are few, but those
    of whoever has the database would not be."""
    plain = "".join(code.upper().split()).replace("-", "")
    return hmac.digest(key, plain.encode(), "sha256").hex()
