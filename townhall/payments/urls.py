from __future__ import annotations

from django.urls import path

from townhall.payments import views

app_name = "payments"
urlpatterns = [path("payments/messages/<slug:code>", views.messages, name="messages")]
