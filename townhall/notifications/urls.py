from django.urls import path

from townhall.notifications import views

app_name = "notifications"
urlpatterns = [path("notify/callbacks/receipts", views.receipt, name="receipts")]
