from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from townhall.config.health import healthz

# Doors in the order they are tried, the most visited first. Each app's urls carry their own paths.
DOORS = ["portal", "ui", "accounts", "connectors", "payments", "notifications", "files", "workspace"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("open311/v2/", include("townhall.open311.urls")),
    *(path("", include(f"townhall.{door}.urls")) for door in DOORS),
    path("", include("townhall.config.api.urls")),
    path("", include("townhall.config.demo_urls")),
]

handler400 = "townhall.ui.views.bad_request"
handler403 = "townhall.ui.views.permission_denied"
handler404 = "townhall.ui.views.not_found"
handler500 = "townhall.ui.views.server_error"
