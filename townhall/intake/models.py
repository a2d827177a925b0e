"""Letters, faxes and posts in social media, each as it came, and what the scanner gave that nobody can open."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.intake.states import PieceState


class By(models.TextChoices):
    """The channels by which post comes: codes of contacts.Channel."""

    LETTER = "letter", _("Letter")
    FAX = "fax", _("Fax")
    SOCIAL = "social", _("Social media")


class Source(models.TextChoices):
    UPLOAD = "upload", _("Uploaded")
    FOLDER = "folder", _("From the scanner or the computer fax")
    API = "api", _("From another system")
    HAND = "hand", _("Typed in")


class Piece(models.Model):
    """One document or post. It keeps the channel that it came by, whatever becomes of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.TextField(choices=By.choices)
    source = models.TextField(choices=Source.choices)
    key = models.TextField(unique=True)  # of what came: the same again is the same piece
    title = models.TextField(blank=True, default="")  # as the sender, the scanner or somebody here called it
    line = models.TextField(blank=True, default="")  # the fax number, or our account in the network, that it came to
    network = models.TextField(blank=True, default="")  # of a post
    sender = models.TextField(blank=True, default="")  # who it is from, as it says
    words = models.TextField(blank=True, default="")  # of a post
    link = models.TextField(blank=True, default="")  # where a post is, as its network says
    received_at = models.DateTimeField()  # when the council had it: of a letter, the day on its stamp
    came_at = models.DateTimeField()  # when it was here
    came_by = models.TextField(blank=True, default="")  # who put it here
    paper_id = models.UUIDField(null=True)  # the document to be read; none for a post without a picture
    original_file_id = models.UUIDField(null=True)  # the bytes as they came
    state = models.TextField(choices=PieceState.choices, default=PieceState.WAITING)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="+", db_column="customer_id"
    )
    case_id = models.UUIDField(null=True)
    contact_id = models.UUIDField(null=True)  # the contact that it counts as, once
    ended_at = models.DateTimeField(null=True)  # when it was indexed or set aside
    ended_by = models.TextField(blank=True, default="")
    why = models.TextField(blank=True, default="")  # why it was set aside, or was last taken back

    class Meta:
        indexes = [
            models.Index(fields=["received_at", "id"], condition=Q(state="waiting"), name="post_waiting"),
            models.Index(fields=["-received_at", "-id"], name="post_newest"),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="post_of_case"),
            models.Index(fields=["paper_id"], condition=Q(paper_id__isnull=False), name="post_of_paper"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(network="") | Q(paper_id__isnull=False), name="post_has_something"),
            models.CheckConstraint(
                condition=~Q(state="indexed") | Q(contact_id__isnull=False), name="post_indexed_counts_as_contact"
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="post", id=self.id)

    @property
    def name(self) -> str:
        """What a list calls it."""
        return self.title or self.words[:90] or str(By(self.channel).label)


class Refused(models.Model):
    """A file in the watched folder that cannot be taken in, and why. It lies in the folder `refused` until somebody deals with it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField()
    why = models.TextField()
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["at"], condition=Q(settled_at=None), name="post_refused")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="post_refused", id=self.id)
