"""The runtime of a process: makes the objects of the library and hands them to each other.

Everything is made at first use, in the running loop, and imported only then: a function that never asks for the
identity provider never pays for it. Nothing is made at import, since functions are imported in a parent process.
The other modules of this package are parts of it, apart because they import much at once.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from functions.farebox.config import Config, read_config, read_log_settings
from functions.farebox.kit.ids import Ids
from functions.farebox.kit.memory_budget import MemoryBudget
from functions.farebox.observability.logs import set_up_logs
from functions.farebox.observability.settings import TelemetrySettings
from functions.farebox.observability.telemetry import Telemetry, set_listener
from functions.farebox.storage import Store
from functions.farebox.wiring.once import Once

if TYPE_CHECKING:
    from functions.farebox.accounts.account import Accounts
    from functions.farebox.accounts.plans import Plans
    from functions.farebox.accounts.sign_up import Invitations
    from functions.farebox.accounts.welcome import Welcome
    from functions.farebox.admin.codes import Codes
    from functions.farebox.admin.erasure import Erasure
    from functions.farebox.billing.checkout import TopUps
    from functions.farebox.billing.provider import Payments
    from functions.farebox.identity import Identity
    from functions.farebox.identity.factors.second_factors import SecondFactors
    from functions.farebox.identity.providers.linked import LinkedIdentities
    from functions.farebox.identity.providers.sign_in import ProviderSignIn
    from functions.farebox.identity.recovery import Recovery
    from functions.farebox.identity.sign_up import SignUp
    from functions.farebox.identity.step_up import StepUp
    from functions.farebox.keys.authentication import KeyAuthenticator
    from functions.farebox.keys.lifecycle import Keys
    from functions.farebox.ledger.statements import Statements
    from functions.farebox.notifications.alerts import Alerts
    from functions.farebox.notifications.mail import Mailer
    from functions.farebox.upstreams.checks import Checked
    from functions.farebox.upstreams.registry import UpstreamList
    from functions.farebox.wiring.data_plane import DataPlane
    from functions.farebox.wiring.operations import Operations
    from functions.farebox.wiring.organisations import Organisations

log = logging.getLogger("farebox.runtime")

LARGEST_BODY_BYTES = 128 * 1024 * 1024  # what one takes of the memory for bodies: 32 MB, counted fourfold
CLOSE_TIMEOUT_S = 8.0  # Cloud Run kills ten seconds after SIGTERM


utc_now: Callable[[], datetime] = partial(datetime.now, UTC)  # the system's time, aware and in UTC


class Runtime:
    """What one process, in one event loop, works with. Tests make their own, with their own clock and ids."""

    def __init__(
        self,
        config: Config,
        *,
        open_store: Callable[[Config], Awaitable[Store]] | None = None,
        now: Callable[[], datetime] = utc_now,
        ids: Ids | None = None,
    ) -> None:
        self.config = config
        self.now = now
        self.ids = ids or Ids()
        share_bytes = max(config.body_memory_bytes // 4, LARGEST_BODY_BYTES)  # of one account
        self.body_memory = MemoryBudget(config.body_memory_bytes, share_bytes)
        make_store = open_store or _open_store
        self.store: Once[Store] = Once(lambda: make_store(config))
        self.identity: Once[Identity] = Once(self._open_identity)
        self.payments: Once[Payments] = Once(self._open_payments)
        self.callers: Once[KeyAuthenticator] = Once(self._make_callers)
        self.data_plane: Once[DataPlane] = Once(self._open_data_plane)
        self._closers: list[Callable[[], Awaitable[None]]] = []

    async def accounts(self) -> "Accounts":
        """Accounts and their profiles."""
        from functions.farebox.accounts.account import Accounts

        config = self.config
        return Accounts(
            await self.store(), signup_credit=config.signup_credit, now=self.now, credit_at_once=config.is_private
        )

    async def welcome(self) -> "Welcome":
        """Credit for new accounts."""
        from functions.farebox.accounts.welcome import Welcome

        config = self.config
        return Welcome(
            await self.store(),
            credit=config.signup_credit,
            daily_most=config.signup_daily_credit,
            mark_key=config.secret_key.derive("welcomed"),
            now=self.now,
        )

    async def sign_up(self) -> "SignUp":
        """Making accounts for strangers."""
        from functions.farebox.identity.captcha import ADDRESSES, SiteVerify
        from functions.farebox.identity.guards import Guards
        from functions.farebox.identity.sign_up import SignUp

        config, account, captcha = self.config, self.config.captcha, None
        if account is not None:
            captcha = SiteVerify(account.secret, account.address or ADDRESSES[account.service])
        guards = None if config.is_private else Guards(await self.store(), self.now)
        return SignUp(await self.identity(), config.sign_up, await self.invitations(), captcha, guards)

    async def provider_sign_in(self) -> "ProviderSignIn":
        """Signing in with other providers."""
        from functions.farebox.wiring.sign_in import open_provider_sign_in

        identity = await self.identity()
        return open_provider_sign_in(
            self.config, await self.store(), identity, await self.invitations(), now=self.now, ids=self.ids
        )

    async def invitations(self) -> "Invitations":
        """Invitations to sign up."""
        from functions.farebox.accounts.sign_up import Invitations

        return Invitations(await self.store(), now=self.now, ids=self.ids)

    async def recovery(self) -> "Recovery":
        """Giving accounts back to their owners."""
        from functions.farebox.identity.recovery import Recovery
        from functions.farebox.identity.ways_in import WaysIn

        organisations, identity = await self.organisations(), await self.identity()
        ways_in = WaysIn(
            organisations.members,
            organisations.invitations,
            await self.keys(),
            await self.alerts(),
            await self.linked_identities(),
            identity,
        )
        return Recovery(identity, ways_in)

    async def linked_identities(self) -> "LinkedIdentities":
        """Who people are elsewhere."""
        from functions.farebox.identity.providers.linked import LinkedIdentities

        return LinkedIdentities(await self.store())

    async def erasure(self) -> "Erasure":
        """Erasing people."""
        from functions.farebox.admin.erasure import Erasure

        return Erasure(
            await self.store(),
            await self.identity(),
            await self.keys(),
            await self.payments(),
            now=self.now,
            ids=self.ids,
        )

    async def second_factors(self) -> "SecondFactors":
        """What people have enrolled beside their passwords."""
        from functions.farebox.identity.factors.second_factors import SecondFactors
        from functions.farebox.secrets.seal import Seal

        key = self.config.secret_key
        return SecondFactors(
            await self.store(),
            Seal(key.derive("second-factors")),
            key.derive("recovery-codes"),
            self.config.public_url,
            now=self.now,
            ids=self.ids,
        )

    async def step_up(self) -> "StepUp":
        """Showing a second factor once more."""
        from functions.farebox.identity.guards import Guards
        from functions.farebox.identity.sessions import Sessions
        from functions.farebox.identity.step_up import StepUp

        store = await self.store()
        sessions = Sessions(store, now=self.now, ids=self.ids)
        return StepUp(await self.second_factors(), Guards(store, self.now), sessions)

    async def keys(self) -> "Keys":
        """API keys."""
        from functions.farebox.keys.lifecycle import Keys

        return Keys(await self.store(), self.config.secret_key.derive("api-keys"), now=self.now, ids=self.ids)

    async def organisations(self) -> "Organisations":
        """Organisations, their members and what they did."""
        from functions.farebox.wiring.organisations import open_organisations

        return open_organisations(
            self.config, await self.store(), await self.accounts(), await self.mailer(), now=self.now, ids=self.ids
        )

    async def plans(self) -> "Plans":
        """The plans."""
        from functions.farebox.accounts.plans import Plans

        return Plans(await self.store(), self.now)

    async def topups(self) -> "TopUps":
        """Sending users to pay."""
        from functions.farebox.billing.checkout import TopUps

        return TopUps(
            await self.store(),
            await self.payments(),
            await self.plans(),
            self.config.shop,
            billing_url=f"{self.config.public_url}/billing",  # the dashboard's page
            mark_key=self.config.secret_key.derive("trials"),
            ids=self.ids,
            now=self.now,
        )

    async def codes(self) -> "Codes":
        """Redemption codes."""
        from functions.farebox.admin.codes import Codes

        return Codes(await self.store(), now=self.now, ids=self.ids)

    async def alerts(self) -> "Alerts":
        """Telling users what they want to know."""
        from functions.farebox.notifications.alerts import Alerts
        from functions.farebox.notifications.webhooks import WebhookSender
        from functions.farebox.secrets.seal import Seal

        seal = Seal(self.config.secret_key.derive("webhook-secrets"))
        sender = WebhookSender(is_local=self.config.is_local)
        return Alerts(await self.store(), await self.mailer(), sender, seal, self._may_mail, self.now)

    async def _may_mail(self, uid: str) -> bool:
        """Whether alerts are mailed to a person: to whom the address is proved, or where nobody need prove one."""
        return self.config.is_private or await (await self.identity()).has_proved(uid)

    async def statements(self) -> "Statements":
        """Reading wallets."""
        from functions.farebox.ledger.statements import Statements

        return Statements(await self.store(), self.now)

    async def mailer(self) -> "Mailer":
        """Outgoing mail."""
        from functions.farebox.notifications.mail import Mailer

        config = self.config
        outbox = config.state_dir / "outbox" if config.is_local else None
        return Mailer(await self.store(), outbox=outbox, now=self.now, ids=self.ids)

    async def upstreams(self) -> "UpstreamList":
        """The upstreams that admins keep."""
        from functions.farebox.upstreams.registry import UpstreamList

        sealing_key = self.config.secret_key.derive("upstream-keys")
        return UpstreamList(await self.store(), sealing_key, now=self.now, clock=time.monotonic)

    async def operations(self) -> "Operations":
        """What operators work with."""
        from functions.farebox.wiring.operations import open_operations

        return open_operations(
            await self.store(), await self.upstreams(), await self.plans(), now=self.now, ids=self.ids
        )

    async def settle_here(self, uid: str) -> None:
        """Settle what this process has spent of a wallet, so that whoever reads the wallet now sees it. What other
        processes have spent they settle within a settlement interval."""
        if self.data_plane.made is not None:
            await self.data_plane.made.leases.settle(uid)

    async def refresh_here(self) -> None:
        """Have this process, if it serves requests, take up prices and upstreams now; others do within their
        intervals."""
        if self.data_plane.made is not None:
            await self.data_plane.made.refresh()

    async def check_upstreams(self) -> "list[Checked]":
        """Look at every upstream that is switched on."""
        from functions.farebox.gateway.probe import probe
        from functions.farebox.upstreams.checks import check_upstreams

        upstreams = await self.upstreams()
        try:
            return await check_upstreams(await self.store(), await upstreams.read(), probe, self.now)
        finally:
            await upstreams.close()

    def on_close(self, closer: Callable[[], Awaitable[None]]) -> None:
        """Have something done at the end, before the store closes. The latest registered is called first."""
        self._closers.append(closer)

    async def prepare_shutdown(self) -> None:
        """The end is near: get ready for what it may take to end requests before theirs."""
        if self.data_plane.made is not None:
            await self.data_plane.made.inference.prepare_shutdown()

    async def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Finish the books and let go of everything, in `timeout_s` seconds at most. A second call does nothing.

        What did not get done in time is what a killed instance leaves behind as well: the sweep puts it right.
        """
        closers, self._closers = self._closers[::-1], []
        try:
            async with asyncio.timeout(timeout_s):
                for closer in closers:
                    await _call(closer)
                if self.store.made is not None:
                    await _call(self.store.made.close)
        except TimeoutError:
            log.error("shutting down took longer than %s s and was cut off", timeout_s)

    async def _open_payments(self) -> "Payments":
        from functions.farebox.payments.connect import open_payments

        payments = await open_payments(self.config, self.store, now=self.now, ids=self.ids)
        self.on_close(payments.close)
        return payments

    async def _open_data_plane(self) -> "DataPlane":
        from functions.farebox.wiring.data_plane import open_data_plane

        return await open_data_plane(
            self.config,
            await self.store(),
            await self.upstreams(),
            await self.callers(),
            now=self.now,
            ids=self.ids,
            on_close=self.on_close,
        )

    async def _make_callers(self) -> "KeyAuthenticator":
        from functions.farebox.keys.authentication import KeyAuthenticator

        pepper = self.config.secret_key.derive("api-keys")
        return KeyAuthenticator(await self.store(), pepper, now=self.now, clock=time.monotonic)

    async def _open_identity(self) -> "Identity":
        from functions.farebox.wiring.identity import open_identity

        return open_identity(
            self.config,
            await self.store(),
            await self.accounts(),
            await self.second_factors(),
            await self.mailer(),
            now=self.now,
            ids=self.ids,
            on_close=self.on_close,
        )


async def _call(closer: Callable[[], Awaitable[None]]) -> None:
    try:
        await closer()
    except Exception:
        log.exception("could not shut down cleanly: %r", closer)


async def _open_store(config: Config) -> Store:
    from functions.farebox.wiring.store import open_store

    return await open_store(config)


_runtimes: WeakKeyDictionary[asyncio.AbstractEventLoop, Once[Runtime]] = WeakKeyDictionary()


async def process_runtime() -> Runtime:
    """The runtime of this process, made from its environment; one for each event loop, which there is one of
    outside of tests. Raises `BadConfig`."""
    loop = asyncio.get_running_loop()
    if loop not in _runtimes:
        _runtimes[loop] = Once(_start)
    return await _runtimes[loop]()


async def _start() -> Runtime:
    set_up_logs(read_log_settings())
    config = await asyncio.to_thread(read_config)
    runtime = Runtime(config)
    if config.telemetry is not None:
        telemetry = await asyncio.to_thread(_open_telemetry, config.telemetry)
        set_listener(telemetry)
        runtime.on_close(telemetry.close)  # registered first, so that it is called last
    return runtime


def _open_telemetry(settings: TelemetrySettings) -> Telemetry:
    from functions.farebox.observability.otlp import OtlpTelemetry

    return OtlpTelemetry(settings)
