"""How people pay, read from the environment."""

from dataclasses import dataclass

from functions.farebox.billing.packages import DEFAULT_PACKAGES, Shop, read_packages
from functions.farebox.billing.subscriptions.grace import Grace, read_grace
from functions.farebox.environment import Environment
from functions.farebox.errors import BadConfig
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.secrets.rotating import Secret

LEAST_SIGNING_SECRET = 10  # characters of one that a provider has made up
LEAST_TOPUP, MOST_TOPUP = 5 * NANOS_PER_USD, 1000 * NANOS_PER_USD
DAILY_RECHARGE = 200 * NANOS_PER_USD


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """How to reach a payment provider. `api_base` names a stand-in server instead of the real one."""

    api_key: Secret | None
    webhook_secret: Secret | None
    api_base: str | None


def needed(provider: str, what: str) -> BadConfig:
    """A provider is named, and `what` of it (`API_KEY`) is not."""
    return BadConfig(f"{provider.upper()}_{what}", f"FAREBOX_PAYMENTS={provider} needs it")


def read_payment_account(env: Environment, provider: str) -> PaymentAccount:
    """How to reach a provider, from the variables that begin with its name. Raises `BadConfig`."""
    return PaymentAccount(
        api_key=env.secret(f"{provider}_API_KEY"),
        webhook_secret=env.secret(f"{provider}_WEBHOOK_SECRET", least=LEAST_SIGNING_SECRET),
        api_base=env.url(f"{provider}_API_BASE"),
    )


def read_payment_grace(env: Environment) -> Grace:
    """How long a plan outlives its payment. Raises `BadConfig`."""
    name = "FAREBOX_PAYMENT_GRACE_DAYS"
    try:
        return read_grace(env.document(name, dict) or {})
    except ValueError as error:
        raise BadConfig(name, str(error)) from error


def read_shop(env: Environment) -> Shop:
    """What may be bought. Raises `BadConfig`."""
    least = env.usd("FAREBOX_TOPUP_MIN_USD", LEAST_TOPUP)
    most = env.usd("FAREBOX_TOPUP_MAX_USD", MOST_TOPUP)
    if not 0 < least <= most:
        raise BadConfig("FAREBOX_TOPUP_MIN_USD", "it must be more than 0 and no more than FAREBOX_TOPUP_MAX_USD")
    entries = env.document("FAREBOX_PACKAGES", list)
    try:
        packages = DEFAULT_PACKAGES if entries is None else read_packages(entries)
    except ValueError as error:
        raise BadConfig("FAREBOX_PACKAGES", str(error)) from error
    return Shop(least, most, packages, env.usd("FAREBOX_RECHARGE_DAILY_MAX_USD", DAILY_RECHARGE))
