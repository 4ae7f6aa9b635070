"""Top-up packages and the bounds of any other amount. Amounts in nano-USD."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import NANOS_PER_USD, format_usd, parse_usd

CENT = NANOS_PER_USD // 100  # what providers count in; of every currency its smallest unit is kept as one
MOST_PACKAGES = 20
LONGEST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Package:
    """An amount that comes with a bonus. Either may last so many days only; `None` is for ever."""

    id: str
    amount: int
    bonus: int
    credit_days: int | None = None
    bonus_days: int | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """The bounds of an amount, the packages, and how much auto-recharge may charge one user a day."""

    least: int
    most: int
    packages: tuple[Package, ...]
    daily_recharge: int

    @property
    def most_recharge(self) -> int:
        """The most that auto-recharge charges at once."""
        return min(self.most, self.daily_recharge)

    def choose(self, amount: int | None, package_id: str | None) -> Package:
        """An amount without a bonus, or a package. Raises `InvalidRequest`."""
        if (amount is None) == (package_id is None):
            raise InvalidRequest("Send either amount_usd or package.", code="invalid_body", param="amount_usd")
        if amount is None:
            for package in self.packages:
                if package.id == package_id:
                    return package
            raise InvalidRequest(
                "There is no such package. GET /api/wallet/packages lists them.", code="unknown_value", param="package"
            )
        check_amount(amount, self.least, self.most, "amount_usd")
        return Package("", amount, 0)


DEFAULT_PACKAGES = (
    Package("small", 10 * NANOS_PER_USD, 0),
    Package("medium", 50 * NANOS_PER_USD, 2 * NANOS_PER_USD),
    Package("large", 200 * NANOS_PER_USD, 20 * NANOS_PER_USD),
)


def check_amount(amount: int, least: int, most: int, param: str) -> None:
    """Raises `InvalidRequest` unless a card can be charged this amount here."""
    if not least <= amount <= most:
        raise InvalidRequest(
            f"{param} must be from {format_usd(least)} to {format_usd(most)} USD.", code="invalid_value", param=param
        )
    if amount % CENT:
        raise InvalidRequest(f"{param} must be in whole cents.", code="invalid_value", param=param)


def read_packages(entries: Sequence[object]) -> tuple[Package, ...]:
    """Packages as an operator writes them: `[{"id", "amount_usd", "bonus_usd"?, "expires_days"?,
    "bonus_expires_days"?}]`. Raises `ValueError`."""
    if len(entries) > MOST_PACKAGES:
        raise ValueError(f"there are more than {MOST_PACKAGES} packages")
    packages = tuple(_read_package(entry) for entry in entries)
    if len({package.id for package in packages}) != len(packages):
        raise ValueError("two packages have one id")
    return packages


def _read_package(entry: object) -> Package:
    fields = {"id", "amount_usd", "bonus_usd", "expires_days", "bonus_expires_days"}
    if not isinstance(entry, Mapping) or not entry.keys() <= fields:
        raise ValueError(
            f"a package is {{id, amount_usd, bonus_usd?, expires_days?, bonus_expires_days?}}, not {entry!r}"
        )
    name = entry.get("id")
    if not isinstance(name, str) or not name or len(name) > 50:
        raise ValueError("a package's id is a text of 1 to 50 characters")
    amount, bonus = (_read_usd(name, entry.get(field, "0")) for field in ("amount_usd", "bonus_usd"))
    if amount <= 0 or bonus < 0 or amount % CENT:
        raise ValueError(f"package {name}: amount_usd is in whole cents and more than 0, bonus_usd not negative")
    days = [_read_days(name, field, entry.get(field)) for field in ("expires_days", "bonus_expires_days")]
    return Package(name, amount, bonus, *days)


def _read_days(name: str, field: str, value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LONGEST_DAYS:
        raise ValueError(f"package {name}: {field} is a whole number of days from 1 to {LONGEST_DAYS}")
    return value


def _read_usd(name: str, value: Any) -> int:
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise ValueError(f"package {name}: write amounts of USD as numbers or strings")
    return parse_usd(format(value, "f") if isinstance(value, Decimal) else str(value))
