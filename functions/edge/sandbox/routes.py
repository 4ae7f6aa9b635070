"""Routes of the sandbox's checkout and portal. Whoever knows an address may use it; both are random.

What a click brings about is told to Farebox by a signed request to the webhook's own door, through the same app.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Literal, cast, get_args
from urllib.parse import parse_qs

import httpx
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from functions.edge.asgi.errors import kind_of
from functions.edge.sandbox.pages import checkout_page, portal_page, refusal_page
from functions.farebox.accounts.plans import Plan, Plans
from functions.farebox.errors import FareboxError, InvalidRequest, NotFound
from functions.farebox.kit.money import parse_usd
from functions.farebox.payments.sandbox import subscriptions
from functions.farebox.payments.sandbox.moves import Move
from functions.farebox.payments.sandbox.provider import Sandbox
from functions.farebox.payments.sandbox.state import CardMood, SubscriptionMove
from functions.farebox.storage import Data
from functions.farebox.wiring.runtime import Runtime

Page = Callable[[Request], Awaitable[Response]]
DisputeMove = Literal["open", "won", "lost"]
Interval = Literal["month", "year"]
MOST_SEATS = 1000
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,199}", re.ASCII)


def sandbox_routes(runtime: Runtime, door: ASGIApp, door_path: str) -> list[Route]:
    """The pages. Events go to `door_path` of the app `door`."""

    async def post(body: bytes, headers: dict[str, str]) -> int:
        transport = httpx.ASGITransport(door, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return (await client.post(door_path, content=body, headers=headers)).status_code

    async def provider() -> Sandbox:
        return cast(Sandbox, await runtime.payments())

    async def show_checkout(request: Request) -> Response:
        session = await (await provider()).state.session(_id(request.path_params["session"]))
        return checkout_page(session, declined="declined" in request.query_params)

    async def pay(request: Request) -> Response:
        sandbox, session_id = await provider(), _id(request.path_params["session"])
        await _pay(sandbox, session_id, await _form(request))
        await deliver_events(sandbox, session_id)
        return RedirectResponse(f"/sandbox/checkout/{session_id}", 303)

    async def decline(request: Request) -> Response:
        sandbox, session_id = await provider(), _id(request.path_params["session"])
        await sandbox.state.decline(session_id)
        await deliver_events(sandbox, session_id)
        return RedirectResponse(f"/sandbox/checkout/{session_id}?declined", 303)

    async def deliver_events(sandbox: Sandbox, session_id: str) -> None:
        session = await sandbox.state.session(session_id)
        await sandbox.deliver(session.data["customer"], post)

    async def show_portal(request: Request) -> Response:
        sandbox, customer = await provider(), _id(request.path_params["customer"])
        await sandbox.deliver(customer, post)
        account, plans = await sandbox.state.account(customer), await (await runtime.plans()).list()
        return portal_page(account, plans, f"{runtime.config.public_url}/billing")

    async def act(request: Request) -> Response:
        sandbox, customer = await provider(), _id(request.path_params["customer"])
        await _act(sandbox, customer, request.path_params["action"], await _form(request), await runtime.plans())
        await sandbox.deliver(customer, post)
        return RedirectResponse(f"/sandbox/portal/{customer}", 303)

    return [
        Route("/sandbox/checkout/{session}", _for_people(show_checkout), methods=["GET"]),
        Route("/sandbox/checkout/{session}/pay", _for_people(pay), methods=["POST"]),
        Route("/sandbox/checkout/{session}/decline", _for_people(decline), methods=["POST"]),
        Route("/sandbox/portal/{customer}", _for_people(show_portal), methods=["GET"]),
        Route("/sandbox/portal/{customer}/{action}", _for_people(act), methods=["POST"]),
    ]


def _for_people(page: Page) -> Page:
    """A page whose refusals are pages, too."""

    async def answer(request: Request) -> Response:
        try:
            return await page(request)
        except FareboxError as error:
            return refusal_page(kind_of(error)[0], error.message)

    return answer


async def _pay(sandbox: Sandbox, session_id: str, form: dict[str, str]) -> None:
    if "coupon" in form:
        session = await sandbox.state.session(session_id)
        await _set_discount_and_tax(sandbox, session.data["customer"], form)
    await sandbox.state.pay(session_id, arrives_later="later" in form)


async def _act(sandbox: Sandbox, customer: str, action: str, form: dict[str, str], plans: Plans) -> None:
    state = sandbox.state
    match action:
        case "refund":
            await state.refund(customer, _id(form.get("payment", "")), _amount(form.get("amount")))
        case "dispute":
            await state.dispute(customer, _id(form.get("payment", "")), _choice(form, "status", DisputeMove))
        case "card":
            await state.set_card(customer, _choice(form, "card", CardMood))
        case "change":
            await _change(sandbox, customer, form, await plans.get(form.get("plan", "")))
        case "discount":
            await _set_discount_and_tax(sandbox, customer, form)
        case _ if action in _SUBSCRIPTION_MOVES:
            await state.move_subscription(customer, _id(form.get("subscription", "")), _SUBSCRIPTION_MOVES[action])
        case _:
            raise InvalidRequest("There is no such button.", code="unknown_value", param="action")


async def _change(sandbox: Sandbox, customer: str, form: dict[str, str], plan: Plan) -> None:
    """Sell another plan, more seats or a year."""
    seats, months = _whole(form.get("seats", "1"), 1, MOST_SEATS, "seats"), _choice(form, "interval", Interval)
    terms = subscriptions.terms_of(plan, seats=seats, is_yearly=months == "year")

    def change(move: Move, name: str, subscription: Data, owner: Data) -> None:
        subscriptions.change(move, name, subscription, owner, terms)

    await sandbox.state.move_subscription(customer, _id(form.get("subscription", "")), change)


async def _set_discount_and_tax(sandbox: Sandbox, customer: str, form: dict[str, str]) -> None:
    await sandbox.state.set_discount_and_tax(
        customer,
        coupon_percent=_whole(form.get("coupon", "0"), 0, 100, "coupon"),
        tax_percent=_whole(form.get("tax", "0"), 0, 100, "tax"),
    )


_SUBSCRIPTION_MOVES: dict[str, SubscriptionMove] = {
    "renew": subscriptions.renew,
    "cancel": lambda move, name, told, _: subscriptions.end(move, name, told),
    "cancel-later": lambda move, name, told, _: subscriptions.cancel_later(move, name, told, cancels=True),
    "resume": lambda move, name, told, _: subscriptions.cancel_later(move, name, told, cancels=False),
    "fail": lambda move, name, told, _: subscriptions.fail(move, name, told),
    "pause": lambda move, name, told, _: subscriptions.pause(move, name, told),
}


def _whole(text: str, least: int, most: int, name: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or not least <= int(text) <= most:
        raise InvalidRequest(f"{name} is a whole number from {least} to {most}.", code="invalid_value", param=name)
    return int(text)


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise NotFound("There is nothing here.")
    return text


async def _form(request: Request) -> dict[str, str]:
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=20)
    return {name: values[-1] for name, values in fields.items()}


def _amount(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_usd(text)
    except ValueError as error:
        raise InvalidRequest(str(error), code="invalid_value", param="amount") from error


def _choice(form: dict[str, str], name: str, literal: Any) -> Any:
    value = form.get(name)
    if value not in get_args(literal):
        raise InvalidRequest(f"{name} is none of: {', '.join(get_args(literal))}.", code="unknown_value", param=name)
    return value
