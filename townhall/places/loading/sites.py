"""The council's sites: where it has a desk, a library, a depot."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from townhall.core.loading import Batch, Given, Kind, Stored, Values
from townhall.places.loading.storing import stored


def _read(given: Given, batch: Batch) -> Values:
    name = given.text("name", most=200, required=True)
    code = given.text("code", most=50) or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50]
    if code and not re.fullmatch(r"[a-z0-9_-]+", code):
        given.wrong("code", _("It may have small letters, digits and hyphens alone."))
    return {
        "code": code,
        "name": name,
        "address": given.text("address", most=500),
        "phone": given.text("phone", most=50),
    }


def _store(rows: list[Values], batch: Batch) -> Stored:
    return stored("places_site", rows, batch, key=["code"])


SITES = Kind(
    code="sites",
    columns={
        "code": ("code", "site_code", "id"),
        "name": ("name", "site", "title"),
        "address": ("address", "site_address"),
        "phone": ("phone", "telephone"),
    },
    id="code",
    read=_read,
    key=lambda values: str(values["code"]),
    store=_store,
    required=("name",),
)
