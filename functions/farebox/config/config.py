"""The configuration: every environment variable that Farebox reads, read here and nowhere else.

`docs/configuration.md` lists them; a test holds the two together.
"""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from functions.farebox.accounts.sign_in_providers import ProviderSettings, read_providers
from functions.farebox.accounts.sign_up import CaptchaName, SignUpMode, SignUpRules, read_domains
from functions.farebox.billing.packages import DEFAULT_PACKAGES, Shop, read_packages
from functions.farebox.billing.subscriptions.grace import Grace, read_grace
from functions.farebox.caching.rules import CacheRules, parse_cache_rules
from functions.farebox.environment import Environment, check_strength
from functions.farebox.errors import BadConfig
from functions.farebox.gateway.policy.fallbacks import Fallbacks, parse_fallbacks
from functions.farebox.gateway.policy.strategies import Strategies, parse_strategies
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.kit.proxies import TrustedProxies
from functions.farebox.observability.logs import LogSettings
from functions.farebox.observability.settings import GOOGLE_ENDPOINT, TelemetrySettings
from functions.farebox.secrets.root_key import KEY_BYTES, SecretKey, load_or_create
from functions.farebox.secrets.rotating import Secret

IdentityName = Literal["local", "firebase"]
PaymentsName = Literal["sandbox", "stripe", "creem"]
CHECKOUT_OPTIONS = frozenset({"automatic_tax", "tax_id_collection", "allow_promotion_codes", "invoice_creation"})
SeedMode = Literal["once", "force"]
SchedulerCheck = Literal["token", "cloud-run"]
TelemetryName = Literal["off", "otlp", "google"]
LogLevel = Literal["debug", "info", "warning"]
CaptchaChoice = Literal["off", CaptchaName]
Necessity = Literal["optional", "required"]

STATE_DIR = Path(".farebox")
ANY_ORIGIN = "*"
DEFAULT_STORE = f"sqlite:///{STATE_DIR}/farebox.db"
LOCAL_SIGNUP_CREDIT = 1 * NANOS_PER_USD
DAILY_SIGNUP_CREDIT = 20 * NANOS_PER_USD
LEAST_SECRET = 16  # characters of a key that opens a door to whoever sends it
LEAST_SIGNING_SECRET = 10  # of one that a provider has made up
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
LEAST_KEPT_DAYS = 35  # longer than a month, and than anything waits that needs a record
LEAST_TOPUP, MOST_TOPUP = 5 * NANOS_PER_USD, 1000 * NANOS_PER_USD
DAILY_RECHARGE = 200 * NANOS_PER_USD

log = logging.getLogger(__name__)

EMULATORS = ("FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST")


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """How to reach a payment provider. `api_base` names a stand-in server instead of the real one."""

    api_key: Secret | None
    webhook_secret: Secret | None
    api_base: str | None


@dataclass(frozen=True, slots=True)
class CaptchaAccount:
    """How to ask whether somebody is a person. `address` names a stand-in instead of the service."""

    service: CaptchaName
    site_key: str  # for pages; no secret
    secret: Secret | None  # functions that sign nobody up are not given it
    address: str | None


@dataclass(frozen=True, slots=True)
class FirebaseProject:
    """Whose users these are. The web API key names the project to Google, and is in every web page that uses it."""

    project: str
    api_key: str
    emulator: str | None  # its `host:port`


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


def read_config(variables: Mapping[str, str] = os.environ, fetch_secret: Callable[[str], str] | None = None) -> Config:
    """The configuration, checked. Raises `BadConfig`, which names the variable.

    Reads files and Secret Manager where variables point there, so it may block for seconds. A variable that begins as
    ours and means nothing is named in the log.
    """
    env = Environment(variables, fetch_secret or _fetch_secret)
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
        secret_key=_read_secret_key(env, state_dir, on_cloud_run),
        firebase=_read_firebase(env, store_url),
        payments=env.choice("FAREBOX_PAYMENTS", PaymentsName, "sandbox"),
        payments_are_named=env.text("FAREBOX_PAYMENTS") is not None,
        stripe=_read_payment_account(env, "STRIPE"),
        stripe_options=env.choices("STRIPE_CHECKOUT_OPTIONS", CHECKOUT_OPTIONS),
        grace=_read_grace(env),
        creem=_read_payment_account(env, "CREEM"),
        creem_topup_product=env.text("CREEM_TOPUP_PRODUCT"),
        shop=_read_shop(env),
        upstreams=env.secret_document("FAREBOX_UPSTREAMS", list),
        routing=_read_routing(env),
        fallbacks=_read_fallbacks(env),
        cache=_read_cache(env),
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
        sign_up=_read_sign_up(env),
        invitations_daily=env.integer("FAREBOX_INVITATIONS_DAILY_MAX", 500, low=0, high=1_000_000),
        captcha=_read_captcha(env, on_cloud_run),
        sign_in_providers=_read_providers(env),
        trusted_proxies=_read_proxies(env),
        cors_origins=_read_origins(env, "FAREBOX_CORS_ORIGINS"),
        data_plane_origins=_read_data_plane_origins(env),
        max_connections=env.integer("FAREBOX_MAX_CONNECTIONS", 1000, low=10, high=100_000),
        body_memory_bytes=env.integer("FAREBOX_BODY_MEMORY_MB", 256, low=128, high=1_048_576) * 1024 * 1024,
        answer_memory_bytes=env.integer("FAREBOX_ANSWER_MEMORY_MB", 256, low=64, high=1_048_576) * 1024 * 1024,
        telemetry=_read_telemetry(env, _project_of(store_url)),
    )
    if unknown := env.unknown("FAREBOX_"):  # by now each that means anything was asked for
        log.warning("there is nothing that these variables set, so check their spelling: %s", ", ".join(unknown))
    return config


def read_log_settings(variables: Mapping[str, str] = os.environ) -> LogSettings:
    """How to log, from the first moment on: even that the rest of the configuration is wrong. Raises nothing; what is
    wrong here `read_config` says."""
    level = variables.get("FAREBOX_LOG_LEVEL", "").strip().upper()
    on_cloud_run = bool(variables.get("K_SERVICE", "").strip())
    known = level == "WARNING" or (level == "DEBUG" and not on_cloud_run)
    return LogSettings(
        as_json=on_cloud_run,
        project=_project_of(variables.get("FAREBOX_STORE", "").strip()),
        level=logging.getLevelName(level) if known else logging.INFO,
    )


def _project_of(store_url: str) -> str | None:
    """The Google Cloud project of a Firestore address; everything else of a deployment is there as well."""
    return store_url.removeprefix("firestore://").partition("/")[0] if store_url.startswith("firestore://") else None


def _read_telemetry(env: Environment, project: str | None) -> TelemetrySettings | None:
    name, endpoint = "FAREBOX_TELEMETRY", env.url("OTEL_EXPORTER_OTLP_ENDPOINT")
    kind: TelemetryName = env.choice(name, TelemetryName, "off" if endpoint is None else "otlp")
    service = env.text("OTEL_SERVICE_NAME") or env.text("K_SERVICE") or "farebox"
    trace_ratio = env.ratio("OTEL_TRACES_SAMPLER_ARG", 1.0)
    if kind == "off":
        return None
    if kind == "google":
        if project is None:
            raise BadConfig(name, "google needs a project, which is that of FAREBOX_STORE=firestore://PROJECT/DATABASE")
        return TelemetrySettings(GOOGLE_ENDPOINT, service, trace_ratio, project, at_google=True)
    if endpoint is None:
        raise BadConfig(name, "otlp needs the receiver's address in OTEL_EXPORTER_OTLP_ENDPOINT")
    return TelemetrySettings(endpoint, service, trace_ratio, project, at_google=False)


def _check_store(url: str, on_cloud_run: bool) -> Path | None:
    """The database file of an SQLite address; `None` where it names a Firestore database."""
    if url.startswith("firestore://"):
        return None
    if not url.startswith("sqlite:///") or not url.removeprefix("sqlite:///"):
        raise BadConfig("FAREBOX_STORE", "write sqlite:///PATH or firestore://PROJECT/DATABASE")
    if on_cloud_run:
        raise BadConfig("FAREBOX_STORE", "Cloud Run keeps no disk, so use firestore://PROJECT/DATABASE there")
    return Path(url.removeprefix("sqlite:///"))


def _read_secret_key(env: Environment, state_dir: Path, on_cloud_run: bool) -> SecretKey:
    name = "FAREBOX_SECRET_KEY"
    secret = env.secret(name)
    text = None if secret is None else secret.value
    if text is None:
        if on_cloud_run:
            raise BadConfig(name, f"set it, or {name}_SECRET, to at least {KEY_BYTES} random characters")
        path = state_dir / "secret.key"
        try:
            text = load_or_create(path).decode()
        except OSError as error:
            raise BadConfig(name, f"it is not set, and {path} cannot be used: {error.strerror}") from error
    try:
        return SecretKey(check_strength(text, KEY_BYTES).encode())
    except ValueError as error:
        raise BadConfig(name, str(error)) from error


def _read_firebase(env: Environment, store_url: str) -> FirebaseProject | None:
    identity: IdentityName = env.choice("FAREBOX_IDENTITY", IdentityName, "local")
    project, api_key = env.text("FIREBASE_PROJECT"), env.text("FIREBASE_API_KEY")
    if identity == "local":
        return None
    if project is None and store_url.startswith("firestore://"):
        project = store_url.removeprefix("firestore://").partition("/")[0]
    if not project:
        raise BadConfig("FIREBASE_PROJECT", "FAREBOX_IDENTITY=firebase needs the id of the project that has the users")
    if api_key is None:
        raise BadConfig("FIREBASE_API_KEY", "FAREBOX_IDENTITY=firebase needs the web API key of the project")
    return FirebaseProject(project, api_key, env.text("FIREBASE_AUTH_EMULATOR_HOST"))


def _read_scheduler_check(env: Environment, on_cloud_run: bool) -> SchedulerCheck:
    name = "FAREBOX_SCHEDULER_CHECK"
    check: SchedulerCheck = env.choice(name, SchedulerCheck, "token")
    if check == "cloud-run" and not on_cloud_run:
        raise BadConfig(name, "nobody but Cloud Run checks tokens before Farebox does; leave it at token elsewhere")
    return check


def _read_payment_account(env: Environment, provider: str) -> PaymentAccount:
    return PaymentAccount(
        api_key=env.secret(f"{provider}_API_KEY"),
        webhook_secret=env.secret(f"{provider}_WEBHOOK_SECRET", least=LEAST_SIGNING_SECRET),
        api_base=env.url(f"{provider}_API_BASE"),
    )


def _read_sign_up(env: Environment) -> SignUpRules:
    mode: SignUpMode = env.choice("FAREBOX_SIGNUP", SignUpMode, "open")
    lists: list[frozenset[str]] = []
    for name in ("FAREBOX_SIGNUP_DOMAINS", "FAREBOX_SIGNUP_BLOCKED_DOMAINS"):
        try:
            lists.append(read_domains(env.text(name) or ""))
        except ValueError as error:
            raise BadConfig(name, str(error)) from error
    return SignUpRules(mode, *lists)


def _read_captcha(env: Environment, on_cloud_run: bool) -> CaptchaAccount | None:
    service: CaptchaChoice = env.choice("FAREBOX_CAPTCHA", CaptchaChoice, "off")
    site_key, secret = env.text("FAREBOX_CAPTCHA_SITE_KEY"), env.secret("CAPTCHA_SECRET_KEY")
    address = env.url("FAREBOX_CAPTCHA_URL")
    if service == "off":
        return None
    if site_key is None:
        raise BadConfig("FAREBOX_CAPTCHA_SITE_KEY", "pages need it to show the captcha")
    if secret is None and not on_cloud_run:
        raise BadConfig("CAPTCHA_SECRET_KEY", "without it no answer to the captcha can be checked")
    return CaptchaAccount(service, site_key, secret, address)


def _read_providers(env: Environment) -> Mapping[str, ProviderSettings]:
    name = "FAREBOX_SIGN_IN_PROVIDERS"
    try:
        return read_providers(env.secret_document(name, list) or [])
    except ValueError as error:
        raise BadConfig(name, str(error)) from error


def _read_proxies(env: Environment) -> TrustedProxies:
    try:
        return TrustedProxies.parse(env.words("FAREBOX_TRUSTED_PROXIES"))
    except ValueError as error:
        raise BadConfig("FAREBOX_TRUSTED_PROXIES", str(error)) from error


def _read_grace(env: Environment) -> Grace:
    name = "FAREBOX_PAYMENT_GRACE_DAYS"
    try:
        return read_grace(env.document(name, dict) or {})
    except ValueError as error:
        raise BadConfig(name, str(error)) from error


def _read_shop(env: Environment) -> Shop:
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


def _read_routing(env: Environment) -> Strategies:
    try:
        return parse_strategies(env.document("FAREBOX_ROUTING", dict) or {})
    except ValueError as error:
        raise BadConfig("FAREBOX_ROUTING", str(error)) from error


def _read_fallbacks(env: Environment) -> Mapping[str, Fallbacks]:
    try:
        return parse_fallbacks(env.document("FAREBOX_FALLBACKS", dict) or {})
    except ValueError as error:
        raise BadConfig("FAREBOX_FALLBACKS", str(error)) from error


def _read_cache(env: Environment) -> CacheRules:
    try:
        return parse_cache_rules(env.document("FAREBOX_CACHE", dict) or {})
    except ValueError as error:
        raise BadConfig("FAREBOX_CACHE", str(error)) from error


def _read_data_plane_origins(env: Environment) -> tuple[str, ...]:
    name = "FAREBOX_DATA_PLANE_CORS"
    text = env.text(name) or ANY_ORIGIN
    if text == ANY_ORIGIN:
        return (ANY_ORIGIN,)
    return () if text == "off" else _read_origins(env, name)


def _read_origins(env: Environment, name: str) -> tuple[str, ...]:
    origins = env.words(name)
    for origin in origins:
        scheme, _, host = origin.partition("://")
        if scheme not in ("http", "https") or not host or "/" in host or "*" in host:
            raise BadConfig(name, f"{origin!r} is no origin such as https://app.example.com")
    return origins


def _fetch_secret(resource: str) -> str:
    from functions.farebox.secrets.secret_manager import fetch  # its client takes 0.4 s to import

    return fetch(resource)
