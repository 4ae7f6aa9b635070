"""The part of the runtime that knows people: those of its own accounts, or Firebase's."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from functions.farebox.accounts.account import Accounts
from functions.farebox.config import Config, FirebaseProject
from functions.farebox.identity import Identity
from functions.farebox.identity.factors.second_factors import SecondFactors
from functions.farebox.kit.ids import Ids
from functions.farebox.notifications.mail import Mailer
from functions.farebox.storage import Store

OnClose = Callable[[Callable[[], Awaitable[None]]], None]


def open_identity(
    config: Config,
    store: Store,
    accounts: Accounts,
    second_factors: SecondFactors,
    mailer: Mailer,
    *,
    now: Callable[[], datetime],
    ids: Ids,
    on_close: OnClose,
) -> Identity:
    """Make it, by the configuration. Of the two ways that there are, the other is not imported."""
    if config.firebase is not None:
        return _firebase(config.firebase, config, store, accounts, second_factors, now=now, ids=ids, on_close=on_close)
    from functions.farebox.identity.local.identity import LocalIdentity
    from functions.farebox.identity.local.mails import IdentityMails

    return LocalIdentity(
        store,
        accounts,
        IdentityMails(mailer, config.public_url),
        second_factors,
        token_key=config.secret_key.derive("local-tokens"),
        admin_emails=config.admin_emails,
        now=now,
        ids=ids,
    )


def _firebase(
    firebase: FirebaseProject,
    config: Config,
    store: Store,
    accounts: Accounts,
    second_factors: SecondFactors,
    *,
    now: Callable[[], datetime],
    ids: Ids,
    on_close: OnClose,
) -> Identity:
    from functions.farebox.identity.firebase.identity import FirebaseIdentity
    from functions.farebox.identity.firebase.rest import FirebaseRest
    from functions.farebox.identity.firebase.users import FirebaseUsers

    rest = FirebaseRest(firebase.api_key, emulator=firebase.emulator)
    on_close(rest.close)
    return FirebaseIdentity(
        store,
        accounts,
        FirebaseUsers(firebase.project),
        rest,
        second_factors,
        config.sign_up,
        admin_emails=config.admin_emails,
        public_url=config.public_url,
        now=now,
        ids=ids,
    )
