from __future__ import annotations

from django.urls import path

from townhall.telephony import views

app_name = "telephony"
urlpatterns = [
    path("on-call/<str:token>", views.on_call, name="on_call"),
    path("video/<str:room>", views.room, name="room"),
]
