"""HTML pages of the sandbox's checkout and portal: plain, with forms, no script, nothing from another server.

Their content security policy allows their own style sheet, by its hash, their icon, and forms to where they came from.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from starlette.responses import HTMLResponse

from functions.farebox.accounts.plans import Plan
from functions.farebox.kit.money import format_usd
from functions.farebox.payments.sandbox.state import Account
from functions.farebox.storage import Document

STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --ground: #f6f6f2; --card: #fff; --ink: #1b211e;
  --soft: #5c665f; --line: #dcdfd8; --fare: #0f7f5b; --fare-ink: #fff; --brass: #8a6100; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ground: #121614; --card: #1b211e; --ink: #eceeea; --soft: #a3aea7;
  --line: #333b36; --fare: #2aa57b; --fare-ink: #06170f; --brass: #f2b632; --bad: #ff9c94; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem 4rem; background: var(--ground); color: var(--ink); }
header, main { max-width: 26rem; margin: 0 auto 1rem; }
.wide header, .wide main { max-width: 48rem; }
header { display: flex; align-items: center; gap: .6rem; font-weight: 600; }
header svg { width: 1.75rem; height: 1.75rem; }
h1 { font-size: 1.1rem; margin: 0; }
h2 { font-size: 1rem; margin: 2rem 0 .6rem; }
h1, h2 { letter-spacing: -.01em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; }
.card > :first-child { margin-top: 0; }
.sum { font-size: 2.25rem; font-weight: 650; letter-spacing: -.03em; line-height: 1.2; margin: .15rem 0 1rem; }
.soft { color: var(--soft); font-size: .9rem; }
p { margin: .5rem 0; }
dl { display: grid; grid-template-columns: 1fr auto; gap: .35rem 1rem; margin: 0 0 1.25rem; padding: .9rem 0 0;
  border-top: 1px solid var(--line); }
dd { margin: 0; text-align: end; }
dd, .sum, strong { font-variant-numeric: tabular-nums; }
.tag { font-size: .78rem; font-weight: 600; padding: .1rem .55rem; border: 1px solid currentColor; border-radius: 1rem;
  white-space: nowrap; color: var(--fare); }
.tag.brass { color: var(--brass); }
.tag.bad, .alert { color: var(--bad); }
.stack { display: grid; gap: .6rem; }
ul { list-style: none; margin: 0; padding: 0; }
li + li { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: 1rem; }
.row { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
.row strong { margin-inline-end: auto; }
.row .soft { flex-basis: 100%; }
.acts { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .75rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0; }
label { display: flex; gap: .4rem; align-items: center; }
.narrow { width: 4.5rem; }
.stack button { width: 100%; padding-block: .7rem; }
button, .button { font: inherit; font-weight: 550; padding: .45rem .9rem; border-radius: .5rem; cursor: pointer;
  border: 1px solid var(--line); background: transparent; color: inherit; text-align: center; text-decoration: none; }
button:hover, .button:hover { border-color: currentColor; }
button.main, .button.main { background: var(--fare); border-color: var(--fare); color: var(--fare-ink); }
a { color: var(--fare); }
select, input { font: inherit; padding: .45rem .6rem; width: 6.5rem; border: 1px solid var(--line);
  border-radius: .5rem; background: transparent; color: inherit; }
:focus-visible { outline: 3px solid var(--brass); outline-offset: 2px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 30rem) { .acts form { flex: 1 1 auto; } .acts button { flex: 1; } }
"""
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" aria-hidden="true"><path fill="#0f7f5b" d="M7 11h18a3 '
    '3 0 0 1 3 3v3a2.5 2.5 0 0 0 0 5v3a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-3a2.5 2.5 0 0 0 0-5v-3a3 3 0 0 1 3-3Z"/><path '
    'fill="#f2b632" d="M16 3a6.5 6.5 0 0 1 6.5 6.5h-13A6.5 6.5 0 0 1 16 3Z"/></svg>'
)
_ICON = f"data:image/svg+xml;base64,{base64.b64encode(LOGO.encode()).decode()}"
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


def checkout_page(session: Document, *, declined: bool) -> HTMLResponse:
    """A checkout: what is bought, and the two buttons."""
    data = session.data
    here, back, total = f"/sandbox/checkout/{session.id}", escape(data["return_url"]), _usd(data["sale"]["total"])
    if data["state"] == "paid":
        body = (
            f'<section class="card"><p role="status">Paid</p><p class="sum">{total}</p>{_lines(data["sale"])}'
            f'<div class="stack"><a class="button main" href="{back}">Back to Farebox</a></div></section>'
        )
        return _page("Paid", body)
    warning = (
        '<p role="alert" class="alert">The card was declined, and nothing was charged. Try again.</p>'
        if declined
        else ""
    )
    later = (
        "" if data["sale"]["kind"] == "plan" else _button(f"{here}/pay", "Pay by a transfer that takes days", later="1")
    )
    status = '<p role="status">On its way: pay once more to have it arrive.</p>' if data["state"] == "pending" else ""
    trial = f'<p class="soft">Free for {data["trial_days"]} days, and then:</p>' if data.get("trial_days") else ""
    body = (
        f'<section class="card">{warning}{status}{trial}<p class="soft">To pay</p><p class="sum">{total}</p>'
        f'{_lines(data["sale"])}<div class="stack">{_button(f"{here}/pay", f"Pay {total}", main=True)}'
        f"{later}{_button(f'{here}/decline', 'Decline the card')}"
        f'<form method="post" action="{here}/pay">{_discount_fields("0", "19")}<button>Pay with these</button></form>'
        "</div></section>"
        f'<p><a href="{escape(data["cancel_url"])}">Leave without paying</a></p>'
    )
    return _page("Checkout", body)


def portal_page(account: Account, plans: Sequence[Plan], return_url: str) -> HTMLResponse:
    """A customer's payments and subscriptions, with everything that may happen to them. `plans` are what there is to
    change to."""
    here, customer = f"/sandbox/portal/{account.customer.id}", account.customer.data
    discount = _discount_fields(str(customer.get("coupon_percent", 0)), str(customer.get("tax_percent", 0)))
    body = (
        f"<h2>Payments</h2>{_list([_payment(here, payment) for payment in account.payments])}"
        f"<h2>Subscriptions</h2>{_list([_subscription(here, each, plans) for each in account.subscriptions])}"
        f'<h2>Saved card</h2><section class="card">{_card(here, customer["card"])}</section>'
        f'<h2>Coupon and tax</h2><section class="card"><form method="post" action="{here}/discount">{discount}'
        "<button>Use from now on</button></form></section>"
        f'<p><a href="{escape(return_url)}">Back to Farebox</a></p>'
    )
    return _page("Your account", body, wide=True)


def refusal_page(status: int, message: str) -> HTMLResponse:
    """What a browser shows of a refusal."""
    return _page("That did not work", f'<section class="card"><p role="alert">{escape(message)}</p></section>', status)


def _list(items: list[str]) -> str:
    inner = f"<ul>{''.join(items)}</ul>" if items else '<p class="soft">None yet.</p>'
    return f'<section class="card">{inner}</section>'


def _payment(here: str, payment: Document) -> str:
    data = payment.data
    left = data["sale"]["total"] - data["refunded"]
    actions = []
    if left:
        actions.append(_refund_form(here, payment.id))
        actions.append(_button(f"{here}/refund", "Refund all", payment=payment.id))
    if data["dispute"] is None:
        actions.append(_button(f"{here}/dispute", "Dispute", payment=payment.id, status="open"))
    if data["dispute"] == "open":
        actions.append(_button(f"{here}/dispute", "Seller wins", payment=payment.id, status="won"))
        actions.append(_button(f"{here}/dispute", "Seller loses", payment=payment.id, status="lost"))
    tags = _tag(f"{_usd(data['refunded'])} refunded", "brass") if data["refunded"] else _tag("paid")
    if data["dispute"]:
        tags += _tag(f"dispute {data['dispute']}", "bad" if data["dispute"] != "won" else "")
    return _item(
        _usd(data["sale"]["total"]), tags, f"{_describe(data['sale'])} · {_moment(data['created_at'])}", actions
    )


def _subscription(here: str, subscription: Document, plans: Sequence[Plan]) -> str:
    data = subscription.data
    status, cancels, coming = data["status"], data.get("cancels", False), data.get("next")
    actions = []
    if status != "ended":
        actions.append(_button(f"{here}/renew", "Begin the next period", subscription=subscription.id))
        actions.append(_button(f"{here}/fail", "Its payment fails", subscription=subscription.id))
        pausing = "Go on" if status == "paused" else "Pause"
        actions.append(_button(f"{here}/pause", pausing, subscription=subscription.id))
        other = ("resume", "Keep it after all") if cancels else ("cancel-later", "Cancel at the period's end")
        actions.append(_button(f"{here}/{other[0]}", other[1], subscription=subscription.id))
        actions.append(_button(f"{here}/cancel", "Cancel", subscription=subscription.id))
        actions.append(_change_form(here, subscription, plans))
    tag = _tag(status, "" if status in ("active", "trialing") else "bad")
    tag += _tag("ends with its period", "brass") if cancels else ""
    tag += _tag(f"then {coming['plan']}, {coming['seats']} seats", "brass") if coming and not cancels else ""
    until = f" · until {_moment(data['renews_at'])}" if actions else ""
    plan, seats = data.get("plan", data["sale"]["reference"]), data.get("seats", 1)
    period = "year" if data.get("months", 1) > 1 else "month"
    what = (
        f"{seats} seats of {_usd(data.get('credit', data['sale']['credit']))} of credit a month, billed by the {period}"
    )
    return _item(f"Plan {escape(plan)}", tag, what + until, actions)


def _change_form(here: str, subscription: Document, plans: Sequence[Plan]) -> str:
    """The choice of another plan, of seats and of the period."""
    data = subscription.data
    known = data.get("plan", data["sale"]["reference"])
    options = "".join(
        f'<option value="{escape(plan.id)}"{" selected" if plan.id == known else ""}>{escape(plan.name)}</option>'
        for plan in plans
    )
    chosen = " selected" if data.get("months", 1) > 1 else ""
    return (
        f'<form method="post" action="{here}/change">'
        f'<input type="hidden" name="subscription" value="{escape(subscription.id)}">'
        f'<label>Plan <select name="plan">{options}</select></label>'
        f'<label>Seats <input class="narrow" name="seats" value="{data.get("seats", 1)}" inputmode="numeric" required '
        'pattern="[0-9]+"></label><label>By the <select name="interval"><option value="month">month</option>'
        f'<option value="year"{chosen}>year</option></select></label><button>Change</button></form>'
    )


def _discount_fields(coupon: str, tax: str) -> str:
    field = 'class="narrow" inputmode="numeric" required pattern="[0-9]+"'
    return (
        f'<label>Coupon, % <input name="coupon" value="{escape(coupon)}" {field}></label>'
        f'<label>Tax, % <input name="tax" value="{escape(tax)}" {field}></label>'
    )


def _item(title: str, tags: str, text: str, actions: list[str]) -> str:
    buttons = f'<div class="acts">{"".join(actions)}</div>' if actions else ""
    return f'<li><div class="row"><strong>{title}</strong>{tags}<span class="soft">{text}</span></div>{buttons}</li>'


def _tag(text: str, kind: str = "") -> str:
    return f'<span class="tag {kind}">{escape(text)}</span>'


def _card(here: str, card: str | None) -> str:
    if card is None:
        return '<p class="soft">None. It is saved with the first payment.</p>'
    words = {"pays": "Pays", "declines": "Declines", "asks_its_holder": "Asks its holder first"}
    buttons = "".join(_button(f"{here}/card", word, main=mood == card, card=mood) for mood, word in words.items())
    state = f"When it is charged automatically, it: <strong>{words[card].lower()}</strong>"
    return f'<p>{state}</p><div class="acts">{buttons}</div>'


def _lines(sale: Mapping[str, Any]) -> str:
    """What is bought, line by line."""
    if sale["kind"] == "plan":
        lines = [("Plan", escape(sale["reference"])), ("Credit each month", _usd(sale["credit"]))]
    else:
        lines = [("Credit", _usd(sale["credit"]))]
    if sale["bonus"]:
        lines.append(("Bonus", _usd(sale["bonus"])))
    return f"<dl>{''.join(f'<dt>{what}</dt><dd>{how_much}</dd>' for what, how_much in lines)}</dl>"


def _describe(sale: Mapping[str, Any]) -> str:
    if sale["kind"] == "plan":
        return f"{_usd(sale['credit'])} of credit a month"
    bonus = f" and {_usd(sale['bonus'])} bonus" if sale["bonus"] else ""
    return f"{_usd(sale['credit'])} of credit{bonus}"


def _refund_form(here: str, payment_id: str) -> str:
    field = f"amount-{escape(payment_id)}"
    return (
        f'<form method="post" action="{here}/refund"><input type="hidden" name="payment" value="{escape(payment_id)}">'
        f'<label class="hidden" for="{field}">Amount in USD</label><input id="{field}" name="amount" placeholder="USD" '
        'inputmode="decimal" required pattern="[0-9]+([.][0-9]{1,2})?"><button>Refund</button></form>'
    )


def _button(action: str, label: str, *, main: bool = False, **fields: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())
    look = ' class="main"' if main else ""
    return f'<form method="post" action="{escape(action)}">{hidden}<button{look}>{label}</button></form>'


def _page(title: str, body: str, status: int = 200, *, wide: bool = False) -> HTMLResponse:
    look = ' class="wide"' if wide else ""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · Farebox sandbox</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="{_ICON}">'
        f"<style>{STYLE}</style></head><body{look}><header>{LOGO}<h1>{title}</h1>{_tag('sandbox', 'brass')}</header>"
        f'<main>{body}<p class="soft">This is the sandbox: no card is charged and no money moves.</p></main></body>'
        "</html>"
    )
    return HTMLResponse(html, status, headers=HEADERS)


def _usd(nanos: int) -> str:
    return f"{format_usd(nanos)} USD"


def _moment(moment: datetime) -> str:
    return f'<time datetime="{moment.isoformat()}">{moment:%Y-%m-%d %H:%M} UTC</time>'
