from __future__ import annotations

from django.urls import path

from townhall.core.api import anything as _anything  # noqa: F401 - the kind of path below
from townhall.open311.api import updates, views

app_name = "open311"  # mounted at open311/v2/
urlpatterns = [
    path("discovery.<str:extension>", views.discovery, name="discovery"),
    path("services.<str:extension>", views.services, name="services"),
    path("services/<str:code>.<str:extension>", views.service, name="service"),
    path("requests.<str:extension>", views.service_requests, name="requests"),
    path("requests/<str:reference>.<str:extension>", views.service_request, name="request"),
    path("tokens/<str:token>.<str:extension>", views.token, name="token"),
    path("servicerequestupdates.<str:extension>", updates.service_request_updates, name="updates"),
    path("openapi.json", views.document, name="document"),
    path("<anything:rest>", views.nothing, name="nothing"),
]
