"""The part of the stand-in for Stripe that knows prices, and what a change of plan in its portal comes to."""

from typing import Any

from aiohttp import web

from tests.support.stand_ins.stripe_forms import error_of, list_of

Object = dict[str, Any]


class StripePortal:
    """Half of the present period is always left. `tax_percent` is on all that is billed."""

    def __init__(self) -> None:
        self.prices: dict[str, Object] = {}
        self.proration = "always_invoice"
        self.waiting: tuple[str, ...] = ()  # kinds of changes that wait for the period's end
        self.tax_percent = 0
        self.schedules: dict[str, Object] = {}  # by their own ids
        self.refuses_schedules = False  # the key may not read them
        self.charged_in: str | None = None  # where that is not the price's own currency

    def sell(self, price_id: str, cents: int, *, interval: str = "month", currency: str = "usd") -> None:
        """Have a price."""
        recurring = {"interval": interval, "interval_count": 1}
        self.prices[price_id] = {"id": price_id, "unit_amount": cents, "currency": currency, "recurring": recurring}

    def agree(self, subscription: Object, *phases: tuple[int, str, int], status: str = "active") -> Object:
        """Have a subscription's schedule say from when at which price how many are sold; answers the schedule."""
        sold = [
            {"start_date": begins_at, "items": [{"price": price, "quantity": quantity}]}
            for begins_at, price, quantity in phases
        ]
        told = {"id": f"sub_sched_{subscription['id']}", "object": "subscription_schedule", "status": status}
        made: Object = {**told, "subscription": subscription["id"], "phases": sold}
        self.schedules[made["id"]] = made
        subscription["schedule"] = made["id"]
        return made

    def bill(self, item: Object, price_id: str, quantity: int) -> Object:
        """The invoice of a change: what is left of the old price goes back, and the new one is sold."""
        former, wanted, end = item["price"], self.prices[price_id], item["current_period_end"]
        back = former["unit_amount"] * item["quantity"] // 2
        is_same = former["recurring"] == wanted["recurring"]
        sold = wanted["unit_amount"] * quantity // (2 if is_same else 1)
        until = end if is_same else end - _seconds(former) // 2 + _seconds(wanted)
        lines = [_line(former["id"], -back, end, True), _line(price_id, sold, until, is_same)]
        total = (sold - back) * (100 + self.tax_percent) // 100
        data = {"object": "list", "data": lines, "has_more": False}
        return {
            "amount_due": max(0, total),
            "total": total,
            "currency": self.charged_in or wanted["currency"],
            "lines": data,
        }

    def answer(self, method: str, parts: list[str], params: Object, objects: dict[str, Object]) -> web.Response | None:
        """What Stripe's API says of it."""
        match (method, parts):
            case ("GET", ["prices", price]):
                return web.json_response(self.prices[price])
            case ("GET", ["subscription_schedules", schedule]):
                return self._answer_about_schedule(self.schedules[schedule], params)
            case ("GET", ["billing_portal", "configurations"]):
                conditions = [{"type": kind} for kind in self.waiting]
                updates = {"enabled": True, "proration_behavior": self.proration}
                updates["schedule_at_period_end"] = {"conditions": conditions}
                found = {"id": "bpc_1", "features": {"subscription_update": updates}}
                return list_of([found])
            case ("POST", ["invoices", "create_preview"]):
                [wanted] = params["subscription_details"]["items"].values()
                items = {each["id"]: each for each in objects[params["subscription"]]["items"]["data"]}
                return web.json_response(self.bill(items[wanted["id"]], wanted["price"], int(wanted["quantity"])))
        return None

    def _answer_about_schedule(self, schedule: Object, params: Object) -> web.Response:
        if self.refuses_schedules:
            return error_of(403, {"type": "invalid_request_error", "message": "the key has no permission for it"})
        assert params == {"expand": {"0": "phases.items.price"}}
        phases = [
            {**each, "items": [{**item, "price": self.prices[item["price"]]} for item in each["items"]]}
            for each in schedule["phases"]
        ]
        return web.json_response({**schedule, "phases": phases})


def _seconds(price: Object) -> int:
    return {"month": 30, "year": 365}[price["recurring"]["interval"]] * 24 * 3600


def _line(price: str, cents: int, end: int, is_proration: bool) -> Object:
    details = {"proration": is_proration}
    parent = {"type": "subscription_item_details", "subscription_item_details": details}
    period = {"start": end - 15 * 24 * 3600, "end": end}
    pricing = {"type": "price_details", "price_details": {"price": price}}
    return {"amount": cents, "period": period, "parent": parent, "pricing": pricing}
