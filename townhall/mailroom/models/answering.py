from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.mailroom.models.mails import Mail


class Answer(models.Model):
    """What somebody on the staff wrote back. The message itself is in notifications, with how far it came."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mail = models.ForeignKey(Mail, on_delete=models.CASCADE)
    message_id = models.UUIDField(null=True)
    key = models.TextField(unique=True)  # of the page it was written on, so that twice is once
    words = models.TextField()
    warned_of = models.JSONField(default=list)  # codes of what the check found and the writer sent all the same
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField()


class Enclosed(models.Model):
    """A file that came with a mail, and what became of it. The bytes are in the original; what was kept is a file of its case."""

    class Verdict(models.TextChoices):
        KEPT = "kept", _("Kept with the case")
        REFUSED = "refused", _("Not a kind of file that we keep")
        ASIDE = "aside", _("Too many files")
        WAITING = "waiting", _("Not looked at yet")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mail = models.ForeignKey(Mail, on_delete=models.CASCADE)
    place = models.PositiveSmallIntegerField()  # among the attachments of the mail, from 0
    name = models.TextField()
    content_type = models.TextField()  # as the mail says, which is not believed
    size = models.PositiveIntegerField()  # bytes
    verdict = models.TextField(choices=Verdict.choices, default=Verdict.WAITING)
    why = models.TextField(blank=True, default="")
    file_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mail", "place"], name="enclosed_once")]


class Part(models.Model):
    """Another matter of the same mail, with a case of its own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mail = models.ForeignKey(Mail, on_delete=models.CASCADE)
    case_id = models.UUIDField()
    words = models.TextField()
    by_id = models.UUIDField()
    at = models.DateTimeField()
