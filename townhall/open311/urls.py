from __future__ import annotations

from django.urls import path

from townhall.open311.api import updates, views

app_name = "open311"
BASE = "open311/v2"
urlpatterns = [
    path(f"{BASE}/discovery.<str:extension>", views.discovery, name="discovery"),
    path(f"{BASE}/services.<str:extension>", views.services, name="services"),
    path(f"{BASE}/services/<str:code>.<str:extension>", views.service, name="service"),
    path(f"{BASE}/requests.<str:extension>", views.service_requests, name="requests"),
    path(f"{BASE}/requests/<str:reference>.<str:extension>", views.service_request, name="request"),
    path(f"{BASE}/tokens/<str:token>.<str:extension>", views.token, name="token"),
    path(f"{BASE}/servicerequestupdates.<str:extension>", updates.service_request_updates, name="updates"),
    path(f"{BASE}/openapi.json", views.document, name="document"),
    path(f"{BASE}/<path:rest>", views.nothing, name="nothing"),
]
