"""The sandbox's pages: plain HTML with forms, no script, nothing from another server.

Their content security policy allows their own style sheet, by its hash, and forms to where they came from.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from starlette.responses import HTMLResponse

from functions.farebox.money import format_usd
from functions.farebox.payments.sandbox_desk import Account
from functions.farebox.storage import Document

STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem; }
.note { border-inline-start: .3rem solid #b8860b; padding-inline-start: .8rem; }
.sum { font-size: 2rem; font-weight: 600; margin: .5rem 0; }
form { display: inline-block; margin: .2rem .4rem .2rem 0; }
button { font: inherit; padding: .5rem 1.1rem; border-radius: .4rem; border: 1px solid currentColor; cursor: pointer;
  background: transparent; color: inherit; }
button.main { background: #0b5d3b; border-color: #0b5d3b; color: #fff; }
button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid #4c8bf5; outline-offset: 2px; }
input { font: inherit; padding: .4rem; width: 7rem; }
li { margin-block: 1rem; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}


def checkout_page(session: Document, *, declined: bool) -> HTMLResponse:
    """A checkout: what is bought, and the two buttons."""
    data = session.data
    here = f"/sandbox/checkout/{session.id}"
    if data["state"] == "paid":
        body = (
            '<p role="status">Paid. The credit is in your wallet.</p>'
            f'<p><a href="{escape(data["return_url"])}">Back to Farebox</a></p>'
        )
        return _page("Paid", body)
    warning = '<p role="alert">The card was declined. Try again, or pay.</p>' if declined else ""
    body = (
        f"{warning}<p>{_describe(data['sale'])}</p>"
        f'<p class="sum">{_usd(data["sale"]["total"])}</p>'
        f"{_button(f'{here}/pay', 'Pay', main=True)}{_button(f'{here}/decline', 'Decline the card')}"
        f'<p><a href="{escape(data["return_url"])}">Leave without paying</a></p>'
    )
    return _page("Checkout", body)


def portal_page(account: Account) -> HTMLResponse:
    """A customer's payments and subscriptions, with everything that may happen to them."""
    here = f"/sandbox/portal/{account.customer.id}"
    payments = "".join(_payment(here, payment) for payment in account.payments) or "<p>None yet.</p>"
    subscriptions = "".join(_subscription(here, each) for each in account.subscriptions) or "<p>None yet.</p>"
    body = (
        f"<h2>Payments</h2><ul>{payments}</ul><h2>Subscriptions</h2><ul>{subscriptions}</ul>"
        f"<h2>Saved card</h2>{_card(here, account.customer.data['card'])}"
    )
    return _page("Payments", body)


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
    state = f"{_usd(data['refunded'])} refunded" if data["refunded"] else "paid"
    dispute = f", dispute {data['dispute']}" if data["dispute"] else ""
    return (
        f"<li><strong>{_usd(data['sale']['total'])}</strong> {_describe(data['sale'])}, {state}{dispute}, "
        f"{_moment(data['created_at'])}<br>{''.join(actions)}</li>"
    )


def _subscription(here: str, subscription: Document) -> str:
    data = subscription.data
    actions = ""
    if data["status"] != "ended":
        actions = _button(f"{here}/renew", "Begin the next month", subscription=subscription.id)
        actions += _button(f"{here}/cancel", "Cancel", subscription=subscription.id)
    return f"<li>{_describe(data['sale'])}, {data['status']}, renews {_moment(data['renews_at'])}<br>{actions}</li>"


def _card(here: str, card: str | None) -> str:
    if card is None:
        return "<p>None. It is saved with the first payment.</p>"
    words = {"pays": "Pays", "declines": "Declines", "asks_its_holder": "Asks its holder first"}
    buttons = "".join(_button(f"{here}/card", word, main=mood == card, card=mood) for mood, word in words.items())
    return f"<p>When it is charged automatically, it: <strong>{words[card].lower()}</strong></p>{buttons}"


def _describe(sale: Mapping[str, Any]) -> str:
    if sale["kind"] == "plan":
        return f"Plan {escape(sale['reference'])}: {_usd(sale['credit'])} of credit a month"
    bonus = f" and {_usd(sale['bonus'])} bonus" if sale["bonus"] else ""
    return f"{_usd(sale['credit'])} of credit{bonus}"


def _refund_form(here: str, payment_id: str) -> str:
    field = f"amount-{escape(payment_id)}"
    return (
        f'<form method="post" action="{here}/refund"><input type="hidden" name="payment" value="{escape(payment_id)}">'
        f'<label for="{field}">USD </label><input id="{field}" name="amount" inputmode="decimal" required '
        'pattern="[0-9]+([.][0-9]{1,2})?"> <button>Refund</button></form>'
    )


def _button(action: str, label: str, *, main: bool = False, **fields: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())
    look = ' class="main"' if main else ""
    return f'<form method="post" action="{escape(action)}">{hidden}<button{look}>{label}</button></form>'


def _page(title: str, body: str) -> HTMLResponse:
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · Farebox sandbox</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body><main><h1>{title}</h1>'
        f'<p class="note">This is the sandbox: no card is charged and no money moves.</p>{body}</main></body></html>'
    )
    return HTMLResponse(html, headers=HEADERS)


def _usd(nanos: int) -> str:
    return f"{format_usd(nanos)} USD"


def _moment(moment: datetime) -> str:
    return f'<time datetime="{moment.isoformat()}">{moment:%Y-%m-%d %H:%M} UTC</time>'
