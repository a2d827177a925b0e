from django.urls import path

from townhall.config import demo_views

urlpatterns = [
    path("demo/mailbox", demo_views.mailbox, name="demo_mailbox"),
    path("demo/mailbox/<slug:name>", demo_views.mail, name="demo_mail"),
    path("demo/mailbox/<slug:name>/answer", demo_views.reply, name="demo_reply"),
]
