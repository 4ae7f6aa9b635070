"""The part of the runtime that signs people in with other providers."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from functions.farebox.accounts.sign_in_providers import ProviderSettings
from functions.farebox.accounts.sign_up import Invitations
from functions.farebox.config import Config
from functions.farebox.errors import NotFound
from functions.farebox.identity import Identity
from functions.farebox.identity.guards import Guards
from functions.farebox.identity.local.credentials import Credentials
from functions.farebox.identity.local.identity import LocalIdentity
from functions.farebox.identity.providers.linking import Linking
from functions.farebox.identity.providers.provider import SignInProvider
from functions.farebox.identity.providers.sign_in import ProviderSignIn
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Store

CALLBACK = "/sign-in/callback"  # the dashboard's page


def open_provider_sign_in(
    config: Config,
    store: Store,
    identity: Identity,
    invitations: Invitations,
    *,
    now: Callable[[], datetime],
    ids: Ids,
) -> ProviderSignIn:
    """Make it. Raises `NotFound` with Firebase, which has providers of its own."""
    if not isinstance(identity, LocalIdentity):
        raise NotFound("Firebase signs people in with other providers here.", param="id")
    providers = {name: _provider(settings) for name, settings in config.sign_in_providers.items()}
    guards = None if config.is_private else Guards(store, now)
    linking = Linking(store, identity, Credentials(store, now), config.sign_up, invitations, guards)
    redirect_uri = f"{config.public_url}{CALLBACK}"
    return ProviderSignIn(store, identity, linking, providers, redirect_uri=redirect_uri, now=now, ids=ids)


@cache
def _provider(settings: ProviderSettings) -> SignInProvider:
    """One for a process: it remembers what the provider says of itself."""
    if settings.kind == "github":
        from functions.farebox.identity.providers.github import GitHubProvider

        return GitHubProvider(settings)
    from functions.farebox.identity.providers.openid import OpenIdProvider

    return OpenIdProvider(settings)
