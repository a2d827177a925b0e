from __future__ import annotations

from django.urls import path

from townhall.workspace.views import permit_prices, permits

urlpatterns = [
    path("work/permits", permits.listed, name="permits"),
    path("work/permits/prices", permit_prices.prices, name="permit_prices"),
    path("work/permits/check", permits.check, name="permit_check"),
    path("work/permits/<uuid:permit_id>", permits.show, name="permit"),
    path("work/permits/<uuid:permit_id>/evidence", permits.checked, name="permit_evidence"),
    path("work/permits/<uuid:permit_id>/refusal", permits.refuse, name="permit_refusal"),
    path("work/permits/<uuid:permit_id>/vehicle", permits.vehicle, name="permit_vehicle"),
    path("work/permits/<uuid:permit_id>/end", permits.end, name="permit_end"),
]
