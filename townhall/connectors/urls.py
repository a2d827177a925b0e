from __future__ import annotations

from django.urls import path

from townhall.connectors import views

app_name = "connectors"
urlpatterns = [path("connectors/<slug:code>/events", views.events, name="events")]
