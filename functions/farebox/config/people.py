"""Who may sign up and how people prove who they are, read from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from functions.farebox.accounts.sign_in_providers import ProviderSettings, read_providers
from functions.farebox.accounts.sign_up import CaptchaName, SignUpMode, SignUpRules, read_domains
from functions.farebox.config.observing import project_of
from functions.farebox.environment import Environment
from functions.farebox.errors import BadConfig
from functions.farebox.kit.proxies import TrustedProxies
from functions.farebox.secrets.rotating import Secret

IdentityName = Literal["local", "firebase"]
CaptchaChoice = Literal["off", CaptchaName]


@dataclass(frozen=True, slots=True)
class FirebaseProject:
    """Whose users these are. The web API key names the project to Google, and is in every web page that uses it."""

    project: str
    api_key: str
    emulator: str | None  # its `host:port`


@dataclass(frozen=True, slots=True)
class CaptchaAccount:
    """How to ask whether somebody is a person. `address` names a stand-in instead of the service."""

    service: CaptchaName
    site_key: str  # for pages; no secret
    secret: Secret | None  # functions that sign nobody up are not given it
    address: str | None


def read_firebase(env: Environment, store_url: str) -> FirebaseProject | None:
    """Firebase's project, where it has the users; `None`: the local identity has them. Raises `BadConfig`."""
    identity: IdentityName = env.choice("FAREBOX_IDENTITY", IdentityName, "local")
    project, api_key = env.text("FIREBASE_PROJECT"), env.text("FIREBASE_API_KEY")
    if identity == "local":
        return None
    project = project or project_of(store_url)
    if not project:
        raise BadConfig("FIREBASE_PROJECT", "FAREBOX_IDENTITY=firebase needs the id of the project that has the users")
    if api_key is None:
        raise BadConfig("FIREBASE_API_KEY", "FAREBOX_IDENTITY=firebase needs the web API key of the project")
    return FirebaseProject(project, api_key, env.text("FIREBASE_AUTH_EMULATOR_HOST"))


def read_sign_up(env: Environment) -> SignUpRules:
    """Who may sign up. Raises `BadConfig`."""
    mode: SignUpMode = env.choice("FAREBOX_SIGNUP", SignUpMode, "open")
    lists: list[frozenset[str]] = []
    for name in ("FAREBOX_SIGNUP_DOMAINS", "FAREBOX_SIGNUP_BLOCKED_DOMAINS"):
        try:
            lists.append(read_domains(env.text(name) or ""))
        except ValueError as error:
            raise BadConfig(name, str(error)) from error
    return SignUpRules(mode, *lists)


def read_captcha(env: Environment, on_cloud_run: bool) -> CaptchaAccount | None:
    """The captcha before a sign-up, if there is one; without its secret in a function that signs nobody up. Raises
    `BadConfig`."""
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


def read_sign_in_providers(env: Environment) -> Mapping[str, ProviderSettings]:
    """With whose accounts people may sign in, by their ids. Raises `BadConfig`."""
    name = "FAREBOX_SIGN_IN_PROVIDERS"
    try:
        return read_providers(env.secret_document(name, list) or [])
    except ValueError as error:
        raise BadConfig(name, str(error)) from error


def read_trusted_proxies(env: Environment) -> TrustedProxies:
    """Whose word on a client's address counts. Raises `BadConfig`."""
    try:
        return TrustedProxies.parse(env.words("FAREBOX_TRUSTED_PROXIES"))
    except ValueError as error:
        raise BadConfig("FAREBOX_TRUSTED_PROXIES", str(error)) from error
