from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern

# Each part of the workspace keeps its own addresses.
PARTS = ["case_urls", "desk_urls", "admin_urls"]

app_name = "workspace"
urlpatterns: list[URLPattern] = [
    pattern
    for part in PARTS
    if find_spec(f"townhall.workspace.{part}") is not None
    for pattern in import_module(f"townhall.workspace.{part}").urlpatterns
]
