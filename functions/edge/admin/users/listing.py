"""Routes for operators: finding users, counting them, and the list as a table."""

from typing import Annotated

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.admin.auth import Operated
from functions.edge.admin.users.users import ManagedUser, show_user
from functions.edge.rest.app import Answer, Wired
from functions.edge.rest.export import Format, export_list, offer_export
from functions.edge.rest.money import NonNegativeUsd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Pager
from functions.farebox.admin.user_search import Order, Standing, UserFilter, count_users, page_users
from functions.farebox.kit.slugs import SLUG


class CountAnswer(Answer):
    """How many there are."""

    count: int
    is_exact: bool = Field(description="False: there are at least so many, and not all were looked through")


def _wanted(
    q: Annotated[str | None, Query(max_length=254, description="Part of the name or of the address")] = None,
    email: Annotated[str | None, Query(max_length=254, description="How the address begins")] = None,
    tenant_id: Annotated[str | None, Query(max_length=64)] = None,
    status: Annotated[Standing | None, Query(description="`closed` is an organisation that was")] = None,
    plan: Annotated[str | None, Query(pattern=SLUG)] = None,
    least: Annotated[NonNegativeUsd | None, Query(alias="balance_from_usd", description="This much or more")] = None,
    below: Annotated[NonNegativeUsd | None, Query(alias="balance_below_usd", description="Less than this")] = None,
    sort: Annotated[Order, Query(description="By address, or whose account is newest, or by balance")] = "email",
) -> UserFilter:
    return UserFilter(q, email, tenant_id, status, plan, least, below, sort)


Wanted = Annotated[UserFilter, Depends(_wanted)]


def add_user_lists(app: FastAPI) -> None:
    """Have an app answer these calls, before those of one user."""
    app.get("/api/admin/users", tags=["admin"])(list_users)
    app.get("/api/admin/users/count", tags=["admin"])(read_user_count)
    offer_export(app, "/api/admin/users", "admin", "The users")(export_users)


async def list_users(
    _ops: Operated, runtime: Wired, wanted: Wanted, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[ManagedUser]:
    """Users. What is asked for by a part of a name or by balance is looked through, some thousands at a time: a page
    may hold fewer than its limit, and `next_cursor` goes on."""
    pager = Pager(runtime, _name_of(wanted))
    page = await page_users(await runtime.store(), wanted, limit=limit, after=pager.position(cursor))
    return pager.answer(page, lambda user: show_user(user, runtime.now()))


def _name_of(wanted: UserFilter) -> str:
    """The list that a cursor is of: as earlier versions named it, where they had such a list."""
    name = f"users {wanted.email} {wanted.tenant}"
    return name if wanted == UserFilter(email=wanted.email, tenant=wanted.tenant) else f"{name} {wanted}"


async def read_user_count(_ops: Operated, runtime: Wired, wanted: Wanted) -> CountAnswer:
    """How many users `/api/admin/users` lists with the same filters."""
    counted = await count_users(await runtime.store(), wanted)
    return CountAnswer(count=counted.count, is_exact=counted.is_exact)


async def export_users(_ops: Operated, runtime: Wired, wanted: Wanted, format: Format = "csv") -> StreamingResponse:
    """The users that `/api/admin/users` lists with the same filters, as a download."""
    store = await runtime.store()
    return export_list(
        lambda limit, after: page_users(store, wanted, limit=limit, after=after),
        lambda user: show_user(user, runtime.now()),
        ManagedUser,
        format,
        "users",
    )
