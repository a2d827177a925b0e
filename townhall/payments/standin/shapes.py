"""The pretend provider's answers, in the shapes of the published API."""

from __future__ import annotations

from typing import Any

from townhall.payments.standin.book import FINISHED, Paid


def state(paid: Paid) -> dict[str, Any]:
    shown: dict[str, Any] = {"status": paid.status, "finished": paid.status in FINISHED}
    if paid.code:
        shown |= {"code": paid.code, "message": paid.message}
    return shown


def payment(paid: Paid, *, base: str) -> dict[str, Any]:
    """`base`: the address of this provider, before /v1."""
    over = paid.status in FINISHED
    link = f"{base}/v1/payments/{paid.payment_id}"
    left = paid.amount - paid.refunded
    can_refund = paid.status == "success"
    links: dict[str, Any] = {
        "self": {"href": link, "method": "GET"},
        "events": {"href": f"{link}/events", "method": "GET"},
        "refunds": {"href": f"{link}/refunds", "method": "GET"},
    }
    if not over:
        links["next_url"] = {"href": f"{base}/secure/{paid.token}", "method": "GET"}
        links["cancel"] = {"href": f"{link}/cancel", "method": "POST"}
    shown: dict[str, Any] = {
        "payment_id": paid.payment_id,
        "payment_provider": "sandbox",
        "amount": paid.amount,
        "reference": paid.reference,
        "description": paid.description,
        "return_url": paid.return_url,
        "language": paid.language,
        "created_date": paid.created,
        "delayed_capture": False,
        "moto": paid.moto,
        "state": state(paid),
        "refund_summary": {
            "status": ("available" if left else "full") if can_refund else "pending" if not over else "unavailable",
            "amount_available": left if can_refund else 0,
            "amount_submitted": paid.refunded,
        },
        "settlement_summary": {"settled_date": paid.settled_on} if paid.settled_on else {},
        "_links": links,
        "a_property_nobody_knows": True,  # callers have to pass over what they do not know
    }
    if paid.email:
        shown["email"] = paid.email
    if paid.metadata:
        shown["metadata"] = paid.metadata
    return shown


def refund(one: dict[str, Any], paid: Paid, *, base: str) -> dict[str, Any]:
    link = f"{base}/v1/payments/{paid.payment_id}"
    return {
        **one,
        "_links": {
            "self": {"href": f"{link}/refunds/{one['refund_id']}", "method": "GET"},
            "payment": {"href": link, "method": "GET"},
        },
    }


def error(code: str, description: str, *, field: str = "") -> dict[str, str]:
    shown = {"code": code, "description": description}
    return {**shown, "field": field} if field else shown
