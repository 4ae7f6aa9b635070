"""Money: an integer number of nano-USD (1e-9 USD). No float ever holds it.

Amounts fit Firestore's 64-bit integers; `MAX_NANOS` keeps every sum of two amounts inside them.
"""

import re
from decimal import Decimal

NANOS_PER_USD = 1_000_000_000
MAX_NANOS = 1_000_000_000 * NANOS_PER_USD  # a billion dollars; 2**63 holds nine

_USD = re.compile(r"(-?)(\d{1,10})(?:\.(\d{1,9}))?", re.ASCII)


def parse_usd(text: str) -> int:
    """The nano-USD of a decimal string such as `"4.99987"`.

    Exact or refused: no exponent, no sign but `-`, at most nine decimals, at most `MAX_NANOS`.
    Raises `ValueError` that says what is wrong.
    """
    match = _USD.fullmatch(text)
    if match is None:
        raise ValueError("write an amount of USD as a decimal string with at most nine decimals, like 4.99")
    sign, whole, fraction = match.groups()
    nanos = int(whole) * NANOS_PER_USD + int((fraction or "").ljust(9, "0"))
    if nanos > MAX_NANOS:
        raise ValueError("an amount may not exceed 1000000000 USD")
    return -nanos if sign else nanos


def format_usd(nanos: int) -> str:
    """The shortest exact decimal string of an amount, with at least two decimals: `"5.00"`."""
    sign = "-" if nanos < 0 else ""
    whole, fraction = divmod(abs(nanos), NANOS_PER_USD)
    digits = f"{fraction:09d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{digits}"


def to_decimal_usd(nanos: int) -> Decimal:
    """An amount as an exact `Decimal` of USD, for the answers that are JSON numbers."""
    return Decimal(nanos).scaleb(-9)


def ceil_div(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded up; both are whole numbers, the denominator positive."""
    return -(-numerator // denominator)
