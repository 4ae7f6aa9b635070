"""Response models of statistics: for users about themselves, for operators about everything."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BeforeValidator, Field

from functions.edge.rest.answers.ledger import BudgetAnswer, show_budget
from functions.edge.rest.app import Answer
from functions.edge.rest.money import Usd
from functions.farebox.errors import InvalidRequest
from functions.farebox.limits.budget import Budget
from functions.farebox.organisations import names
from functions.farebox.usage.stats import UTC, Figures, Stats


def to_whole(value: Any) -> Any:
    """A whole number that a query holds as text, as a number; anything else as it is."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value


Days = Annotated[Literal[7, 30, 90, 365], BeforeValidator(to_whole)]  # a literal takes no text, a query holds no other

Zone = Annotated[str | None, Query(max_length=64, description="UTC, or the account's time zone: without it, that")]


class FiguresAnswer(Answer):
    """What some requests came to. Latencies are estimated from a histogram; null without any."""

    requests: int
    errors: int
    aborted: int
    prompt_tokens: int
    cached_tokens: int = Field(description="Of the prompt's")
    completion_tokens: int
    reasoning_tokens: int = Field(description="Of the completion's")
    cost_usd: Usd = Field(description="What wallets paid")
    latency_p50_ms: int | None
    latency_p95_ms: int | None


class NamedFigures(FiguresAnswer):
    """The figures of one day, model, key, member or project."""

    name: str


class DayPart(Answer):
    """What one day's requests of one model, key, member or project came to."""

    day: date
    name: str
    requests: int
    tokens: int = Field(description="Read and written")
    cost_usd: Usd


class PersonName(Answer):
    """What somebody is called whose keys were used."""

    id: str
    name: str | None = Field(
        description="Their full name, or a member's address; null: they have left, or were erased, and no name is told"
    )
    is_member: bool = Field(description="False for who has left")


class StatsAnswer(Answer):
    """One's last days, today among them."""

    time_zone: str = Field(description="Whose days these are: the account's, or UTC where that was asked for")
    first: date
    last: date
    totals: FiguresAnswer
    by_day: list[NamedFigures]
    by_model: list[NamedFigures]
    by_key: list[NamedFigures]
    by_member: list[NamedFigures] = Field(description="Of members' keys")
    by_project: list[NamedFigures] = Field(description="Of keys in projects")
    by_day_and_part: list[DayPart] = Field(description="Each day by `split`; empty where none was asked for")
    people: list[PersonName] = Field(
        description="Those of `by_member`, to whom may see members; empty to anybody else, and to keys"
    )


class SystemFigures(FiguresAnswer):
    """What some requests came to, as operators see it."""

    name: str = ""
    latency_p99_ms: int | None
    error_rate: float
    upstream_cost_usd: Usd = Field(description="At list prices: what upstreams charge")
    margin_usd: Usd = Field(description="What wallets paid, less what upstreams charge")
    shortfall_usd: Usd = Field(description="What upstreams did and nobody paid: beyond their caps, or lost on the way")
    lost: int = Field(description="Requests whose instance died: charged nothing")


class UpstreamFigures(Answer):
    """What one upstream was asked."""

    name: str
    requests: int
    errors: int
    upstream_cost_usd: Usd
    shortfall_usd: Usd = Field(description="Of that, what nobody paid, failed attempts at their most included")


class SystemStats(Answer):
    """Everybody's last days, today among them."""

    first: date
    last: date
    totals: SystemFigures
    by_day: list[SystemFigures]
    by_model: list[SystemFigures]
    by_upstream: list[UpstreamFigures]
    budget: BudgetAnswer | None = Field(description="This month's, of the tenant that was asked for, if it has one")


def chosen_zone(account: str, asked: str | None) -> str:
    """The time zone to count days in: the account's, unless UTC is asked for. Raises `InvalidRequest` for any other: of
    that no days are kept."""
    if asked not in (None, account, UTC):
        raise InvalidRequest(
            f"Days are counted in the account's time zone, {account}, and in UTC. Ask for one of these, or change the "
            "account's.",
            code="invalid_value",
            param="tz",
        )
    return asked or account


def show_stats(stats: Stats, time_zone: str, people: Mapping[str, names.PersonName]) -> StatsAnswer:
    """A user's statistics as an answer, with what people are called by their ids."""
    return StatsAnswer(
        time_zone=time_zone,
        first=stats.first,
        last=stats.last,
        totals=FiguresAnswer(**_figures(stats.total())),
        by_day=_named(stats.by_day()),
        by_model=_named(stats.by("model")),
        by_key=_named(stats.by("key")),
        by_member=_named(stats.by("member")),
        by_project=_named(stats.by("project")),
        by_day_and_part=[
            DayPart(
                day=date.fromisoformat(day),
                name=name,
                requests=figures["requests"],
                tokens=figures["prompt_tokens"] + figures["completion_tokens"],
                cost_usd=figures["charged"],
            )
            for day, name, figures in stats.by_day_and_part()
        ],
        people=[PersonName(id=uid, name=each.name, is_member=each.is_member) for uid, each in people.items()],
    )


def show_system(stats: Stats, budget: Budget | None) -> SystemStats:
    """The system's statistics, or a tenant's with its budget, as an answer."""
    return SystemStats(
        first=stats.first,
        last=stats.last,
        totals=_system("total", stats.total()),
        by_day=[_system(name, figures) for name, figures in stats.by_day()],
        by_model=[_system(name, figures) for name, figures in stats.by("model")],
        by_upstream=[
            UpstreamFigures(
                name=name,
                requests=figures["requests"],
                errors=figures["errors"],
                upstream_cost_usd=figures["list_cost"],
                shortfall_usd=figures["shortfall"],
            )
            for name, figures in stats.by("upstream")
        ],
        budget=None if budget is None else show_budget(budget),
    )


def _named(rows: Iterator[tuple[str, Figures]]) -> list[NamedFigures]:
    return [NamedFigures(name=name, **_figures(figures)) for name, figures in rows]


def _system(name: str, figures: Figures) -> SystemFigures:
    return SystemFigures(
        name=name,
        **_figures(figures),
        latency_p99_ms=figures.latency_ms(99),
        error_rate=round(figures.error_rate, 6),
        upstream_cost_usd=figures["list_cost"],
        margin_usd=figures.margin,
        shortfall_usd=figures["shortfall"],
        lost=figures["lost"],
    )


def _figures(figures: Figures) -> dict[str, Any]:
    counts = ("requests", "errors", "aborted", "prompt_tokens", "cached_tokens", "completion_tokens")
    return {
        **{name: figures[name] for name in (*counts, "reasoning_tokens")},
        "cost_usd": figures["charged"],
        "latency_p50_ms": figures.latency_ms(50),
        "latency_p95_ms": figures.latency_ms(95),
    }
