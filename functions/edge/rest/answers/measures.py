"""Response models of what is measured of models, for everybody who may use them."""

from collections.abc import Container
from datetime import date

from pydantic import Field

from functions.edge.rest.app import Answer
from functions.farebox.usage.measures import FEWEST, Measure, Measures


class DayShare(Answer):
    """One day in UTC."""

    day: date
    answered_share: float | None


class ModelMeasure(Answer):
    """How one model did."""

    model: str
    latency_p50_ms: int | None = Field(description="Of whole answers, estimated from a histogram")
    latency_p95_ms: int | None
    answered_share: float | None = Field(
        description=f"Of its requests, those that did not fail, 0 to 1; null: fewer than {FEWEST} were made"
    )
    by_day: list[DayShare] = Field(description="Each day of the span")
    rank: int | None = Field(
        description="Its place among these models by how many requests it answered: 1 is the most; null: too few"
    )


class MeasuresAnswer(Answer):
    """How models did in a span of days in UTC. A model that nobody asked is not there."""

    first: date
    last: date
    data: list[ModelMeasure]


def show_measures(measured: Measures, own: Container[str]) -> MeasuresAnswer:
    """The measures of those models that are somebody's `own`, by name."""
    models = {model: measure for model, measure in sorted(measured.models.items()) if model in own}
    asked = [(model, each.answered) for model, each in models.items() if each.answered is not None]
    ranks = {model: rank for rank, (model, _) in enumerate(sorted(asked, key=lambda each: -each[1]), start=1)}
    shown = [_show(model, measure, ranks.get(model)) for model, measure in models.items()]
    return MeasuresAnswer(first=measured.first, last=measured.last, data=shown)


def _show(model: str, measure: Measure, rank: int | None) -> ModelMeasure:
    return ModelMeasure(
        model=model,
        latency_p50_ms=measure.latency_p50_ms,
        latency_p95_ms=measure.latency_p95_ms,
        answered_share=measure.answered_share,
        by_day=[DayShare(day=day, answered_share=share) for day, share in measure.by_day.items()],
        rank=rank,
    )
