"""The part of the runtime that organisations are managed with, over one audit trail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.accounts.account import Accounts
from functions.farebox.billing.leaving.closing import settle_up
from functions.farebox.config import Config
from functions.farebox.kit.ids import Ids
from functions.farebox.notifications.mail import Mailer
from functions.farebox.organisations.directory import Directory
from functions.farebox.organisations.groups import Groups
from functions.farebox.organisations.invitations import Invitations
from functions.farebox.organisations.mail_limits import MailLimits
from functions.farebox.organisations.members import Members
from functions.farebox.organisations.trail import Trail
from functions.farebox.storage import Store


@dataclass(frozen=True, slots=True)
class Organisations:
    """What is done with organisations. Each change leaves an entry in `trail`."""

    directory: Directory
    members: Members
    invitations: Invitations
    projects: Groups
    service_accounts: Groups
    trail: Trail


def open_organisations(
    config: Config, store: Store, accounts: Accounts, mailer: Mailer, *, now: Callable[[], datetime], ids: Ids
) -> Organisations:
    """Make them. It costs nothing."""
    trail = Trail(store, now=now, ids=ids)
    return Organisations(
        directory=Directory(store, accounts, trail, settle_up, now=now, ids=ids),
        members=Members(store, trail),
        invitations=Invitations(
            store,
            trail,
            mailer,
            MailLimits(store, daily_most=config.invitations_daily, now=now),
            config.secret_key.derive("invitations"),
            public_url=config.public_url,
            now=now,
            ids=ids,
        ),
        projects=Groups(store, trail, "projects", now=now, ids=ids),
        service_accounts=Groups(store, trail, "service_accounts", now=now, ids=ids),
        trail=trail,
    )
