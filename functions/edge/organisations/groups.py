"""Routes: the projects and the service accounts of an organisation."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Path
from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.rest.acting import may_in
from functions.edge.rest.answers.budgets import Calendar, KeyBudget, calendar_of
from functions.edge.rest.app import Answer, Body, Wired
from functions.edge.rest.export import Format, export_list, offer_export
from functions.edge.rest.money import NonNegativeUsd, Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Pager
from functions.edge.rest.text import Name
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.group_budget import read_group_budgets
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.groups import Group
from functions.farebox.storage.pages import Page
from functions.farebox.wiring.runtime import Runtime

GroupId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_]{1,64}$")]
ReadingProjects = Annotated[Acting, may_in("projects.read")]
ChangingProjects = Annotated[Acting, may_in("projects.change")]
ReadingAccounts = Annotated[Acting, may_in("service_accounts.read")]
ChangingAccounts = Annotated[Acting, may_in("service_accounts.change")]


class NewProject(Body):
    """A group of keys to make."""

    name: Name
    monthly_budget_usd: NonNegativeUsd | None = Field(None, description="Spend of its keys in a calendar month")


class ProjectChange(Body):
    """What to change of a project; what is absent stays. `null` lifts the budget."""

    name: Name = Field(default_factory=str)  # never null
    monthly_budget_usd: NonNegativeUsd | None = None


class ProjectAnswer(Answer):
    """A group of keys. A key says that it is in it when it is made."""

    id: str
    name: str
    monthly_budget_usd: Usd | None
    budget: KeyBudget
    created_at: datetime


class NewServiceAccount(Body):
    """A holder of keys to make."""

    name: Name


class ServiceAccountAnswer(Answer):
    """A holder of keys that is nobody: they go on when people leave."""

    id: str
    name: str
    created_at: datetime


def add_group_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    projects, accounts = "/api/orgs/{org}/projects", "/api/orgs/{org}/service-accounts"
    app.post(projects, status_code=201, tags=["organisations"])(create_project)
    app.get(projects, tags=["organisations"])(list_projects)
    offer_export(app, projects, "organisations", "The projects")(export_projects)
    app.get(f"{projects}/{{id}}", tags=["organisations"])(read_project)
    app.patch(f"{projects}/{{id}}", tags=["organisations"])(change_project)
    app.delete(f"{projects}/{{id}}", status_code=204, tags=["organisations"])(remove_project)
    app.post(accounts, status_code=201, tags=["organisations"])(create_service_account)
    app.get(accounts, tags=["organisations"])(list_service_accounts)
    offer_export(app, accounts, "organisations", "The service accounts")(export_service_accounts)
    app.get(f"{accounts}/{{id}}", tags=["organisations"])(read_service_account)
    app.delete(f"{accounts}/{{id}}", status_code=204, tags=["organisations"])(remove_service_account)


async def create_project(body: NewProject, acting: ChangingProjects, runtime: Wired) -> ProjectAnswer:
    """Make a project."""
    projects = (await runtime.organisations()).projects
    return _show_project(
        await projects.create(acting, body.name, body.monthly_budget_usd),
        Budget(),
        await calendar_of(runtime, acting.org),
    )


async def list_projects(
    acting: ReadingProjects, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[ProjectAnswer]:
    """Its projects, by their ids."""
    pager, calendar = Pager(runtime, f"projects {acting.org}"), await calendar_of(runtime, acting.org)
    page = await _page(runtime, acting, limit, pager.position(cursor))
    return pager.answer(page, lambda found: _show_project(*found, calendar))


async def export_projects(acting: ReadingProjects, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    calendar = await calendar_of(runtime, acting.org)
    return export_list(
        lambda limit, after: _page(runtime, acting, limit, after),
        lambda found: _show_project(*found, calendar),
        ProjectAnswer,
        format,
        "projects",
    )


async def read_project(id: GroupId, acting: ReadingProjects, runtime: Wired) -> ProjectAnswer:
    """One project."""
    project, spent = (
        await (await runtime.organisations()).projects.get(acting.org, id),
        await _budgets(runtime, acting, id),
    )
    return _show_project(project, spent[id], await calendar_of(runtime, acting.org))


async def change_project(id: GroupId, body: ProjectChange, acting: ChangingProjects, runtime: Wired) -> ProjectAnswer:
    """Change a project's name or budget. It holds for its keys within 5 seconds."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if "monthly_budget_usd" in changes:
        changes["monthly_budget"] = changes.pop("monthly_budget_usd")
    project = await (await runtime.organisations()).projects.change(acting, id, changes)
    spent = (await _budgets(runtime, acting, id))[id]
    return _show_project(project, spent, await calendar_of(runtime, acting.org))


async def remove_project(id: GroupId, acting: ChangingProjects, runtime: Wired) -> None:
    """Remove a project. Its keys stop within 5 seconds, and are revoked; what they have spent stays told."""
    projects = (await runtime.organisations()).projects
    was_there = await projects.remove(acting, id)
    if not await (await runtime.keys()).revoke_held(acting, project=id) and not was_there:
        raise projects.no_such()


async def create_service_account(
    body: NewServiceAccount, acting: ChangingAccounts, runtime: Wired
) -> ServiceAccountAnswer:
    """Make a service account. POST /api/keys with its id makes a key that it holds."""
    return _show_account(await (await runtime.organisations()).service_accounts.create(acting, body.name))


async def list_service_accounts(
    acting: ReadingAccounts, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[ServiceAccountAnswer]:
    """Its service accounts, by their ids."""
    pager, accounts = Pager(runtime, f"service accounts {acting.org}"), (await runtime.organisations()).service_accounts
    page = await accounts.page(acting.org, limit=limit, after=pager.position(cursor))
    return pager.answer(page, _show_account)


async def export_service_accounts(acting: ReadingAccounts, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    accounts = (await runtime.organisations()).service_accounts
    return export_list(
        lambda limit, after: accounts.page(acting.org, limit=limit, after=after),
        _show_account,
        ServiceAccountAnswer,
        format,
        "service-accounts",
    )


async def read_service_account(id: GroupId, acting: ReadingAccounts, runtime: Wired) -> ServiceAccountAnswer:
    """One service account."""
    return _show_account(await (await runtime.organisations()).service_accounts.get(acting.org, id))


async def remove_service_account(id: GroupId, acting: ChangingAccounts, runtime: Wired) -> None:
    """Remove a service account. Its keys stop within 5 seconds, and are revoked."""
    accounts = (await runtime.organisations()).service_accounts
    was_there = await accounts.remove(acting, id)
    if not await (await runtime.keys()).revoke_held(acting, service_account=id) and not was_there:
        raise accounts.no_such()


async def _page(
    runtime: Runtime, acting: Acting, limit: int, after: tuple[Any, ...] | None
) -> Page[tuple[Group, Budget]]:
    """Projects with what they have spent."""
    page = await (await runtime.organisations()).projects.page(acting.org, limit=limit, after=after)
    budgets = await _budgets(runtime, acting, *(project.id for project in page.items))
    return Page([(project, budgets[project.id]) for project in page.items], page.after)


async def _budgets(runtime: Runtime, acting: Acting, *ids: str) -> dict[str, Budget]:
    """What projects have spent, by their ids."""
    budgets = await read_group_budgets(await runtime.store(), acting.org, "project", ids)
    return dict(zip(ids, budgets, strict=True))


def _show_project(project: Group, spent: Budget, calendar: Calendar) -> ProjectAnswer:
    return ProjectAnswer(
        id=project.id,
        name=project.name,
        monthly_budget_usd=project.monthly_budget,
        budget=calendar.this_month(spent, project.monthly_budget),
        created_at=project.created_at,
    )


def _show_account(group: Group) -> ServiceAccountAnswer:
    return ServiceAccountAnswer(id=group.id, name=group.name, created_at=group.created_at)
