from __future__ import annotations

from django.urls import path

from townhall.files import views

app_name = "files"
urlpatterns = [
    path("files/<uuid:file_id>", views.file, name="file"),
    path("files/<uuid:file_id>/thumbnail", views.thumbnail, name="thumbnail"),
]
