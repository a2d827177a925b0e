from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7


class Mailbox(models.Model):
    """A shared address that residents write to, watched by Townhall. `readers`: the staff who may read it, at least two."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address = models.TextField(unique=True)  # lower case
    purpose = models.TextField()
    readers = ArrayField(models.UUIDField())
    state = models.TextField(choices=State.choices, default=State.OPEN)
    host = models.TextField()  # of the IMAP server
    port = models.PositiveIntegerField(default=993)
    encrypted = models.BooleanField(default=True)  # TLS from the first byte
    login = models.TextField()
    secret = models.TextField()  # the name of the environment variable that holds the password
    folder = models.TextField(default="INBOX")
    uid_validity = models.BigIntegerField(null=True)  # RFC 9051: of another value, the server numbered its mails anew
    last_uid = models.BigIntegerField(default=0)
    next_fetch_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)  # when it was last read to its end
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(readers__len__gte=2), name="mailbox_two_readers"),
        ]
        indexes = [models.Index(fields=["next_fetch_at"], condition=~Q(state="closed"), name="mailbox_due")]


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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "digest"], name="mail_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(done=""), name="mail_waiting"),
            models.Index(fields=["mailbox", "-received_at", "-id"], name="mail_of_box"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="mail_message_id"),
            models.Index(fields=["from_address", "received_at"], name="mail_of_sender"),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="mail_of_case"),
        ]


class Original(models.Model):
    """The mail byte for byte, as the server gave it. Never changed."""

    mail = models.OneToOneField(Mail, on_delete=models.CASCADE, primary_key=True)
    raw = models.BinaryField()
