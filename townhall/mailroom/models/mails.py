from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.mailroom.models.boxes import Mailbox

ANSWERED = "answered"  # a filter of lists: of those that need a person, the ones that were answered


class Mail(models.Model):
    """A mail that came in, as read. The row is the job to act on it; the mail itself is in Original."""

    class Done(models.TextChoices):
        WAITING = "", _("Waiting")
        CASE = "case", _("A case")
        MORE = "more", _("Added to its case")
        TRIAGE = "triage", _("For somebody to read")
        BOUNCE = "bounce", _("A message of ours that came back")
        AUTOMATIC = "automatic", _("An automatic answer")
        LIST = "list", _("From a mailing list")
        FILED = "filed", _("Read, and needs no answer")
        COMPLAINT = "complaint", _("A complaint, comment or compliment")
        REDIRECTED = "redirected", _("Sent on to the form, as the mailbox is closed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT)
    digest = models.TextField()  # SHA-256 of the mail, so that it is taken in once
    message_id = models.TextField(blank=True)
    refers_to = ArrayField(models.TextField(), default=list)  # Message-IDs it answers, the nearest first
    from_address = models.TextField(blank=True)
    from_name = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    kind = models.TextField()  # reading.kinds.Kind
    may_acknowledge = models.BooleanField()
    words = models.TextField(blank=True)  # the whole body
    new_words = models.TextField(blank=True)  # without what it quotes
    attachments = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()
    done = models.TextField(choices=Done.choices, blank=True, default=Done.WAITING)
    why = models.TextField(blank=True, default="")  # why it is for somebody to read, or was filed
    case_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField(null=True)  # when somebody first read it here
    answered_at = models.DateTimeField(null=True)  # when somebody first answered, or it needed no answer
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)  # how often acting on it failed
    try_at = models.DateTimeField(null=True)  # not before then, after a failure

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "digest"], name="mail_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(done=""), name="mail_waiting"),
            models.Index(fields=["mailbox", "-received_at", "-id"], name="mail_of_box"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="mail_message_id"),
            models.Index(fields=["from_address", "received_at"], name="mail_of_sender"),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="mail_of_case"),
            models.Index(
                fields=["mailbox", "received_at"],
                condition=Q(answered_at__isnull=True, done__in=("triage", "case", "more")),
                name="mail_unanswered",
            ),
        ]

    @property
    def state_words(self) -> str:
        """What became of it, in words."""
        return state_words(Mail.Done(self.done), is_answered=self.answered_at is not None)

    @property
    def subject_row(self) -> Subject:
        """What clocks and the ledger call it; `subject` is its subject line."""
        return Subject(kind="mail", id=self.pk)


TO_ANSWER = (Mail.Done.CASE, Mail.Done.MORE, Mail.Done.TRIAGE)
TO_DECIDE = (Mail.Done.TRIAGE, Mail.Done.AUTOMATIC, Mail.Done.LIST)  # a reader may open a case for it, or file it


def state_words(done: Mail.Done, *, is_answered: bool) -> str:
    """What became of a mail; one that needed a person and was answered says so, whatever it waited for before."""
    return str(_("Answered")) if is_answered and done in TO_ANSWER else str(done.label)


class Original(models.Model):
    """The mail byte for byte, as the server gave it. Never changed."""

    mail = models.OneToOneField(Mail, on_delete=models.CASCADE, primary_key=True)
    raw = models.BinaryField()
