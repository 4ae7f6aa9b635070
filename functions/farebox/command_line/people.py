"""The command line for operators: `python -m functions.farebox`.

It works on the configured store itself, with the same operations as the admin API and in the same audit trail; no
server need run. At a terminal it shows tables and progress; into a pipe it writes JSON.
"""

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

import typer

from functions.farebox.accounts.account import user_path
from functions.farebox.admin.audit_trail import AdminCommand, Change
from functions.farebox.admin.personal_data import personal_data
from functions.farebox.admin.terminal import Telling, table
from functions.farebox.admin.user_search import UserFilter, page_users
from functions.farebox.admin.users import User
from functions.farebox.audit import Audited
from functions.farebox.audit import audit as walk
from functions.farebox.config import read_config
from functions.farebox.errors import BadConfig, FareboxError
from functions.farebox.identity import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, Person
from functions.farebox.jobs.monthly_reset import Pass, order_pass, reset_budgets
from functions.farebox.kit.money import format_usd, parse_usd
from functions.farebox.leases.sweep import sweep as sweep_leases
from functions.farebox.limits.tenant_budget import Tenant
from functions.farebox.metering.authorizations import Authorizations
from functions.farebox.pricing.versions import load_prices
from functions.farebox.secrets.reseal import reseal
from functions.farebox.secrets.root_key import KEY_BYTES, SecretKey
from functions.farebox.storage import Data, Store, Transaction
from functions.farebox.storage.connect import open_engine
from functions.farebox.storage.copying import copy_store
from functions.farebox.storage.upgrading import Upgraded, upgrade_store
from functions.farebox.wiring.operations import Operations
from functions.farebox.wiring.runtime import Runtime

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Operate Farebox from a terminal.")
admins = typer.Typer(no_args_is_help=True, help="Say who is an administrator.")
app.add_typer(admins, name="admin")
MOST_SHOWN = 200

Reason = Annotated[str, typer.Option(help="For the ledger and the audit trail.")]
Key = Annotated[str | None, typer.Option("--idempotency-key", help="Makes one change of the same command run twice.")]


def main() -> None:
    """Run the command that the arguments name."""
    try:
        app()
    except (FareboxError, BadConfig, ValueError) as error:
        sys.stderr.write(f"farebox: {getattr(error, 'message', None) or error}\n")
        sys.exit(2)


@app.command()
def users(
    email: Annotated[str, typer.Argument(help="How the address begins.")] = "",
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant.")] = None,
) -> None:
    """Find users by how their address begins."""

    async def find(runtime: Runtime, _ops: Operations) -> list[User]:
        wanted = UserFilter(email=email, tenant=tenant)
        return (await page_users(await runtime.store(), wanted, limit=MOST_SHOWN, after=None)).items

    table("Users", [_row_of(user) for user in _run(find)])


@app.command()
def credit(user_id: str, amount_usd: str, reason: Reason, idempotency_key: Key = None) -> None:
    """Credit a user with a bonus."""
    amount = parse_usd(amount_usd)
    if amount <= 0:
        raise ValueError("credit more than nothing; set-balance takes away")

    async def give(_runtime: Runtime, ops: Operations) -> dict[str, Any]:
        entry = await ops.users.bonus(_order(idempotency_key), user_id, amount, reason)
        assert entry.after is not None
        return {"user": user_id, "balance_usd": format_usd(entry.after["balance"]), "change": entry.id}

    table("Credited", [_run(give)])


@app.command(name="set-balance")
def set_balance(user_id: str, balance_usd: str, reason: Reason, idempotency_key: Key = None) -> None:
    """Bring a balance to an amount, by an adjustment of the difference."""
    balance = parse_usd(balance_usd)
    if balance < 0:
        raise ValueError("a balance is never negative")

    async def bring(_runtime: Runtime, ops: Operations) -> dict[str, Any]:
        entry = await ops.users.set_balance(_order(idempotency_key), user_id, balance, reason)
        assert entry.after is not None
        return {"user": user_id, "balance_usd": format_usd(entry.after["balance"]), "change": entry.id}

    table("Adjusted", [_run(bring)])


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

    table("Administrator", [_person_row(_run(add))])


@admins.command(name="remove")
def remove_admin(email: str) -> None:
    """Have somebody whom `add` made an administrator be none. FAREBOX_ADMIN_EMAILS is apart from this."""

    async def remove(runtime: Runtime, ops: Operations) -> Person:
        person = await (await runtime.identity()).unmake_admin(email)
        await _note(ops, "admins.remove", person.uid, {"email": person.email})
        return person

    table("No administrator", [_person_row(_run(remove))])


@app.command()
def invite(
    email: Annotated[
        str | None, typer.Argument(help="The only address that may use it; anybody's, if not given.")
    ] = None,
) -> None:
    """Make an invitation to sign up: a code for one account, which works for 14 days."""

    async def make(runtime: Runtime, _ops: Operations) -> dict[str, Any]:
        return {"email": email, "invitation": await (await runtime.invitations()).make(email)}

    table("Invitation", [_run(make)])


@app.command()
def export(user_id: str) -> None:
    """Write all that is kept of somebody to standard output, a JSON object a line."""

    async def write(runtime: Runtime, _ops: Operations) -> None:
        async for collection, document in personal_data(await runtime.store(), user_id):
            sys.stdout.write(json.dumps({"collection": collection, "document": document}, default=str) + "\n")

    _run(write)


@app.command()
def erase(
    user_id: str, yes: Annotated[bool, typer.Option("--yes", prompt="Erase everything personal, for good?")]
) -> None:
    """Erase somebody. The books stay, under an id that names nobody."""
    if not yes:
        raise typer.Exit(1)

    async def forget(runtime: Runtime, ops: Operations) -> dict[str, Any]:
        await (await runtime.erasure()).erase(user_id, by_operator=True)
        await _note(ops, "users.erase", user_id, None)
        return {"id": user_id, "status": "erased"}

    table("Erased", [_run(forget)])


@app.command(name="tenant-budget")
def tenant_budget(
    tenant: str,
    monthly_usd: Annotated[str, typer.Argument(help="What its users may spend together in a month, or 'none'.")],
    time_zone: Annotated[str, typer.Option(help="Whose months count: an IANA name.")] = "UTC",
) -> None:
    """Cap what all users of a tenant spend together in a month."""
    limit = None if monthly_usd == "none" else parse_usd(monthly_usd)
    if limit is not None and limit < 0:
        raise ValueError("a budget is never negative")

    async def cap(runtime: Runtime, ops: Operations) -> Tenant:
        entry = await ops.tenants.set_budget(_order(None), tenant, limit, time_zone)
        assert entry.after is not None
        return Tenant.from_data(tenant, entry.after, runtime.now())

    budget = _run(cap).budget
    row = {
        "tenant": tenant,
        "period": budget.period,
        "limit_usd": None if budget.limit is None else format_usd(budget.limit),
        "spent_usd": format_usd(budget.spent),
    }
    table("Tenant", [row])


@app.command()
def prices(model: Annotated[str, typer.Argument(help="How the model's name begins.")] = "") -> None:
    """List the prices that count now, in USD for a million tokens."""

    async def find(runtime: Runtime, _ops: Operations) -> list[dict[str, Any]]:
        listed = sorted((await load_prices(await runtime.store())).items())
        return [
            {
                "model": name,
                "version": price.version,
                "input": format_usd(price.input),
                "cached_input": format_usd(price.cached_input),
                "output": format_usd(price.output),
                "request": format_usd(price.request),
            }
            for name, price in listed
            if name.startswith(model)
        ]

    table("Prices", _run(find))


@app.command()
def audit() -> None:
    """Walk everything and name what does not add up. Exits with 1 if anything does not."""

    async def look(runtime: Runtime, _ops: Operations) -> Audited:
        done = Audited()
        with Telling() as tell:
            async for done in walk(await runtime.store(), most_faults=MOST_SHOWN):
                tell(f"{done.wallets} wallets, {done.entries} entries, {done.records} requests")
        return done

    _tell_audited("Audit", _run(look))


@app.command()
def sweep() -> None:
    """Settle what dead instances left, and let go of authorizations whose time is over."""

    async def clean(runtime: Runtime, _ops: Operations) -> dict[str, Any]:
        store, now = await runtime.store(), runtime.now()
        swept = await sweep_leases(store, now)
        return {**asdict(swept), "authorizations": await Authorizations(store).expire(now)}

    table("Swept", [_run(clean)])


@app.command()
def reset() -> None:
    """Run the monthly job to its end: budgets to their period, lapsed credit out, plan credit in."""

    async def renew(runtime: Runtime, ops: Operations) -> Pass:
        await order_pass(ops.log, _order(None))
        with Telling() as tell:
            return await reset_budgets(
                await runtime.store(),
                runtime.now,
                runtime.ids,
                progress=lambda done: tell(f"{done.users} users, {done.granted} grants, {done.expired} lapsed"),
            )

    table("Reset", [_run(renew).report()])


@app.command()
def copy(
    source: Annotated[str, typer.Argument(help="As FAREBOX_STORE: sqlite:///PATH or firestore://PROJECT/DATABASE.")],
    target: Annotated[str, typer.Argument(help="Likewise; a new database.")],
) -> None:
    """Copy a whole database into an empty one, and audit it there. Cut off, it goes on where it was. Nobody may write
    to either meanwhile. Exits with 1 if the copy does not add up."""

    async def carry() -> Audited:
        stores = Store(open_engine(source)), Store(open_engine(target))
        done = Audited()
        try:
            with Telling() as tell:
                async for progress in copy_store(*stores, source):
                    tell(f"{progress.documents} documents, {progress.collection}")
                async for done in walk(stores[1], most_faults=MOST_SHOWN):
                    tell(f"audited: {done.wallets} wallets, {done.records} requests")
        finally:
            for store in stores:
                await store.close()
        return done

    _tell_audited("Copied", asyncio.run(carry()))


@app.command()
def upgrade() -> None:
    """Bring every document to the newest form of its kind. Everything may go on serving; cut off, it goes on where it
    was."""

    async def bring(runtime: Runtime, _ops: Operations) -> Upgraded:
        done = Upgraded()
        with Telling() as tell:
            async for done in upgrade_store(await runtime.store()):
                tell(f"{done.documents} documents, {done.upgraded} written anew, {done.kind}")
        return done

    done = _run(bring)
    table("Upgraded", [{"documents": done.documents, "upgraded": done.upgraded}])


@app.command(name="change-secret-key")
def change_secret_key(
    new: Annotated[str, typer.Option(envvar="FAREBOX_NEW_SECRET_KEY", help="At least 32 random characters.")],
) -> None:
    """Bring the store from FAREBOX_SECRET_KEY to FAREBOX_NEW_SECRET_KEY: what is sealed is sealed anew, and API keys
    stay what they are. Sessions end. Cut off, run it again. Servers with the old key are to be stopped before."""
    if len(new.encode()) < KEY_BYTES:
        raise ValueError(f"FAREBOX_NEW_SECRET_KEY has fewer than {KEY_BYTES} characters")

    async def change() -> int:
        store, done = Store(open_engine(config.store_url)), 0
        try:
            with Telling() as tell:
                async for done in reseal(store, config.secret_key, SecretKey(new.encode())):
                    tell(f"{done} documents sealed anew")
        finally:
            await store.close()
        return done

    config = read_config()
    table("Changed", [{"sealed_anew": asyncio.run(change())}])


def _tell_audited(title: str, done: Audited) -> None:
    """What an audit came to; exits with 1 if something does not add up."""
    table(title, [{name: value for name, value in asdict(done).items() if name != "faults"}])
    if done.faults:
        for fault in done.faults:
            sys.stderr.write(f"{fault.path}: {fault.problem}\n")
        raise typer.Exit(1)


def _change(user_id: str, changes: Data) -> None:
    async def change(_runtime: Runtime, ops: Operations) -> User:
        entry = await ops.users.change(_order(None), user_id, changes)
        assert entry.after is not None
        return User.from_data(entry.after)

    table("User", [_row_of(_run(change))])


async def _note(ops: Operations, action: str, uid: str, after: dict[str, Any] | None) -> None:
    """Leave a line in the audit trail of what was done elsewhere than in the transaction of the trail."""

    async def noted(_tx: Transaction, _id: str) -> Change:
        return Change(action, user_path(uid), None, after)

    await ops.log.change(_order(None, said=f"{action} {uid}"), noted)


def _person_row(person: Person) -> dict[str, Any]:
    return {"id": person.uid, "email": person.email}


def _row_of(user: User) -> dict[str, Any]:
    return {
        "id": user.uid,
        "email": user.email,
        "status": user.status,
        "plan": user.plan,
        "tenant": user.tenant,
        "balance_usd": format_usd(user.wallet.balance),
        "reserved_usd": format_usd(user.wallet.reserved),
    }


def _order(key: str | None, *, said: str | None = None) -> AdminCommand:
    """This command line, as the audit trail knows it, or what is `said` of one that holds a secret."""
    request = json.dumps(sys.argv[1:]) if said is None else said
    return AdminCommand(f"terminal:{getpass.getuser()}", request.encode(), key)


def _run(work: Callable[[Runtime, Operations], Awaitable[T]]) -> T:
    async def run() -> T:
        runtime = Runtime(config)
        try:
            return await work(runtime, await runtime.operations())
        finally:
            await runtime.close()

    config = read_config()
    return asyncio.run(run())


if __name__ == "__main__":
    main()
