"""Edge `usage`: a user's usage records, statistics and export."""

from datetime import date
from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query, Response
from starlette.responses import StreamingResponse

from functions.edge.chat.receipt import receipt
from functions.edge.rest.acting import may
from functions.edge.rest.answers.requests import COLUMNS, UsageAnswer, rows_of, show_request
from functions.edge.rest.answers.stats import Days, StatsAnswer, Zone, chosen_zone, show_stats
from functions.edge.rest.app import KEPT_SINCE, Wired, management_app
from functions.edge.rest.bodies.receipts import Receipt
from functions.edge.rest.export import Format, export, offer_export
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Moment, Pager
from functions.farebox.errors import Forbidden
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.names import names_of
from functions.farebox.storage import Store
from functions.farebox.storage.pages import TimeRange
from functions.farebox.usage.listing import UsageFilter, page_usage, usage_pages
from functions.farebox.usage.receipts import find_record
from functions.farebox.usage.record import UsageStatus
from functions.farebox.usage.retention import kept_since
from functions.farebox.usage.stats import Dimension, StatsFilter, user_stats
from functions.farebox.wiring.runtime import Runtime

Reading = Annotated[Acting, may("usage.read")]
Id = Annotated[str | None, Query(max_length=128)]


def _wanted(
    acting: Reading,
    model: Annotated[str | None, Query(max_length=200)] = None,
    key_id: Annotated[str | None, Query(max_length=100)] = None,
    status: UsageStatus | None = None,
    member: Id = None,
    project: Id = None,
    start: Annotated[Moment | None, Query(alias="from")] = None,
    end: Annotated[Moment | None, Query(alias="to")] = None,
) -> UsageFilter:
    """What was asked for; of somebody who reads their own usage alone, nobody else's."""
    own = acting.usage_of
    if own is not None and member not in (None, own):
        raise Forbidden("Your role in this organisation lets you see your own usage alone.", param="member")
    return UsageFilter(model, key_id, status, TimeRange(start, end), own or member, project)


Wanted = Annotated[UsageFilter, Depends(_wanted)]


def _wanted_stats(
    acting: Reading,
    model: Annotated[str | None, Query(max_length=200)] = None,
    key_id: Annotated[str | None, Query(max_length=100)] = None,
    member: Id = None,
    project: Id = None,
    first: Annotated[date | None, Query(description="The first day, in place of `days`")] = None,
    last: Annotated[date | None, Query(description="The last day; without it, today")] = None,
) -> StatsFilter:
    """The figures that were asked for, with the bound of `_wanted`."""
    whose = _wanted(acting, member=member).member
    return StatsFilter(model, key_id, whose, project, first, last)


WantedStats = Annotated[StatsFilter, Depends(_wanted_stats)]


def make_app(runtime: Runtime) -> FastAPI:
    """The edge's app."""
    app = management_app(runtime, "Farebox usage")

    @app.get("/api/usage/stats", tags=["usage"])
    async def read_stats(
        acting: Reading,
        runtime: Wired,
        wanted: WantedStats,
        days: Days = 30,
        tz: Zone = None,
        split: Annotated[Dimension | None, Query(description="By what each day is told in parts")] = None,
    ) -> StatsAnswer:
        """One's last days, or others: in all, by day in the account's time zone, model and key. It lags behind by a
        settlement interval."""
        zone = chosen_zone((await (await runtime.statements()).wallet(acting.org)).time_zone, tz)
        await runtime.settle_here(acting.org)
        store = await runtime.store()
        stats = await user_stats(store, acting.org, days, runtime.now(), wanted=wanted, time_zone=zone, split=split)
        members = stats.values_of("member") if "members.read" in acting.rights else ()
        return show_stats(stats, zone, await names_of(store, acting.org, members))

    @offer_export(app, "/api/usage", "usage", "The requests; `tokens` as a column for each class")
    async def export_usage(
        acting: Reading,
        runtime: Wired,
        wanted: Wanted,
        format: Format = "csv",
    ) -> StreamingResponse:
        """One's requests, newest first, as a download: those that `/api/usage/logs` lists with the same filters, and
        with the same header."""
        store = await runtime.store()
        answer = export(rows_of(usage_pages(store, acting.org, wanted)), COLUMNS, format, "usage")
        answer.headers.update(await _kept_since(store))
        return answer

    @app.get("/api/usage/logs", tags=["usage"])
    async def list_usage(
        acting: Reading,
        runtime: Wired,
        wanted: Wanted,
        response: Response,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> ListAnswer[UsageAnswer]:
        """One's requests, newest first: those from `from` on and before `to`. Where older ones are deleted,
        `x-farebox-kept-since` says since which day they are kept."""
        pager = Pager(runtime, f"usage {acting.org} {wanted}")
        store = await runtime.store()
        page = await page_usage(store, acting.org, wanted, limit=limit, after=pager.position(cursor))
        response.headers.update(await _kept_since(store))
        return pager.answer(page, show_request)

    @app.get("/api/usage/receipts/{request_id}", tags=["usage"])
    async def read_own_receipt(
        request_id: Annotated[str, Path(max_length=128)], acting: Reading, runtime: Wired
    ) -> Receipt:
        """What one of one's requests was charged, and why: what `GET /v1/receipts/{request_id}` tells its key."""
        return Receipt.model_validate(
            receipt(await find_record(await runtime.store(), acting.org, request_id, member=acting.usage_of))
        )

    return app


async def _kept_since(store: Store) -> dict[str, str]:
    """The header that says since which day, in UTC, requests are kept."""
    since = await kept_since(store)
    return {} if since is None else {KEPT_SINCE: since.date().isoformat()}
