"""The payment page: buttons in place of a card, for everything that can come of a payment."""

from __future__ import annotations

from html import escape

from townhall.core.money import Pence, pounds
from townhall.payments.standin.book import FINISHED, Paid

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>{title}</title><style>body{{font:1.1rem/1.5 sans-serif;margin:0;color:#0b0c0c;background:#fff}}
main{{max-width:40rem;margin:0 auto;padding:1rem}}h1{{line-height:1.2}}
dl{{display:grid;grid-template-columns:auto 1fr;gap:.3rem 1rem}}
dt{{font-weight:bold}}dd{{margin:0;overflow-wrap:anywhere}}button{{font:inherit;display:block;width:100%;margin:.5rem 0;padding:.7rem;
border:2px solid #0b0c0c;background:#f3f2f1;color:#0b0c0c;text-align:left;cursor:pointer}}
button.main{{background:#00703c;color:#fff;border-color:#00703c}}
button:focus{{outline:3px solid #fd0;outline-offset:0;box-shadow:inset 0 0 0 2px #0b0c0c}}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""

_BUTTONS = (
    ("success", "normal", "Pay {amount}"),
    ("decline", "normal", "The card is declined"),
    ("cancel", "normal", "Cancel payment"),
    ("expire", "normal", "Let the time run out"),
    ("error", "normal", "The card company has a fault"),
    ("lost", "normal", "Pay, and close the browser (the return is lost)"),
    ("lost", "slow", "Pay, close the browser, and the message comes late"),
    ("lost", "none", "Pay, close the browser, and no message comes"),
    ("success", "double", "Pay, and the message comes twice"),
)


def payment_page(paid: Paid, *, terminal: bool) -> str:
    title = "Card terminal (pretend)" if terminal else "Pretend payment page"
    if paid.status in FINISHED:
        return _PAGE.format(title=title, body="<p>This payment is over. You can close this page.</p>")
    amount = pounds(Pence(paid.amount))
    buttons = "".join(
        f'<button name="do" value="{outcome}:{message}"{" class=main" if number == 0 else ""}>{words.format(amount=amount)}</button>'
        for number, (outcome, message, words) in enumerate(_BUTTONS)
    )
    body = (
        "<p>No card is asked for and no money moves. Choose what happens.</p>"
        f"<dl><dt>To pay</dt><dd>{amount}</dd><dt>For</dt><dd>{escape(paid.description)}</dd>"
        f"<dt>Reference</dt><dd>{escape(paid.reference)}</dd></dl>"
        f'<form method="post">{buttons}</form>'
    )
    return _PAGE.format(title=title, body=body)


def closed_page() -> str:
    return _PAGE.format(
        title="The browser was closed",
        body="<p>The card was charged, and the payer never came back to the council's site.</p>",
    )


def list_page(payments: list[Paid]) -> str:
    rows = "".join(
        f"<li><b>{pounds(Pence(one.amount))}</b> {escape(one.reference)} {escape(one.status)} {escape(one.code)} "
        f"<code>{escape(one.payment_id)}</code></li>"
        for one in reversed(payments[-200:])
    )
    return _PAGE.format(title="Pretend payment provider", body=f"<ul>{rows or '<li>No payment yet.</li>'}</ul>")
