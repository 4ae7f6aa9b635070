"""Edge `metering`: Farebox as the billing authority of other gateways. They hold the `X-API-Key`."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.security import APIKeyHeader
from pydantic import Field, StringConstraints, WithJsonSchema
from starlette.responses import Response

from functions.edge.asgi.credentials import is_machine
from functions.edge.rest.app import Answer, Body, Wired, management_app, runtime_of
from functions.edge.rest.json_numbers import ExactRoute, UsdAsNumber, UsdNumber, number_response
from functions.edge.rest.money import NonNegativeUsd, Usd
from functions.farebox.accounts.terms import read_multiplier
from functions.farebox.errors import InvalidRequest, Unauthenticated
from functions.farebox.metering.authorizations import LIFETIME, Authorization, Authorizations, State
from functions.farebox.metering.reports import Report
from functions.farebox.metering.standing import Standing, StandingStatus, check_standing, current_price, estimate
from functions.farebox.pricing.bill import charge
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage
from functions.farebox.usage.record import TokenCounts
from functions.farebox.wiring.runtime import Runtime

API_KEY = "x-api-key"
MAX_LIFETIME_S = 24 * 3600
MAX_RESPONSE_MS = 24 * 3600 * 1000

_scheme = APIKeyHeader(name="X-API-Key", scheme_name="billing_key", auto_error=False)


async def a_gateway(request: Request, _key: Annotated[Any, Depends(_scheme)]) -> None:
    """Refuse whoever does not hold the billing key."""
    config = runtime_of(request).config
    if not await is_machine(request, API_KEY, config.billing_api_key, config.trusted_proxies):
        raise Unauthenticated("Send the billing key in the X-API-Key header.", code="invalid_api_key")


UserId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._@:-]{1,128}$")]
RequestId = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Model = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Tokens = Annotated[int, Field(strict=True, ge=0, le=MAX_TOKENS)]


# What is noted where it is what it should be, and is no reason to refuse a charge.
Advice = Annotated[Any, WithJsonSchema({"type": "number", "minimum": 0})]


class BudgetQuestion(Body):
    """A request that somebody is about to send."""

    user_id: UserId
    model: Model
    tokens_input: Tokens = 0
    tokens_output: Tokens = 0
    cost_estimate: UsdNumber | None = Field(None, description="Without it the tokens count, at the model's price")


class LoggedUsage(Body):
    """A request that has happened."""

    user_id: UserId
    model: Model
    request_id: RequestId
    tokens_input: Tokens = 0
    tokens_output: Tokens = 0
    cost_total: UsdNumber
    response_time: Advice = Field(None, description="Milliseconds; whatever it holds, the charge is made")


class HoldRequest(Body):
    """What to hold for a request."""

    user_id: UserId
    model: Model
    max_cost_usd: NonNegativeUsd
    request_id: RequestId
    expires_in_s: Annotated[int, Field(strict=True, ge=10, le=MAX_LIFETIME_S)] = int(LIFETIME.total_seconds())


class TokenUse(Body):
    """Tokens to be priced by the price list."""

    prompt_tokens: Tokens
    completion_tokens: Tokens = 0


class Capture(Body):
    """What a held request cost: an amount, or tokens to be priced."""

    request_id: RequestId
    cost_usd: NonNegativeUsd | None = None
    usage: TokenUse | None = None


class Void(Body):
    """A held request that came to nothing."""

    request_id: RequestId


class BudgetNumbers(Answer):
    """USD. `total` is the monthly budget, or without one all that was used and is left."""

    total: UsdAsNumber
    used: UsdAsNumber = Field(description="This month, with what requests in flight hold")
    remaining: UsdAsNumber = Field(description="What may be spent now: the less of budget and credit")


class BudgetVerdict(Answer):
    """Whether the request may be sent."""

    allowed: bool
    budget: BudgetNumbers
    status: StandingStatus
    message: str


class LoggedAnswer(Answer):
    """What the request was charged. `shortfall` is what nobody paid."""

    request_id: str
    cost: UsdAsNumber
    charged: UsdAsNumber
    shortfall: UsdAsNumber
    budget: BudgetNumbers


class AuthorizationAnswer(Answer):
    """A hold, and what became of it."""

    request_id: str
    user_id: str
    model: str
    status: State
    held_usd: Usd
    cost_usd: Usd
    charged_usd: Usd
    shortfall_usd: Usd = Field(description="Of the cost, what neither the hold nor the free credit covered")
    expires_at: datetime


def make_app(runtime: Runtime) -> FastAPI:
    """The edge's app."""
    app = management_app(runtime, "Farebox metering")
    app.router.route_class = ExactRoute
    door = [Depends(a_gateway)]
    numbers: dict[str, Any] = {"tags": ["metering"], "dependencies": door}
    app.post("/api/check-budget", response_model=BudgetVerdict, **numbers)(check_budget)
    app.post("/api/log-usage", response_model=LoggedAnswer, **numbers)(log_usage)
    app.post("/api/authorize", tags=["metering"], dependencies=door)(authorize)
    app.post("/api/capture", tags=["metering"], dependencies=door)(capture)
    app.post("/api/void", tags=["metering"], dependencies=door)(void)
    return app


async def check_budget(body: BudgetQuestion, runtime: Wired) -> Response:
    """Whether a user may spend so much now. It holds nothing: `authorize` does."""
    store, cost = await runtime.store(), body.cost_estimate
    if cost is None:
        cost = await estimate(store, body.user_id, body.model, Usage(body.tokens_input, body.tokens_output))
    standing = await check_standing(store, body.user_id, cost, runtime.now())
    return number_response(
        BudgetVerdict(
            allowed=standing.allowed, budget=_show_budget(standing), status=standing.verdict, message=standing.message
        )
    )


async def log_usage(body: LoggedUsage, runtime: Wired) -> Response:
    """Charge a request that has happened, once for its `request_id`: through its hold if it has one."""
    store, now = await runtime.store(), runtime.now()
    report = Report(
        cost=body.cost_total,
        tokens=TokenCounts(prompt=body.tokens_input, completion=body.tokens_output),
        latency_ms=_millis(body.response_time),
    )
    done = await Authorizations(store).log(body.user_id, body.model, body.request_id, report, now)
    standing = await check_standing(store, body.user_id, 0, now)
    return number_response(
        LoggedAnswer(
            request_id=done.request_id,
            cost=done.cost,  # type: ignore[arg-type] # made from nano-USD
            charged=done.charged,  # type: ignore[arg-type]
            shortfall=done.shortfall,  # type: ignore[arg-type]
            budget=_show_budget(standing),
        )
    )


async def authorize(body: HoldRequest, runtime: Wired) -> AuthorizationAnswer:
    """Hold the most that a request can cost. 402 where neither credit nor budget covers it."""
    hold = await Authorizations(await runtime.store()).authorize(
        body.user_id,
        body.model,
        body.request_id,
        body.max_cost_usd,
        runtime.now(),
        lifetime=timedelta(seconds=body.expires_in_s),
    )
    return _show(hold)


async def capture(body: Capture, runtime: Wired) -> AuthorizationAnswer:
    """Charge what a held request cost, and let go of the rest."""
    store = await runtime.store()
    if (body.cost_usd is None) == (body.usage is None):
        raise InvalidRequest("Send either cost_usd or usage.", code="invalid_body", param="cost_usd")
    holds = Authorizations(store)
    if body.usage is None:
        return _show(await holds.capture(body.request_id, Report(body.cost_usd or 0), runtime.now()))

    async def priced(hold: Authorization, tokens: TokenCounts) -> Report:
        price, multiplier_bp = await current_price(store, hold.model), await read_multiplier(store, hold.user)
        used = Usage(tokens.prompt, tokens.completion)
        cost = charge(price, used, multiplier_bp=multiplier_bp).total
        return Report(cost, tokens, list_cost=charge(price, used).total)

    tokens = TokenCounts(prompt=body.usage.prompt_tokens, completion=body.usage.completion_tokens)
    return _show(await holds.capture_tokens(body.request_id, tokens, priced, runtime.now()))


async def void(body: Void, runtime: Wired) -> AuthorizationAnswer:
    """Let go of a hold whose request came to nothing."""
    return _show(await Authorizations(await runtime.store()).void(body.request_id, runtime.now()))


def _millis(told: object) -> int | None:
    """A time in milliseconds, to a day; `None` for whatever else was told."""
    if isinstance(told, bool) or not isinstance(told, int | Decimal) or not 0 <= told <= MAX_RESPONSE_MS:
        return None
    return round(told)


def _show_budget(standing: Standing) -> BudgetNumbers:
    amounts: dict[str, Any] = {"total": standing.total, "used": standing.used, "remaining": standing.remaining}
    return BudgetNumbers(**amounts)


def _show(hold: Authorization) -> AuthorizationAnswer:
    return AuthorizationAnswer(
        request_id=hold.request_id,
        user_id=hold.user,
        model=hold.model,
        status=hold.state,
        held_usd=hold.amount,
        cost_usd=hold.cost,
        charged_usd=hold.charged,
        shortfall_usd=hold.shortfall,
        expires_at=hold.expires_at,
    )
