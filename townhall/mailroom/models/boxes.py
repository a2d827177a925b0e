from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Post
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.mailroom.states import BoxState


class Mailbox(models.Model):
    """A shared address that residents write to, watched by Townhall. `readers`: the staff who may read it, at least two."""

    State = BoxState

    class Way(models.TextChoices):
        IMAP = "imap", _("IMAP")
        GRAPH = "graph", _("Microsoft 365")

    class Afterwards(models.TextChoices):
        """What becomes of the server's copy once it is kept here."""

        LEAVE = "leave", _("Left as it is")
        MARK = "mark", _("Marked as read")
        MOVE = "move", _("Moved to another folder")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address = models.TextField(unique=True)  # lower case
    purpose = models.TextField()
    readers = ArrayField(models.UUIDField())
    owner_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, db_index=False)  # who answers for it
    reply_days = models.PositiveSmallIntegerField(
        default=2, db_default=2
    )  # the reply standard, in working days of the council
    state = models.TextField(choices=BoxState.choices, default=BoxState.OPEN)
    last_opened_at = models.DateTimeField(null=True)  # when one of its readers last looked
    alerted_at = models.DateTimeField(null=True)  # when its owner was last told that nobody does

    way = models.TextField(choices=Way.choices, default=Way.IMAP, db_default=Way.IMAP)
    host = models.TextField(blank=True)  # of the IMAP server
    port = models.PositiveIntegerField(default=993)
    encrypted = models.BooleanField(default=True)  # TLS from the first byte
    tenant = models.TextField(blank=True, default="", db_default="")  # Microsoft 365: the council's directory
    login = models.TextField()  # Microsoft 365: the application's id
    secret = models.TextField()  # the name of the environment variable that holds the password
    folder = models.TextField(default="INBOX")
    uid_validity = models.BigIntegerField(null=True)  # RFC 9051: of another value, the server numbered its mails anew
    last_uid = models.BigIntegerField(default=0)
    afterwards = models.TextField(choices=Afterwards.choices, default=Afterwards.LEAVE, db_default=Afterwards.LEAVE)
    moved_to = models.TextField(blank=True, default="", db_default="")  # a folder
    delta_link = models.TextField(blank=True, default="", db_default="")  # Microsoft 365: where the next look goes on
    next_fetch_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)  # when it was last read to its end
    error = models.TextField(blank=True, default="")

    replacement = models.TextField(blank=True, default="", db_default="")  # the service whose form does instead
    closing_at = models.DateTimeField(null=True)  # when its closing began
    replies_until = models.DateField(null=True)  # until then every answer says that it closes
    closed_at = models.DateTimeField(null=True)
    closing_proposed_at = models.DateTimeField(null=True)  # when it was seen to be unused
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(readers__len__gte=2), name="mailbox_two_readers"),
            models.CheckConstraint(
                condition=~Q(state=BoxState.CLOSING)
                | (~Q(replacement="") & Q(closing_at__isnull=False, replies_until__isnull=False)),
                name="mailbox_closes_for_a_form",
            ),
        ]
        indexes = [models.Index(fields=["next_fetch_at"], name="mailbox_due")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="mailbox", id=self.pk)
