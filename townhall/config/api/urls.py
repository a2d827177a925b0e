from __future__ import annotations

from django.urls import path

from townhall.config.api import views
from townhall.config.api.document import BASE, ENDPOINTS
from townhall.core.api import anything as _anything  # noqa: F401 - the kind of path below
from townhall.core.api.serving import patterns

urlpatterns = [
    path("api/", views.page, name="api"),
    path(f"{BASE}openapi.json", views.document, name="api_document"),
    *patterns(BASE, ENDPOINTS),
    path(f"{BASE}<anything:rest>", views.nothing, name="api_nothing"),
]
