from django.urls import path

from townhall.notifications import views

app_name = "notifications"
urlpatterns = [
    path("notify/callbacks/receipts", views.receipt, name="receipts"),
    path("notify/callbacks/texts", views.text, name="texts"),
    path("notify/callbacks/returned-letters", views.returned_letter, name="returned_letters"),
    path("mail/bounces", views.bounce, name="bounces"),
]
