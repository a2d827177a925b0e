from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

from townhall.config.health import healthz

# Doors in the order they are tried, the most visited first. Each app's urls carry their own paths.
DOORS = ["portal", "ui", "accounts", "connectors", "payments", "notifications", "files", "telephony"]


class Beginning(RoutePattern):
    """Adds nothing to a path, and lets only those through that begin so: others need not be held against a door's every page."""

    def __init__(self, *beginnings: str) -> None:
        super().__init__("")
        self._beginnings = beginnings

    def match(self, path: str) -> tuple[str, tuple[Any, ...], dict[str, int | str]] | None:
        return super().match(path) if path.startswith(self._beginnings) else None


_pages, _app, _space = include("townhall.workspace.urls")

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("open311/v2/", include("townhall.open311.urls")),
    URLResolver(Beginning("work/", "contractor/", "partner/"), _pages, app_name=_app, namespace=_space),
    *(path("", include(f"townhall.{door}.urls")) for door in DOORS),
    path("", include("townhall.config.api.urls")),
    path("", include("townhall.config.demo_urls")),
]

handler400 = "townhall.ui.views.bad_request"
handler403 = "townhall.ui.views.permission_denied"
handler404 = "townhall.workspace.views.moved.not_found"
handler500 = "townhall.ui.views.server_error"
