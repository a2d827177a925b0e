"""Mounted at the root: path("", include("townhall.ui.urls"))."""

from __future__ import annotations

from django.urls import path

from townhall.ui import views

app_name = "ui"
urlpatterns = [
    path("ui-components", views.components, name="components"),
    path("stay-signed-in", views.stay, name="stay"),
    path("signed-out", views.session_ended, name="session_ended"),
    path("map/picture.svg", views.map_picture, name="map_picture"),
    path("map/features", views.map_features, name="map_features"),
    path("map/features/nearest", views.map_nearest, name="map_nearest"),
]
