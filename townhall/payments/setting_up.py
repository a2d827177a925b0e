"""Which ways of taking money this council has, from its settings."""

from __future__ import annotations

from django.conf import settings

from townhall.payments import phone
from townhall.payments.govuk import GovukPay
from townhall.payments.models import Method
from townhall.payments.protocol import Provider, register

ONLINE, TERMINAL = "pay", "terminal"
OF_METHOD = {Method.CARD: ONLINE, Method.TERMINAL: TERMINAL, Method.PHONE: phone.CODE}


def register_all() -> None:
    register(ONLINE, online)
    register(TERMINAL, _terminal)
    register(phone.CODE, phone.PhoneLine)


def online() -> Provider:
    return GovukPay(
        base_url=settings.PAY_BASE_URL, api_key=settings.PAY_API_KEY, webhook_secret=settings.PAY_WEBHOOK_SECRET
    )


def _terminal() -> Provider:
    return GovukPay(
        base_url=settings.PAY_TERMINAL_URL,
        api_key=settings.PAY_TERMINAL_KEY,
        webhook_secret=settings.PAY_WEBHOOK_SECRET,
    )


def takes(method: Method) -> bool:
    """Whether the settings say how to take money in this way."""
    return {Method.CARD: settings.PAY_BASE_URL, Method.TERMINAL: settings.PAY_TERMINAL_URL, Method.PHONE: "yes"}[
        method
    ] != ""
