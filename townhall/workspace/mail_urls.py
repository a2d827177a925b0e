"""The addresses of shared mailboxes and their mails; a part of workspace.urls."""

from __future__ import annotations

from django.urls import path

from townhall.workspace.views import mail, mail_answering, mail_boxes, mail_routing

urlpatterns = [
    path("work/mail", mail.listed, name="mails"),
    path("work/mail/boxes", mail_boxes.boxes, name="mailboxes"),
    path("work/mail/boxes.csv", mail_boxes.sheet, name="mailboxes_csv"),
    path("work/mail/boxes/<uuid:mailbox_id>", mail_boxes.box, name="mailbox"),
    path("work/mail/boxes/<uuid:mailbox_id>/closing", mail_boxes.begin_closing, name="mailbox_closing"),
    path("work/mail/boxes/<uuid:mailbox_id>/close", mail_boxes.close, name="mailbox_close"),
    path("work/mail/boxes/<uuid:mailbox_id>/reopen", mail_boxes.reopen, name="mailbox_reopen"),
    path("work/mail/routing", mail_routing.page, name="mail_routing"),
    path("work/mail/routing/learn", mail_routing.learn, name="mail_learn"),
    path("work/mail/routing/rules/<uuid:rule_id>/end", mail_routing.end_rule, name="mail_rule_end"),
    path("work/mail/routing/versions/<int:number>", mail_routing.use, name="mail_version"),
    path("work/mail/<uuid:mail_id>", mail.one, name="mail"),
    path("work/mail/<uuid:mail_id>/presence", mail.present, name="mail_present"),
    path("work/mail/<uuid:mail_id>/case", mail.open_case, name="mail_case"),
    path("work/mail/<uuid:mail_id>/complaint", mail_answering.turn_into, name="mail_complaint"),
    path("work/mail/<uuid:mail_id>/file", mail.file_away, name="mail_file"),
    path("work/mail/<uuid:mail_id>/service", mail_answering.send_to, name="mail_service"),
    path("work/mail/<uuid:mail_id>/reply", mail_answering.reply, name="mail_reply"),
    path("work/mail/<uuid:mail_id>/part", mail_answering.split, name="mail_part"),
    path("work/mail/<uuid:mail_id>/with", mail_answering.put_with, name="mail_with"),
    path("work/mail/<uuid:mail_id>/original", mail.original, name="mail_original"),
    path("work/mail/<uuid:mail_id>/picture/<str:content_id>", mail.picture, name="mail_picture"),
]
