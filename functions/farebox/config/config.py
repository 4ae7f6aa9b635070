"""The whole configuration, read at the start."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from functions.farebox.accounts.sign_in_providers import ProviderSettings
from functions.farebox.accounts.sign_up import SignUpRules
from functions.farebox.billing.packages import Shop
from functions.farebox.billing.subscriptions.grace import Grace
from functions.farebox.caching.rules import CacheRules
from functions.farebox.config.observing import project_of, read_telemetry
from functions.farebox.config.payments import (
    PaymentAccount,
    needed,
    read_payment_account,
    read_payment_grace,
    read_shop,
)
from functions.farebox.config.people import (
    CaptchaAccount,
    FirebaseProject,
    read_captcha,
    read_firebase,
    read_sign_in_providers,
    read_sign_up,
    read_trusted_proxies,
)
from functions.farebox.config.root_key import NEW_SECRET_KEY_NAMES, fetch_secret_text, read_secret_key
from functions.farebox.config.serving import (
    read_cache,
    read_data_plane_origins,
    read_fallbacks,
    read_origins,
    read_routing,
)
from functions.farebox.environment import Environment
from functions.farebox.errors import BadConfig
from functions.farebox.gateway.policy.fallbacks import Fallbacks
from functions.farebox.gateway.policy.strategies import Strategies
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.kit.proxies import TrustedProxies
from functions.farebox.observability.settings import TelemetrySettings
from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.rotating import Secret

PaymentsName = Literal["sandbox", "stripe", "creem"]
CHECKOUT_OPTIONS = frozenset({"automatic_tax", "tax_id_collection", "allow_promotion_codes", "invoice_creation"})
SeedMode = Literal["once", "force"]
SchedulerCheck = Literal["token", "cloud-run"]
LogLevel = Literal["debug", "info", "warning"]
Necessity = Literal["optional", "required"]

STATE_DIR = Path(".farebox")
DEFAULT_STORE = f"sqlite:///{STATE_DIR}/farebox.db"
LOCAL_SIGNUP_CREDIT = 1 * NANOS_PER_USD
DAILY_SIGNUP_CREDIT = 20 * NANOS_PER_USD
LEAST_SECRET = 16  # characters of a key that opens a door to whoever sends it
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
LEAST_KEPT_DAYS = 35  # longer than a month, and than anything waits that needs a record

log = logging.getLogger(__name__)

# Set where Farebox runs, and for others: a command's, and the key that the documents have programs read there.
_OF_OTHERS = frozenset({*NEW_SECRET_KEY_NAMES, "FAREBOX_KEY"})
EMULATORS = ("FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST")


@dataclass(frozen=True, slots=True)
class Config:
    """What the environment says. Amounts in nano-USD, times in seconds."""

    host: str
    port: int
    public_url: str
    store_url: str
    state_dir: Path  # where the embedded run keeps its files
    on_cloud_run: bool
    emulates_store: bool  # Firestore's emulator takes less in a commit than Firestore
    secret_key: SecretKey = field(repr=False)
    firebase: FirebaseProject | None  # `None`: the local identity
    identity_is_named: bool
    payments: PaymentsName
    payments_are_named: bool
    stripe: PaymentAccount
    stripe_options: frozenset[str]  # of `CHECKOUT_OPTIONS`
    grace: Grace  # how long a plan outlives its payment, by the subscription's status
    creem: PaymentAccount
    creem_topup_product: str | None
    shop: Shop
    upstreams: list[Any] | None = field(repr=False)  # as written; they hold keys. `None`: the built-in echo
    routing: Strategies
    fallbacks: Mapping[str, Fallbacks]
    cache: CacheRules
    pricing: dict[str, Any] | None = field(repr=False)  # as written. `None`: the built-in price list
    seed: SeedMode
    admin_emails: frozenset[str]
    admin_second_factor: Necessity
    support_email: str | None  # whom people are told to ask
    billing_api_key: Secret | None
    admin_secret_key: Secret | None
    scheduler_account: str | None
    scheduler_check: SchedulerCheck
    lease_ttl_s: int
    settle_interval_s: float
    drain_s: int
    keep_usage_days: int | None  # `None`: usage records are kept for good
    signup_credit: int
    signup_daily_credit: int  # to all new accounts together in a day
    sign_up: SignUpRules
    invitations_daily: int  # mails of all organisations together that have never paid
    captcha: CaptchaAccount | None
    sign_in_providers: Mapping[str, ProviderSettings] = field(repr=False)  # by their ids; the local identity's
    trusted_proxies: TrustedProxies
    cors_origins: tuple[str, ...]
    data_plane_origins: tuple[str, ...]  # likewise, of the data plane; `*` is all of them
    max_connections: int  # to `python main.py`
    body_memory_bytes: int  # what bodies in flight may take together
    answer_memory_bytes: int  # and large answers that come in
    telemetry: TelemetrySettings | None  # `None`: nothing is exported

    @property
    def identity(self) -> str:
        """Who knows people's passwords: `local`, or `firebase:PROJECT`."""
        return "local" if self.firebase is None else f"firebase:{self.firebase.project}"

    @property
    def is_local(self) -> bool:
        """Whether this is the embedded run: one machine, its own database."""
        return self.store_url.startswith("sqlite:")

    @property
    def is_private(self) -> bool:
        """Whether nobody but this machine can reach the embedded run: it listens to no other, and behind no proxy."""
        public_host = urlsplit(self.public_url).hostname
        is_direct = self.trusted_proxies == TrustedProxies() and public_host in THIS_MACHINE
        return self.is_local and self.host in THIS_MACHINE and is_direct

    def check_payments(self) -> None:
        """Refuse the sandbox where nobody has asked for it and others than this machine reach it: it gives credit to
        whoever clicks. Raises `BadConfig`."""
        in_its_box = self.is_local and not self.on_cloud_run and self.host in THIS_MACHINE
        if not self.payments_are_named and not in_its_box:
            raise BadConfig(
                "FAREBOX_PAYMENTS",
                "name who takes payments: stripe or creem, or sandbox, which gives credit to whoever clicks. It is "
                "chosen by itself only on SQLite, and while this machine alone is listened to",
            )

    def check_events(self) -> None:
        """Refuse to take a payment provider's events without what they are signed with. Raises `BadConfig`."""
        account = {"stripe": self.stripe, "creem": self.creem}.get(self.payments)
        if account is not None and account.webhook_secret is None:
            raise needed(self.payments, "WEBHOOK_SECRET")


def read_config(variables: Mapping[str, str] = os.environ, fetch_secret: Callable[[str], str] | None = None) -> Config:
    """The configuration, checked. Raises `BadConfig`, which names the variable.

    Reads files and Secret Manager where variables point there, so it may block for seconds. A variable that begins as
    ours and means nothing is named in the log.
    """
    env = Environment(variables, fetch_secret or fetch_secret_text)
    on_cloud_run = env.text("K_SERVICE") is not None
    for emulator in EMULATORS:
        if on_cloud_run and env.text(emulator):
            raise BadConfig(emulator, "an emulator believes everybody; unset this on Cloud Run")

    if env.choice("FAREBOX_LOG_LEVEL", LogLevel, "info") == "debug" and on_cloud_run:
        raise BadConfig("FAREBOX_LOG_LEVEL", "debug logs what exceptions quote of requests; set info on Cloud Run")

    port = env.integer("PORT", 8080, low=1, high=65535)
    store_url = env.text("FAREBOX_STORE") or DEFAULT_STORE
    database = _check_store(store_url, on_cloud_run)
    state_dir = STATE_DIR if database is None else database.parent
    lease_ttl_s = env.integer("FAREBOX_LEASE_TTL_S", 60, low=10, high=3600)
    config = Config(
        host=env.text("FAREBOX_HOST") or "127.0.0.1",
        port=port,
        public_url=env.url("FAREBOX_PUBLIC_URL") or f"http://localhost:{port}",
        store_url=store_url,
        state_dir=state_dir,
        on_cloud_run=on_cloud_run,
        emulates_store=database is None and env.text("FIRESTORE_EMULATOR_HOST") is not None,
        secret_key=read_secret_key(env, state_dir, on_cloud_run),
        firebase=read_firebase(env, store_url),
        identity_is_named=env.text("FAREBOX_IDENTITY") is not None,
        payments=env.choice("FAREBOX_PAYMENTS", PaymentsName, "sandbox"),
        payments_are_named=env.text("FAREBOX_PAYMENTS") is not None,
        stripe=read_payment_account(env, "STRIPE"),
        stripe_options=env.choices("STRIPE_CHECKOUT_OPTIONS", CHECKOUT_OPTIONS),
        grace=read_payment_grace(env),
        creem=read_payment_account(env, "CREEM"),
        creem_topup_product=env.text("CREEM_TOPUP_PRODUCT"),
        shop=read_shop(env),
        upstreams=env.secret_document("FAREBOX_UPSTREAMS", list),
        routing=read_routing(env),
        fallbacks=read_fallbacks(env),
        cache=read_cache(env),
        pricing=env.document("FAREBOX_PRICING", dict),
        seed=env.choice("FAREBOX_SEED", SeedMode, "once"),
        admin_emails=env.emails("FAREBOX_ADMIN_EMAILS"),
        admin_second_factor=env.choice("FAREBOX_ADMIN_SECOND_FACTOR", Necessity, "optional"),
        support_email=env.email("FAREBOX_SUPPORT_EMAIL"),
        billing_api_key=env.secret("BILLING_API_KEY", least=LEAST_SECRET),
        admin_secret_key=env.secret("ADMIN_SECRET_KEY", least=LEAST_SECRET),
        scheduler_account=env.text("FAREBOX_SCHEDULER_ACCOUNT"),
        scheduler_check=_read_scheduler_check(env, on_cloud_run),
        lease_ttl_s=lease_ttl_s,
        # A lease must be settled well before it expires, or a healthy instance's spend waits for the sweep.
        settle_interval_s=env.integer("FAREBOX_SETTLE_INTERVAL_S", 5, low=1, high=lease_ttl_s // 2),
        drain_s=env.integer("FAREBOX_DRAIN_S", 20, low=0, high=300),
        keep_usage_days=env.integer("FAREBOX_KEEP_USAGE_DAYS", 0, low=LEAST_KEPT_DAYS, high=10_000) or None,
        signup_credit=env.usd("FAREBOX_SIGNUP_CREDIT_USD", LOCAL_SIGNUP_CREDIT if database else 0),
        signup_daily_credit=env.usd("FAREBOX_SIGNUP_CREDIT_DAILY_MAX_USD", DAILY_SIGNUP_CREDIT),
        sign_up=read_sign_up(env),
        invitations_daily=env.integer("FAREBOX_INVITATIONS_DAILY_MAX", 500, low=0, high=1_000_000),
        captcha=read_captcha(env, on_cloud_run),
        sign_in_providers=read_sign_in_providers(env),
        trusted_proxies=read_trusted_proxies(env),
        cors_origins=read_origins(env, "FAREBOX_CORS_ORIGINS"),
        data_plane_origins=read_data_plane_origins(env),
        max_connections=env.integer("FAREBOX_MAX_CONNECTIONS", 2000, low=10, high=100_000),
        body_memory_bytes=env.integer("FAREBOX_BODY_MEMORY_MB", 256, low=128, high=1_048_576) * 1024 * 1024,
        answer_memory_bytes=env.integer("FAREBOX_ANSWER_MEMORY_MB", 256, low=64, high=1_048_576) * 1024 * 1024,
        telemetry=read_telemetry(env, project_of(store_url)),
    )
    unknown = [name for name in env.unknown("FAREBOX_") if name not in _OF_OTHERS]
    if unknown:  # by now each that means anything was asked for
        log.warning("there is nothing that these variables set, so check their spelling: %s", ", ".join(unknown))
    return config


def database_file(variables: Mapping[str, str] = os.environ) -> Path | None:
    """The file of the embedded database that the environment names, which may not be there; `None` where it names one
    of Firestore's. Nothing else is read or made. Raises `BadConfig`."""
    env = Environment(variables, fetch_secret_text)
    return _check_store(env.text("FAREBOX_STORE") or DEFAULT_STORE, env.text("K_SERVICE") is not None)


def _check_store(url: str, on_cloud_run: bool) -> Path | None:
    """The database file of an SQLite address; `None` where it names a Firestore database."""
    if url.startswith("firestore://"):
        return None
    if not url.startswith("sqlite:///") or not url.removeprefix("sqlite:///"):
        raise BadConfig("FAREBOX_STORE", "write sqlite:///PATH or firestore://PROJECT/DATABASE")
    if on_cloud_run:
        raise BadConfig("FAREBOX_STORE", "Cloud Run keeps no disk, so use firestore://PROJECT/DATABASE there")
    return Path(url.removeprefix("sqlite:///"))


def _read_scheduler_check(env: Environment, on_cloud_run: bool) -> SchedulerCheck:
    name = "FAREBOX_SCHEDULER_CHECK"
    check: SchedulerCheck = env.choice(name, SchedulerCheck, "token")
    if check == "cloud-run" and not on_cloud_run:
        raise BadConfig(name, "nobody but Cloud Run checks tokens before Farebox does; leave it at token elsewhere")
    return check
