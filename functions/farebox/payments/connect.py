"""Opens the payment provider that the configuration names. Imports that one, and nothing of the others."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from functions.farebox.billing.provider import Payments
from functions.farebox.config import Config, PaymentAccount
from functions.farebox.config.payments import needed
from functions.farebox.errors import BadConfig
from functions.farebox.kit.ids import Ids
from functions.farebox.secrets.rotating import Secret
from functions.farebox.storage import Store

OpenStore = Callable[[], Awaitable[Store]]  # asked for by the sandbox alone


async def open_payments(config: Config, store: OpenStore, *, now: Callable[[], datetime], ids: Ids) -> Payments:
    """The provider, to be closed in the end. Raises `BadConfig`."""
    config.check_payments()
    if config.payments == "stripe":
        return _open_stripe(config)
    if config.payments == "creem":
        return _open_creem(config)
    return await _open_sandbox(config, store, now, ids)


def _open_stripe(config: Config) -> Payments:
    from functions.farebox.payments.stripe.provider import StripePayments

    account = config.stripe
    return StripePayments(
        _key("stripe", account), account.webhook_secret, api_base=account.api_base, options=config.stripe_options
    )


def _open_creem(config: Config) -> Payments:
    from functions.farebox.payments.creem.provider import CreemPayments

    if config.creem_topup_product is None:
        raise needed("creem", "TOPUP_PRODUCT")
    account = config.creem
    return CreemPayments(
        _key("creem", account),
        account.webhook_secret,
        topup_product=config.creem_topup_product,
        api_base=account.api_base,
    )


async def _open_sandbox(config: Config, store: OpenStore, now: Callable[[], datetime], ids: Ids) -> Payments:
    from functions.farebox.payments.sandbox.provider import Sandbox
    from functions.farebox.payments.sandbox.state import SandboxState

    if config.on_cloud_run:
        raise BadConfig("FAREBOX_PAYMENTS", "the sandbox gives credit to whoever clicks; choose stripe or creem here")
    state = SandboxState(await store(), now=now, ids=ids)
    return Sandbox(state, public_url=config.public_url, key=config.secret_key.derive("sandbox-webhooks"))


def _key(provider: str, account: PaymentAccount) -> Secret:
    if account.api_key is None:
        raise needed(provider, "API_KEY")
    return account.api_key
