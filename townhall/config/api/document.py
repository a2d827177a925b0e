"""Every endpoint of the REST API, and the document that describes them."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings

from townhall.accounts.api import webhooks
from townhall.cases.api import jobs, moves, reports
from townhall.catalogue.api import services
from townhall.core.api.endpoints import Endpoint
from townhall.core.api.openapi import document
from townhall.customers.api import customers
from townhall.intake import api as post
from townhall.payments import api as payments
from townhall.street.api import reporting
from townhall.telephony import api as telephony

BASE = "api/v1/"
VERSION = "1.0.0"
GROUPS = (
    services.group,
    reporting.group,
    reports.group,
    moves.group,
    jobs.group,
    customers.group,
    payments.group,
    telephony.group,
    post.group,
    webhooks.group,
)
ENDPOINTS: tuple[Endpoint, ...] = tuple(endpoint for group in GROUPS for endpoint in group.endpoints)


@cache
def openapi() -> dict[str, Any]:
    return document(
        ENDPOINTS,
        title=f"{settings.COUNCIL_NAME}: reports, services and customers",
        server=f"{settings.PUBLIC_URL}/{BASE.rstrip('/')}",
        version=VERSION,
    )
