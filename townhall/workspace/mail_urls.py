"""The addresses of shared mailboxes and their mails; a part of workspace.urls."""

from __future__ import annotations

from django.urls import path

from townhall.workspace.views import mail

urlpatterns = [
    path("work/mail", mail.listed, name="mails"),
    path("work/mail/boxes", mail.boxes, name="mailboxes"),
    path("work/mail/boxes/<uuid:mailbox_id>/close", mail.close, name="mailbox_close"),
    path("work/mail/<uuid:mail_id>", mail.one, name="mail"),
    path("work/mail/<uuid:mail_id>/case", mail.open_case, name="mail_case"),
    path("work/mail/<uuid:mail_id>/file", mail.file_away, name="mail_file"),
    path("work/mail/<uuid:mail_id>/original", mail.original, name="mail_original"),
]
