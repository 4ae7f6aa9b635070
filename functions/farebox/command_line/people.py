"""Commands about people: who they are, what they may, and what is kept of them."""

import json
import sys
from typing import Annotated, Any

import typer

from functions.farebox.accounts.account import user_path
from functions.farebox.admin.audit_trail import Change
from functions.farebox.admin.personal_data import personal_data
from functions.farebox.admin.user_search import UserFilter, page_users
from functions.farebox.admin.users import User
from functions.farebox.command_line.running import IDENTITY, MOST_SHOWN, PAYMENTS, order, run
from functions.farebox.command_line.terminal import table
from functions.farebox.identity import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, Person
from functions.farebox.kit.emails import is_address, normalise_email
from functions.farebox.kit.money import format_usd
from functions.farebox.storage import Data, Transaction
from functions.farebox.wiring.operations import Operations
from functions.farebox.wiring.runtime import Runtime

app = typer.Typer()
admins = typer.Typer(no_args_is_help=True, help="Say who is an administrator.")
app.add_typer(admins, name="admin")


@app.command()
def users(
    email: Annotated[str, typer.Argument(help="How the address begins.")] = "",
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant.")] = None,
) -> None:
    """Find users by how their address begins."""

    async def find(runtime: Runtime, _ops: Operations) -> list[User]:
        wanted = UserFilter(email=email, tenant=tenant)
        return (await page_users(await runtime.store(), wanted, limit=MOST_SHOWN, after=None)).items

    table("Users", [_row_of(user) for user in run(find)])


@app.command()
def suspend(user_id: str) -> None:
    """Suspend a user: refused everywhere within 5 seconds."""
    _change(user_id, {"status": "suspended"})


@app.command()
def restore(user_id: str) -> None:
    """Restore a suspended user."""
    _change(user_id, {"status": "active"})


@app.command(name="set-tenant")
def set_tenant(
    user_id: str, tenant: Annotated[str, typer.Argument(help="Whose user it is from now on, or 'none'.")]
) -> None:
    """Move a user to another tenant. What they spend from now on counts in that one's budget."""
    _change(user_id, {"tenant": None if tenant == "none" else tenant})


@admins.command(name="add")
def add_admin(
    email: str,
    password: Annotated[
        str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="Asked for, if it is not given.")
    ],
) -> None:
    """Make the owner of an address an administrator, with a new password. Whoever had the account is put out."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise ValueError(f"a password has {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters")

    async def add(runtime: Runtime, ops: Operations) -> Person:
        person = await (await runtime.recovery()).make_admin(email, password)
        await _note(ops, "admins.add", person.uid, {"email": person.email})
        return person

    table("Administrator", [_person_row(run(add, may_begin=True, needs=[IDENTITY]))])


@admins.command(name="remove")
def remove_admin(email: str) -> None:
    """Have somebody whom `add` made an administrator be none. FAREBOX_ADMIN_EMAILS is apart from this."""

    async def remove(runtime: Runtime, ops: Operations) -> Person:
        if normalise_email(email) in runtime.config.admin_emails:
            raise ValueError(f"FAREBOX_ADMIN_EMAILS names {email}: take it out there, or it stays an administrator's")
        person = await (await runtime.identity()).unmake_admin(email)
        await _note(ops, "admins.remove", person.uid, {"email": person.email})
        return person

    table("No administrator", [_person_row(run(remove, needs=[IDENTITY]))])


@app.command()
def invite(
    email: Annotated[
        str | None, typer.Argument(help="The only address that may use it; anybody's, if not given.")
    ] = None,
) -> None:
    """Make an invitation to sign up: a code for one account, which works for 14 days."""

    if email is not None and not is_address(email):
        raise ValueError(f"{email} is no e-mail address")

    async def make(runtime: Runtime, _ops: Operations) -> dict[str, Any]:
        return {"email": email, "invitation": await (await runtime.invitations()).make(email)}

    table("Invitation", [run(make, may_begin=True)])


@app.command()
def export(user_id: str) -> None:
    """Write all that is kept of somebody to standard output, a JSON object a line."""

    async def write(runtime: Runtime, _ops: Operations) -> None:
        async for collection, document in personal_data(await runtime.store(), user_id):
            sys.stdout.write(json.dumps({"collection": collection, "document": document}, default=str) + "\n")

    run(write)


@app.command()
def erase(
    user_id: str, yes: Annotated[bool, typer.Option("--yes", prompt="Erase everything personal, for good?")]
) -> None:
    """Erase somebody, also where their password is and where they paid. The books stay, under an id that names nobody.

    On Firestore it needs the variables of people and of payments, as the functions have them.
    """
    if not yes:
        raise typer.Exit(1)

    async def forget(runtime: Runtime, ops: Operations) -> dict[str, Any]:
        await (await runtime.erasure()).erase(user_id, by_operator=True)
        await _note(ops, "users.erase", user_id, None)
        return {"id": user_id, "status": "erased"}

    table("Erased", [run(forget, needs=[IDENTITY, PAYMENTS])])


def _change(user_id: str, changes: Data) -> None:
    async def change(_runtime: Runtime, ops: Operations) -> User:
        entry = await ops.users.change(order(None), user_id, changes)
        assert entry.after is not None
        return User.from_data(entry.after)

    table("User", [_row_of(run(change))])


async def _note(ops: Operations, action: str, uid: str, after: dict[str, Any] | None) -> None:
    """Leave a line in the audit trail of what was done elsewhere than in the transaction of the trail."""

    async def noted(_tx: Transaction, _id: str) -> Change:
        return Change(action, user_path(uid), None, after)

    await ops.log.change(order(None, said=f"{action} {uid}"), noted)


def _person_row(person: Person) -> dict[str, Any]:
    return {"id": person.uid, "email": person.email}


def _row_of(user: User) -> dict[str, Any]:
    return {
        "id": user.uid,
        "email": user.email or None,  # an organisation has none
        "name": user.full_name,
        "status": user.status,
        "plan": user.plan,
        "tenant": user.tenant,
        "balance_usd": format_usd(user.wallet.balance),
        "reserved_usd": format_usd(user.wallet.reserved),
    }
